from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from escollect.audit.models import AuditRow
from escollect.conversations.actions import erase
from escollect.conversations.models import Conversation
from escollect.people.actions import block, withdraw
from escollect.people.models import Participant
from escollect.quality.actions.campaigns import (
    CampaignRefused,
    Plan,
    adjudicate,
    close_campaign,
    create_campaign,
    give_known_answer,
    set_aside,
)
from escollect.quality.actions.relabelling import RelabelRefused, give, skip, take
from escollect.quality.models import Campaign, Item, Relabel
from escollect.quality.relabel_report import get_progress, get_reviewers
from escollect.quality.relabelling import LEASE, get_assignment, get_finals, get_task, has_tasks
from escollect.studies.models import Study
from tests.quality.relabels import draw, label, make_pool, make_staff, make_supporters
from tests.quality.rooms import agree, finish
from tests.support.rooms import make_participant, make_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """Two accepted conversations with sixteen supporter utterances."""
    return make_pool(tmp_path, 2)


def lapse() -> None:
    """Let the lease of every assignment run out."""
    for row in Relabel.objects.filter(given_at=None):
        row.lease_until -= LEASE
        row.save()


def wrong(item: Item) -> str:
    return "Information" if item.original != "Information" else "Others"


def give_all(people: list[Participant], strategy: str = "") -> None:
    """Everybody labels everything, with one strategy or with the first label of each."""
    for who in people:
        while (row := take(who)) is not None:
            give(who, row.pk, strategy or row.item.original)


def test_a_draw_is_told_by_its_seed_and_leaves_out_what_was_drawn(study: Study) -> None:
    first = draw(study, 6, seed=11)
    drawn = list(first.items.order_by("order").values_list("conversation", "seq", "original"))
    assert (first.seed, first.drawn) == (11, {"size": 6, "pool": 16, "gold": 0})
    assert len(set(drawn)) == 6
    assert draw(study, 20, how="risk").items.count() == 10
    with pytest.raises(CampaignRefused, match="nothing to draw"):
        draw(study, 1)
    first.delete()
    Campaign.objects.all().delete()
    again = draw(study, 6, seed=11)
    assert list(again.items.order_by("order").values_list("conversation", "seq", "original")) == drawn


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": " "}, "title"),
        ({"draw": "best"}, "draw"),
        ({"size": 0, "gold": 0}, "size"),
        ({"opinions": 2}, "opinions"),
        ({"gold": 400}, "gold"),
        ({"seed": -1}, "seed"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_by_field(change: dict[str, object], field: str) -> None:
    plan = Plan(**{"title": "Look again", **change})  # type: ignore[arg-type]
    with pytest.raises(CampaignRefused) as refused:
        create_campaign(make_study(), plan, make_staff())
    assert set(refused.value.fields) == {field}


def test_only_what_both_let_be_published_is_shown_to_others() -> None:
    study = make_study()
    made = finish(study)
    Conversation.objects.update(verdict="accepted")
    campaign = draw(study, 20)
    assert campaign.items.count() == made.supporter_utterances == 8
    campaign.delete()
    agree(made.seeker.consents.model(participant=made.seeker, version=study.current), public=False)
    with pytest.raises(CampaignRefused, match="nothing to draw"):
        draw(study, 20)


def test_nobody_labels_a_conversation_they_took_part_in() -> None:
    study = make_study()
    made = finish(study)
    Conversation.objects.update(verdict="accepted")
    draw(study, 3)
    as_supporter = make_participant(study, "supporter", person=made.seeker.person)
    assert take(made.supporter) is None
    assert take(as_supporter) is None
    assert not has_tasks(made.supporter)
    (other,) = make_supporters(study, 1)
    assert has_tasks(other)
    assert take(other) is not None


def test_only_qualified_supporters_are_asked(study: Study) -> None:
    draw(study, 3)
    seeker = make_participant(study, "seeker")
    learner = make_participant(study, "supporter", qualified=False)
    for who in (seeker, learner):
        assert not has_tasks(who)
        with pytest.raises(RelabelRefused, match="not_yours"):
            take(who)


def test_no_item_gets_more_opinions_than_wanted_and_nobody_the_same_twice(study: Study) -> None:
    campaign = draw(study, 4)
    people = make_supporters(study, 5)
    give_all(people)
    assert {item.relabels.count() for item in campaign.items.all()} == {3}
    assert not any(has_tasks(who) for who in people)
    assert get_progress([campaign])[campaign.pk].final == 4


def test_an_assignment_holds_a_place_only_while_its_lease_lasts(study: Study) -> None:
    campaign = draw(study, 1)
    gone, *others = make_supporters(study, 5)
    left = take(gone)
    assert left is not None
    assert take(gone) == left
    label(others[0], "Question")
    label(others[1], "Question")
    assert take(others[2]) is None
    lapse()
    assert get_assignment(gone) is None
    assert take(others[2]) is not None
    with pytest.raises(RelabelRefused, match="taken"):
        give(gone, left.pk, "Others")
    label(others[2], "Question")
    item = campaign.items.get()
    assert item.relabels.filter(given_at__isnull=False).count() == 3


def test_an_opinion_that_comes_late_counts_while_there_is_room(study: Study) -> None:
    campaign = draw(study, 1)
    (late,) = make_supporters(study, 1)
    row = take(late)
    assert row is not None
    lapse()
    give(late, row.pk, "Others")
    assert get_progress([campaign])[campaign.pk].given == 1


def test_the_same_opinion_twice_does_no_harm_and_another_one_is_refused(study: Study) -> None:
    draw(study, 2)
    (who,) = make_supporters(study, 1)
    row = take(who)
    assert row is not None
    give(who, row.pk, "Others")
    give(who, row.pk, "Others")
    with pytest.raises(RelabelRefused, match="given"):
        give(who, row.pk, "Question")
    with pytest.raises(RelabelRefused, match="strategy"):
        give(who, row.pk, "Greeting")
    assert list(Relabel.objects.values_list("strategy", flat=True)) == ["Others"]


def test_what_somebody_skips_goes_to_others(study: Study) -> None:
    draw(study, 1)
    people = make_supporters(study, 4)
    row = take(people[0])
    assert row is not None
    skip(people[0], row.pk)
    assert take(people[0]) is None
    assert [label(who, "Others").seq for who in people[1:]] == [row.item.seq] * 3


def test_a_person_decides_where_more_than_three_quarters_differ(study: Study) -> None:
    campaign = draw(study, 1)
    people, staff = make_supporters(study, 3), make_staff()
    for who in people:
        label(who, wrong(campaign.items.get()))
    item = campaign.items.get()
    assert (item.state, item.final, get_finals([item.conversation_id])) == ("adjudication", "", {})
    with pytest.raises(CampaignRefused, match="labels that were given"):
        adjudicate(
            item, "Self-disclosure" if item.original != "Self-disclosure" else "Question", staff, "So."
        )
    with pytest.raises(CampaignRefused, match="reason"):
        adjudicate(item, wrong(item), staff, "  ")
    adjudicate(item, wrong(item), staff, "It gives a fact.")
    assert get_finals([item.conversation_id]) == {item.conversation_id: {item.seq: wrong(item)}}
    adjudicate(item, item.original, staff, "I read it again: it asks.")
    rows = (
        AuditRow.objects.filter(action="relabel.adjudicated").order_by("pk").values_list("old", "new", "why")
    )
    assert list(rows) == [
        (
            {"label": item.original, "adjudicated": False},
            {"label": wrong(item), "adjudicated": True},
            "It gives a fact.",
        ),
        (
            {"label": wrong(item), "adjudicated": True},
            {"label": item.original, "adjudicated": True},
            "I read it again: it asks.",
        ),
    ]
    item.refresh_from_db()
    assert (item.state, item.final, item.original != wrong(item)) == ("final", item.original, True)


def test_what_was_erased_meanwhile_is_not_decided(study: Study) -> None:
    item = draw(study, 1).items.get()
    Item.objects.all().delete()
    with pytest.raises(CampaignRefused, match="erased a moment ago"):
        adjudicate(item, item.original, make_staff(), "It asks.")


def test_a_label_that_holds_waits_for_nobody(study: Study) -> None:
    campaign = draw(study, 1)
    item = campaign.items.get()
    first, *others = make_supporters(study, 3)
    label(first, item.original)
    for who in others:
        label(who, wrong(item))
    item.refresh_from_db()
    assert (item.state, item.final, item.adjudicated) == ("final", item.original, False)
    with pytest.raises(CampaignRefused, match="does not wait"):
        adjudicate(item, wrong(item), make_staff(), "I like it better.")


def test_known_answers_are_asked_of_everybody_and_never_change_a_label(study: Study) -> None:
    campaign = draw(study, 5, gold=1)
    gold = campaign.items.get(is_gold=True)
    people, staff = make_supporters(study, 4), make_staff()
    give_all(people[:1])
    assert not gold.relabels.exists()
    give_known_answer(gold, "Others", staff)
    with pytest.raises(CampaignRefused, match="answer already"):
        give_known_answer(gold, "Question", staff)
    give_all(people[1:], "Information")
    assert {who.participant for who in get_reviewers(campaign) if who.gold.n} == {
        one.pk for one in people[1:3]
    } | ({people[3].pk} if gold.relabels.count() == 3 else set())
    gold.refresh_from_db()
    assert (gold.state, gold.final, get_finals([gold.conversation_id]).get(gold.conversation_id, {})) == (
        "open",
        "",
        {},
    )


def test_settled_utterances_become_known_answers_of_the_next_campaign(study: Study) -> None:
    first = draw(study, 4)
    give_all(make_supporters(study, 3))
    second = draw(study, 4, gold=4)
    assert set(second.items.filter(is_gold=True).values_list("seq", "conversation", "gold")) == set(
        first.items.values_list("seq", "conversation", "original")
    )


def test_opinions_that_are_set_aside_are_asked_of_others(study: Study) -> None:
    campaign = draw(study, 3)
    people, staff = make_supporters(study, 4), make_staff()
    give_all(people[:3])
    assert get_progress([campaign])[campaign.pk].final == 3
    with pytest.raises(CampaignRefused, match="reason"):
        set_aside(campaign, people[0], staff, "")
    assert set_aside(campaign, people[0], staff, "Faster than anybody can read.") == 3
    progress = get_progress([campaign])[campaign.pk]
    assert (progress.open, progress.given) == (3, 6)
    assert take(people[0]) is None
    give_all(people[3:])
    assert get_progress([campaign])[campaign.pk].final == 3
    assert Relabel.objects.count() == 12


def test_a_closed_campaign_settles_what_three_people_labelled(study: Study) -> None:
    campaign = draw(study, 2, opinions=5)
    people, staff = make_supporters(study, 4), make_staff()
    for who in people[:3]:
        label(who, wrong(campaign.items.order_by("order")[0]))
    waiting = take(people[3])
    assert waiting is not None
    assert close_campaign(campaign, staff, "Enough.") == 1
    first, second = campaign.items.order_by("order")
    assert (first.state, second.state) == ("adjudication", "open")
    with pytest.raises(RelabelRefused, match="not_yours"):
        give(people[3], waiting.pk, "Others")
    assert not has_tasks(people[3])
    with pytest.raises(CampaignRefused, match="closed before"):
        close_campaign(campaign, staff, "Enough.")


def test_an_erased_conversation_takes_its_items_with_it(study: Study) -> None:
    campaign = draw(study, 16)
    who, *_others = make_supporters(study, 1)
    give_all([who])
    gone = Conversation.objects.order_by("pk")[0]
    erase(gone)
    assert campaign.items.count() == 8
    assert set(Relabel.objects.values_list("item__conversation", flat=True)) == {
        Conversation.objects.exclude(pk=gone.pk).get().pk
    }


def test_the_opinions_of_who_withdrew_stay_as_counts_without_them(study: Study) -> None:
    campaign = draw(study, 3)
    gone, other = make_supporters(study, 2)
    label(gone, "Others")
    label(gone, "Others")
    assert take(gone) is not None
    label(other, "Others")
    withdraw(gone)
    kept = Relabel.objects.filter(participant=None)
    assert list(kept.values_list("strategy", flat=True)) == ["Others", "Others"]
    assert {row.assigned_at == row.given_at for row in kept} == {True}
    assert Relabel.objects.count() == 3
    assert get_progress([campaign])[campaign.pk].given == 3
    assert [row.participant for row in get_reviewers(campaign)] == [other.pk]


def test_what_a_blocked_supporter_was_asked_goes_to_others(study: Study) -> None:
    draw(study, 1)
    people = make_supporters(study, 4)
    assert take(people[0]) is not None
    label(people[1], "Others")
    label(people[2], "Others")
    assert take(people[3]) is None
    block(people[0], make_staff(), "Rude.")
    assert take(people[3]) is not None


def test_a_task_shows_what_was_said_before_and_no_label(study: Study) -> None:
    campaign = draw(study, 16)
    (who,) = make_supporters(study, 1)
    row = take(who)
    assert row is not None
    task = get_task(who)
    assert task is not None
    item = campaign.items.get(pk=row.item_id)
    assert (task.id, task.given, len(task.before) + task.earlier) == (
        row.pk,
        0,
        item.seq - 1 - ratings_before(item),
    )
    assert [line.role for line in task.before][-1:] == ["seeker"]


def ratings_before(item: Item) -> int:
    return item.conversation.events.filter(seq__lt=item.seq).exclude(kind="msg").count()


def test_speed_and_agreement_with_the_majority_are_told_for_each_person(study: Study) -> None:
    campaign = draw(study, 4)
    steady, same, odd = make_supporters(study, 3)
    give_all([steady, same])
    give_all([odd], "Providing Suggestions")
    for row in Relabel.objects.filter(participant=odd):
        assert row.given_at is not None
        row.assigned_at = row.given_at - timedelta(seconds=4)
        row.save()
    people = {row.participant: row for row in get_reviewers(campaign)}
    agreeing = campaign.items.filter(original="Providing Suggestions").count()
    assert (people[odd.pk].seconds, people[odd.pk].given) == (4.0, 4)
    assert (people[odd.pk].majority.hits, people[odd.pk].majority.n) == (agreeing, 4)
    assert people[steady.pk].majority.n == agreeing
