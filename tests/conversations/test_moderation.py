"""A moderator holds a room, lets it go on, ends it, says something."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import PermissionDenied

from escollect.accounts.actions import create_staff
from escollect.accounts.models import User
from escollect.audit.models import AuditRow
from escollect.conversations import actions
from escollect.conversations.actions.moderation import clear, hold, moderator_stop, stop_for_crisis, tell
from escollect.conversations.models import Conversation, Event
from escollect.conversations.selectors import next_step
from escollect.domain.events import Refused, Role
from escollect.domain.lifecycle import Step
from escollect.domain.study import Hotline, Resources
from escollect.domain.wire import view
from escollect.infra import clock
from escollect.ops.checks import find_stuck
from tests.support.rooms import Pair, end, let_outage_pass, make_pair, make_study, pass_time, say

pytestmark = pytest.mark.django_db

SEEKER, SUPPORTER = Role.SEEKER, Role.SUPPORTER
LINES = tuple(Hotline(f"Line {number}", f"0800 {number}") for number in range(5))
Act = Callable[[UUID, User | None, str], None]


@pytest.fixture
def pair() -> Pair:
    return make_pair(make_study(resources=Resources(hotlines=LINES))).go_live()


@pytest.fixture
def reviewer() -> User:
    return create_staff("rita", "reviewer", "a-password-for-tests")


def keep_here(pair: Pair, seconds: int) -> None:
    """Time passes in steps that make nobody absent, with a ping of both and a sweep at each."""
    for _ in range(seconds // 30):
        pass_time(30)
        pair.here(*Role)
        actions.sweep()


def words(pair: Pair) -> list[str]:
    """What the moderator said, in order."""
    told = Event.objects.filter(conversation=pair.conversation, kind="moderator").order_by("seq")
    assert {event.author for event in told} <= {"moderator"}
    return [event.text for event in told]


def code(act: Act, pair: Pair, by: User | None = None, reason: str = "I saw it.") -> str:
    with pytest.raises(Refused) as refused:
        act(pair.conversation, by, reason)
    assert refused.value.message
    return refused.value.code


def test_a_hold_is_told_to_both_with_help_lines_and_lets_them_write_on(pair: Pair, reviewer: User) -> None:
    hold(pair.conversation, reviewer, "The seeker wrote of not waking up.")
    (told,) = words(pair)
    assert told.startswith("A moderator is looking in")
    assert told.endswith("Somebody to talk to:\nLine 0: 0800 0\nLine 1: 0800 1\nLine 2: 0800 2")
    event = Event.objects.get(kind="moderator")
    for role in Role:
        assert view(event, role) == {
            "t": "event",
            "seq": event.seq,
            "at": view(event, role)["at"],
            "kind": "moderator",
            "from": "moderator",
            "text": told,
        }
    assert (pair.row.state, pair.row.held_at is not None) == ("live", True)
    pair.ack(SEEKER, say())
    pair.ack(SUPPORTER, say(strategy="Question"))


def test_no_time_runs_out_while_a_room_is_held_and_then_as_much_is_left_as_there_was(pair: Pair) -> None:
    pair.ack(SEEKER, say())
    keep_here(pair, 60)
    Conversation.objects.update(max_by=clock.now() + timedelta(seconds=500))
    left = {name: getattr(pair.row, name) - clock.now() for name in ("nudge_at", "idle_by", "max_by")}
    hold(pair.conversation, None, "Looking in.")
    keep_here(pair, 900)
    assert Event.objects.filter(kind="notice").count() == 0
    assert find_stuck() is None
    clear(pair.conversation, None, "Both are well.")
    row, now = pair.row, clock.now()
    for name, before in left.items():
        assert abs(getattr(row, name) - now - before) < timedelta(seconds=100), name
    assert (row.state, row.held_at) == ("live", None)
    assert words(pair)[1].startswith("The moderator has left again.")
    keep_here(pair, 420)
    assert pair.row.end_reason == "idle"


def test_what_was_written_during_a_hold_gets_no_more_than_the_whole_silence(pair: Pair) -> None:
    hold(pair.conversation, None, "Looking in.")
    keep_here(pair, 600)
    pair.ack(SEEKER, say())
    clear(pair.conversation, None, "Both are well.")
    row, now = pair.row, clock.now()
    assert row.idle_by is not None
    assert row.nudge_at is not None
    assert timedelta(seconds=400) < row.idle_by - now <= timedelta(seconds=420)
    assert row.nudge_at - now <= timedelta(seconds=180)


def test_who_is_gone_is_gone_also_in_a_held_room(pair: Pair) -> None:
    hold(pair.conversation, None, "Looking in.")
    for _ in range(20):
        pass_time(15)
        pair.here(SUPPORTER)
        actions.sweep()
    assert (pair.row.end_reason, pair.row.ended_by, pair.row.held_at) == ("partner_left", "seeker", None)


def test_a_room_that_is_held_and_left_by_both_is_abandoned(pair: Pair) -> None:
    hold(pair.conversation, None, "Looking in.")
    pass_time(400)
    actions.sweep()
    assert (pair.row.state, pair.row.held_at) == ("abandoned", None)


def test_either_side_may_end_a_held_room(pair: Pair) -> None:
    hold(pair.conversation, None, "Looking in.")
    pair.ack(SEEKER, end())
    assert (pair.row.state, pair.row.end_reason) == ("survey", "done")


def test_an_outage_during_a_hold_is_counted_once(pair: Pair) -> None:
    Conversation.objects.update(max_by=clock.now() + timedelta(seconds=2_000))
    before = pair.row.max_by
    assert before is not None
    hold(pair.conversation, None, "Looking in.")
    let_outage_pass(1_000)
    actions.note_service()
    clear(pair.conversation, None, "Both are well.")
    after = pair.row.max_by
    assert after is not None
    assert abs(after - before) < timedelta(seconds=20)


@pytest.mark.parametrize(
    ("stop", "outcome", "pay"),
    [(stop_for_crisis, "crisis_stop", "full"), (moderator_stop, "moderator_stop", "part")],
)
def test_a_stop_takes_both_to_the_surveys_and_gives_both_the_same(
    pair: Pair, reviewer: User, stop: Act, outcome: str, pay: str
) -> None:
    pair.ack(SEEKER, say())
    hold(pair.conversation, reviewer, "Looking in.")
    stop(pair.conversation, reviewer, "It is not safe.")
    assert (pair.row.state, pair.row.end_reason, pair.row.held_at) == ("survey", outcome, None)
    last = Event.objects.filter(conversation=pair.conversation).latest("seq")
    assert (last.kind, last.author, last.payload) == (
        "state",
        "system",
        {"state": "survey", "reason": outcome},
    )
    assert ("Line 0" in words(pair)[-1]) is (stop is stop_for_crisis)
    for role in Role:
        assert next_step(pair.of(role)) is Step.SURVEY_AFTER
        assert pair.code(role, say(strategy=None if role is SEEKER else "Question")) == "state"
        pair.answer(role)
    assert pair.outcomes() == {"seeker": outcome, "supporter": outcome}
    for role in Role:
        given = pair.of(role).outcomes.get()
        assert (given.pay_rule, bool(given.completion_code)) == (pay, True)


def test_only_a_held_room_is_stopped_for_safety_and_any_live_one_by_a_moderator(pair: Pair) -> None:
    assert (code(stop_for_crisis, pair), code(clear, pair)) == ("not_held", "not_held")
    moderator_stop(pair.conversation, None, "Insults.")
    assert [code(act, pair) for act in (hold, clear, stop_for_crisis, moderator_stop, tell)] == [
        "not_live"
    ] * 5


def test_two_moderators_hold_a_room_once(pair: Pair) -> None:
    hold(pair.conversation, None, "Looking in.")
    assert code(hold, pair) == "held"
    assert len(words(pair)) == 1


def test_a_deadline_that_was_over_before_the_moderator_came_ends_the_room(pair: Pair) -> None:
    pass_time(421)
    assert code(hold, pair) == "not_live"
    assert pair.row.state == "abandoned"


def test_a_moderator_says_something_in_words_of_their_own(pair: Pair, reviewer: User) -> None:
    tell(pair.conversation, reviewer, "Please be kind\u202e to each other.")
    assert words(pair) == ["Please be kind to each other."]
    assert [code(tell, pair, reason=text) for text in (" ", "x" * 2001, "\x00")] == [
        "text_empty",
        "text_too_long",
        "text_chars",
    ]


def test_every_act_needs_a_moderator_and_a_reason_and_is_written_down(pair: Pair, reviewer: User) -> None:
    researcher = create_staff("rob", "researcher", "a-password-for-tests")
    for act in (hold, clear, stop_for_crisis, moderator_stop):
        with pytest.raises(PermissionDenied):
            act(pair.conversation, researcher, "I may not.")
        assert code(act, pair, reviewer, "  ") == "no_reason"
        with pytest.raises(Refused, match="forbidden"):
            act(uuid4(), reviewer, "Nothing there.")
    assert words(pair) == []
    hold(pair.conversation, reviewer, "One.")
    tell(pair.conversation, reviewer, "Two.")
    clear(pair.conversation, reviewer, "Three.")
    hold(pair.conversation, reviewer, "Four.")
    stop_for_crisis(pair.conversation, reviewer, "Five.")
    rows = AuditRow.objects.filter(object_id=str(pair.conversation), actor="staff:rita").order_by("pk")
    assert [(row.action, row.new, row.why) for row in rows] == [
        ("conversation.moderated", "hold", "One."),
        ("conversation.moderated", "tell", "Two."),
        ("conversation.moderated", "clear", "Three."),
        ("conversation.moderated", "hold", "Four."),
        ("conversation.moved", "survey", "crisis_stop"),
        ("conversation.moderated", "crisis_stop", "Five."),
    ]


@pytest.mark.parametrize("kind", [Conversation.Kind.PRACTICE, Conversation.Kind.IMPORTED])
def test_practice_and_imports_are_no_moderators_business(pair: Pair, kind: str) -> None:
    Conversation.objects.update(kind=kind)
    assert code(hold, pair) == "forbidden"
