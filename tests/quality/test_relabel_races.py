"""Many reviewers at once: on PostgreSQL these are real races, on SQLite they queue for the one write lock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from django.db.models import Count

from escollect.people.models import Participant
from escollect.quality.actions.campaigns import close_campaign
from escollect.quality.actions.relabelling import RelabelRefused, give, take
from escollect.quality.models import Relabel
from escollect.quality.relabelling import LEASE
from tests.conversations.test_concurrency import at_once
from tests.quality.relabels import draw, make_pool, make_staff, make_supporters

pytestmark = pytest.mark.django_db(transaction=True)


def work(participant: Participant) -> int:
    """Label until there is nothing left; how many opinions it were."""
    given = 0
    while (row := take(participant)) is not None:
        give(participant, row.pk, "Others")
        given += 1
    return given


def test_many_reviewers_at_once_give_every_item_its_opinions_and_no_more(tmp_path: Path) -> None:
    study = make_pool(tmp_path, 2)
    campaign = draw(study, 12)
    people = make_supporters(study, 6)
    at_once([partial(work, who) for who in people])
    counts = Counter(Relabel.objects.filter(given_at__isnull=False).values_list("item", flat=True))
    assert counts == dict.fromkeys(campaign.items.values_list("pk", flat=True), 3)
    assert Relabel.objects.count() == 36


def test_a_late_opinion_and_a_fresh_assignment_do_not_both_get_the_last_place(tmp_path: Path) -> None:
    study = make_pool(tmp_path, 2)
    campaign = draw(study, 8)
    late, fresh = make_supporters(study, 3), make_supporters(study, 3)
    rows = [(who, take(who)) for who in late]
    for row in Relabel.objects.all():
        row.lease_until -= LEASE
        row.save()

    def come_late(who: Participant, row: Relabel) -> bool:
        try:
            give(who, row.pk, "Others")
        except RelabelRefused:
            return False
        return True

    calls: list[Callable[[], object]] = [partial(come_late, who, row) for who, row in rows if row]
    at_once([*calls, *(partial(work, who) for who in fresh)])
    for who in late:
        work(who)
    counts = Counter(Relabel.objects.filter(given_at__isnull=False).values_list("item", flat=True))
    assert counts == dict.fromkeys(campaign.items.values_list("pk", flat=True), 3)


def test_an_opinion_that_was_taken_stays_when_the_campaign_is_closed_at_that_moment(tmp_path: Path) -> None:
    study = make_pool(tmp_path, 2)
    campaign = draw(study, 10)

    def work_on(who: Participant) -> int:
        given = 0
        with suppress(RelabelRefused):
            while (row := take(who)) is not None:
                give(who, row.pk, "Others")
                given += 1
        return given

    def close() -> int:
        close_campaign(campaign, make_staff(), "Enough.")
        return 0

    calls: list[Callable[[], object]] = [partial(work_on, who) for who in make_supporters(study, 4)]
    given = sum(int(str(count)) for count in at_once([*calls[:3], close, *calls[3:]]))
    assert Relabel.objects.filter(given_at__isnull=False).count() == Relabel.objects.count() == given
    settled = campaign.items.exclude(state="open").annotate(n=Count("relabels"))
    assert set(settled.values_list("n", flat=True)) <= {3}
