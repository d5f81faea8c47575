"""Many who join at once: each gets what they would get alone, in statements that do not grow in number."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from escollect.conversations import actions
from escollect.conversations.actions import Joining, rooms
from escollect.conversations.models import Conversation, Member
from escollect.conversations.news import Side, get_sides
from escollect.conversations.selectors import RoomView
from escollect.domain.events import Refused, Role
from escollect.people.actions import block
from escollect.studies.models import Study
from tests.support.rooms import Pair, end, make_pair, make_participant, make_study, pass_time

pytestmark = pytest.mark.django_db

SEEKER, SUPPORTER = Role.SEEKER, Role.SUPPORTER


def make_scene(study: Study) -> list[Joining]:
    """Who may come at once: to new, live and finished rooms, twice, after an absence, or without a right."""
    new, live, over = (
        make_pair(study).meet().get_ready(),
        make_pair(study).go_live(),
        make_pair(study).go_live(),
    )
    over.ack(SEEKER, end())
    unready = make_pair(study).meet()
    blocked = make_pair(study).go_live()
    block(blocked.seeker, None, "a test")
    away = make_pair(study).go_live()
    Member.objects.filter(participant=away.seeker.pk).update(gone_prompt_at=None)
    stranger = make_participant(study, "seeker")

    def come(pair: Pair, role: Role) -> Joining:
        return Joining(pair.conversation, pair.of(role).pk, uuid4())

    return [
        come(new, SEEKER),
        come(new, SUPPORTER),
        come(live, SEEKER),
        come(live, SUPPORTER),
        come(live, SEEKER),
        come(over, SEEKER),
        come(unready, SEEKER),
        come(blocked, SUPPORTER),
        come(away, SEEKER),
        Joining(live.conversation, stranger.pk, uuid4()),
        Joining(uuid4(), live.seeker.pk, uuid4()),
    ]


def say(answer: RoomView | Exception) -> object:
    """What is told, without what differs between two rooms."""
    if isinstance(answer, Refused):
        return answer.code
    assert isinstance(answer, RoomView), answer
    return replace(answer, conversation=UUID(int=0), now=None, deadlines=sorted(answer.deadlines))  # type: ignore[arg-type]


def stored(slug: str) -> list[tuple[object, ...]]:
    """How rooms and sides stand, in the order in which they were made."""
    rooms_of = Conversation.objects.filter(study__slug=slug).order_by("created_at")
    return [
        (
            row.state,
            row.last_seq,
            side.role,
            side.epoch,
            side.tab is not None,
            side.gone_prompt_at is not None,
        )
        for row in rooms_of
        for side in row.members.order_by("role")
    ]


def test_a_batch_of_joins_gives_each_what_one_by_one_gives() -> None:
    alone, together = make_scene(make_study("alone")), make_scene(make_study("together"))
    one_by_one = [say(actions.join_many([one])[0]) for one in alone]
    assert [say(answer) for answer in actions.join_many(together)] == one_by_one
    assert [answer for answer in one_by_one if isinstance(answer, str)] == ["state"] + ["forbidden"] * 2
    assert stored("together") == stored("alone")


def test_the_newest_tab_wins_within_a_batch() -> None:
    pair = make_pair().go_live()
    joins = [Joining(pair.conversation, pair.seeker.pk, uuid4()) for _ in range(3)]
    answers = actions.join_many(joins)
    assert [answer.epoch for answer in answers if isinstance(answer, RoomView)] == [2, 3, 4]
    side = pair.side(SEEKER)
    assert (side.epoch, side.tab) == (4, joins[-1].tab)


def test_the_statements_of_joins_do_not_grow_with_them() -> None:
    study = make_study()
    counts = []
    for size in (2, 2, 8):
        pairs = [make_pair(study).go_live() for _ in range(size)]
        joins = [Joining(pair.conversation, pair.of(role).pk, uuid4()) for pair in pairs for role in Role]
        with CaptureQueriesContext(connection) as queries:
            actions.join_many(joins)
        counts.append(len(queries))
    assert counts[1] == counts[2] <= 8


def test_a_join_that_breaks_something_hurts_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    good, bad = make_pair(make_study("good")).go_live(), make_pair(make_study("bad")).go_live()
    pass_time(2)

    def broken(room: object) -> bool:
        if getattr(room, "row").pk == bad.conversation:  # noqa: B009
            raise RuntimeError("a bug")
        return False

    monkeypatch.setattr(rooms, "enforce", broken)
    joins = [Joining(pair.conversation, pair.seeker.pk, uuid4()) for pair in (bad, good)]
    first, second = actions.join_many(joins)
    assert (type(first), type(second)) == (RuntimeError, RoomView)
    assert (bad.side(SEEKER).epoch, good.side(SEEKER).epoch) == (1, 2)


def test_the_sides_of_many_are_read_in_one_query() -> None:
    study = make_study()
    pairs = [make_pair(study).go_live() for _ in range(3)]
    erased = make_pair(study).go_live()
    Conversation.objects.filter(pk=erased.conversation).update(state="erased")
    asked = [(pair.conversation, pair.of(role).pk) for pair in pairs for role in Role]
    foreign = [(pairs[0].conversation, pairs[1].seeker.pk), (uuid4(), pairs[0].seeker.pk)]
    with CaptureQueriesContext(connection) as queries:
        found = get_sides([*asked, *foreign, (erased.conversation, erased.seeker.pk)])
    assert len(queries) == 1
    assert found == [Side(role, practice=False) for _ in pairs for role in Role] + [None] * 3
