from __future__ import annotations

import uuid
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from escollect.conversations import actions
from escollect.conversations.models import Event, HelpRequest
from escollect.domain.events import Role
from escollect.domain.study import Limits
from escollect.domain.wire import Ack, Body, Command, Nack
from escollect.people.models import Participant
from tests.support.rooms import (
    Pair,
    call_help,
    end,
    make_pair,
    make_participant,
    make_study,
    pass_time,
    rate,
    say,
)

pytestmark = pytest.mark.django_db

SEEKER, SUPPORTER = Role.SEEKER, Role.SUPPORTER
CID = uuid.UUID(int=7)


@pytest.fixture
def pair() -> Pair:
    return make_pair().go_live()


def test_a_batch_of_nothing_asks_the_database_nothing() -> None:
    with CaptureQueriesContext(connection) as queries:
        assert actions.submit([]) == []
    assert len(queries) == 0


def test_an_ack_has_the_sequence_number_and_time_of_the_event(pair: Pair) -> None:
    ack = pair.ack(SEEKER, say("Hello"))
    event = Event.objects.get(conversation=pair.conversation, kind="msg")
    assert (ack.seq, ack.at, ack.dup) == (event.seq, event.at, False)


@pytest.mark.parametrize(
    ("role", "first"),
    [
        (SEEKER, say("Hello", cid=CID)),
        (SUPPORTER, say("Hello", "Question", cid=CID)),
        (SEEKER, end("done", cid=CID)),
        (SEEKER, end("leave", cid=CID)),
        (SEEKER, call_help("unsafe", "Please look.", cid=CID)),
    ],
)
def test_the_same_command_again_gets_the_same_ack_marked_as_a_repeat(
    pair: Pair, role: Role, first: Body
) -> None:
    ack = pair.ack(role, first)
    before = (pair.events(), HelpRequest.objects.count())
    assert pair.send(role, first) == replace(ack, dup=True)
    assert (pair.events(), HelpRequest.objects.count()) == before


def test_feedback_sent_again_gets_the_same_ack(pair: Pair) -> None:
    pair.talk(3)
    ack = pair.ack(SEEKER, rate(5, 4, cid=CID))
    assert pair.send(SEEKER, rate(5, 4, cid=CID)) == replace(ack, dup=True)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (say("Hello", "Question", cid=CID), say("Hello!", "Question", cid=CID)),
        (say("Hello", "Question", cid=CID), say("Hello", "Others", cid=CID)),
        (say("Hello", "Question", cid=CID), end("done", cid=CID)),
        (say("Hello", "Question", cid=CID), call_help(cid=CID)),
        (call_help(cid=CID), say("Hello", "Question", cid=CID)),
        (call_help("tech", cid=CID), call_help("abuse", cid=CID)),
        (call_help("tech", cid=CID), call_help("tech", "More words.", cid=CID)),
        (end("done", cid=CID), end("leave", cid=CID)),
    ],
)
def test_a_client_id_used_for_something_else_is_a_conflict(pair: Pair, first: Body, second: Body) -> None:
    pair.ack(SUPPORTER, first)
    before = pair.events()
    assert pair.code(SUPPORTER, second) == "cid_conflict"
    assert pair.events() == before


def test_the_two_sides_may_use_the_same_client_id(pair: Pair) -> None:
    one = pair.ack(SEEKER, say("Hello", cid=CID))
    other = pair.ack(SUPPORTER, say("Hello", "Question", cid=CID))
    assert (one.dup, other.dup, other.seq - one.seq) == (False, False, 1)


def test_a_repeat_inside_one_batch_is_stored_once(pair: Pair) -> None:
    command = pair.command(SEEKER, say("Hello"))
    first, second = actions.submit([command, command])
    assert isinstance(first, Ack)
    assert second == replace(first, dup=True)
    assert pair.row.utterances == 1


def test_a_refused_command_hurts_no_other_command_of_its_batch() -> None:
    study = make_study()
    pairs = [make_pair(study).go_live() for _ in range(3)]
    commands = []
    for pair in pairs:
        commands += [
            pair.command(SUPPORTER, say("Without a strategy")),
            pair.command(SEEKER, say("Hello")),
            pair.command(SUPPORTER, say("Hello", "Question")),
        ]
    replies = actions.submit(commands)
    assert [isinstance(reply, Ack) for reply in replies] == [False, True, True] * 3
    assert [reply.seq for reply in replies if isinstance(reply, Ack)] == [2, 3] * 3
    assert {pair.row.last_seq for pair in pairs} == {3}


def test_a_batch_costs_as_many_queries_as_a_single_command() -> None:
    study = make_study()
    pairs = [make_pair(study).go_live() for _ in range(4)]

    def count(batch: list[Command]) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert all(isinstance(reply, Ack) for reply in actions.submit(batch))
        return len(queries)

    one = count([pairs[0].command(SEEKER, say())])
    many = count([pair.command(role, say(strategy=strategy)) for pair in pairs for role, strategy in (
        (SEEKER, None), (SUPPORTER, "Question"), (SUPPORTER, "Others"),
    )])  # fmt: skip
    assert one == many


def test_when_one_command_breaks_the_batch_the_others_are_stored_alone(pair: Pair) -> None:
    broken = pair.command(SEEKER, say("Hello\x00" * 3 if connection.vendor == "postgresql" else "\ud800"))
    first, second = actions.submit([broken, pair.command(SEEKER, say("Hello"))])
    assert first == Nack(broken.body.cid, "internal", retry=False)
    assert isinstance(second, Ack)
    assert pair.row.utterances == 1


def test_strangers_and_unknown_rooms_are_forbidden(pair: Pair) -> None:
    stranger = make_participant(pair.seeker.study, SEEKER)
    for room, who in ((pair.conversation, stranger.pk), (uuid.uuid4(), pair.seeker.pk)):
        for body in (say(), end(), call_help(), rate(1)):
            (reply,) = actions.submit([Command(room, who, None, body)])
            assert reply == Nack(body.cid, "forbidden")


def test_a_blocked_participant_is_forbidden_at_once(pair: Pair) -> None:
    Participant.objects.filter(pk=pair.seeker.pk).update(state="blocked")
    assert pair.code(SEEKER, say()) == "forbidden"
    assert isinstance(pair.send(SUPPORTER, say("Hello", "Question")), Ack)


def test_the_newest_tab_wins_and_without_a_tab_nothing_is_checked(pair: Pair) -> None:
    old = pair.command(SEEKER, say("From the old tab"))
    pair.join(SEEKER)
    assert actions.submit([old]) == [Nack(old.body.cid, "forbidden")]
    assert isinstance(actions.submit([replace(old, epoch=None)])[0], Ack)
    assert isinstance(pair.send(SEEKER, say("From the new tab")), Ack)


@pytest.mark.parametrize(
    ("role", "body", "code"),
    [
        (SEEKER, say("Hello", "Question"), "strategy_forbidden"),
        (SUPPORTER, say("Hello"), "strategy_required"),
        (SUPPORTER, say("Hello", "Small talk"), "strategy_invalid"),
        (SUPPORTER, rate(1), "forbidden"),
        (SEEKER, rate(1), "rating_invalid"),
        (SEEKER, end("bored"), "bad_frame"),
    ],
)
def test_what_a_role_may_not_do_is_refused_and_leaves_no_trace(
    pair: Pair, role: Role, body: Body, code: str
) -> None:
    assert pair.code(role, body) == code
    assert pair.row.last_seq == 1


def test_feedback_is_asked_for_after_every_second_supporter_utterance(pair: Pair) -> None:
    for strategy in ("Question", "Others", "Question", "Information"):
        pair.ack(SUPPORTER, say("Hello", strategy))
    assert [seq for seq, kind, _ in pair.events() if kind == "rating_request"] == [4, 7]
    assert pair.code(SEEKER, rate(4)) == "rating_invalid"
    assert pair.ack(SEEKER, rate(7, 3)).seq == 8
    assert pair.code(SEEKER, rate(7, 5)) == "rating_invalid"
    assert list(Event.objects.filter(kind="rating").values_list("value", "payload")) == [(3, {"req": 7})]


def test_a_request_can_be_answered_until_the_end(pair: Pair) -> None:
    pair.talk(3)
    pair.ack(SEEKER, end())
    assert pair.code(SEEKER, rate(5)) == "state"


def test_nothing_is_said_before_both_are_in_or_after_the_end() -> None:
    pair = make_pair().meet().get_ready()
    pair.join(SEEKER)
    assert pair.code(SEEKER, say()) == "state"
    pair.join(SUPPORTER)
    pair.ack(SEEKER, say())
    pair.ack(SUPPORTER, end())
    assert pair.code(SEEKER, say()) == "state"
    assert pair.code(SEEKER, end()) == "state"
    assert isinstance(pair.send(SEEKER, call_help("unsafe")), Ack)


def test_limits_of_the_study_hold() -> None:
    pair = make_pair(make_study(limits=Limits(utterances=2, text=5))).go_live()
    assert pair.code(SEEKER, say("123456")) == "text_too_long"
    pair.ack(SEEKER, say("12345"))
    pair.ack(SEEKER, say("12345"))
    assert pair.code(SEEKER, say("1")) == "state"


def test_a_call_for_help_is_kept_apart_from_the_room(pair: Pair) -> None:
    before = pair.events()
    ack = pair.ack(SEEKER, call_help("partner_unsafe", "I worry about them."))
    assert ack.seq == before[-1][0]
    assert pair.events() == before
    (asked,) = HelpRequest.objects.all()
    assert (asked.kind, asked.note, asked.participant) == (
        "partner_unsafe",
        "I worry about them.",
        pair.seeker,
    )


def test_what_comes_after_a_deadline_is_refused_although_nobody_swept(pair: Pair) -> None:
    pair.ack(SEEKER, say())
    pass_time(421)
    pair.here(SEEKER, SUPPORTER)
    assert pair.code(SEEKER, say()) == "deadline"
    row = pair.row
    assert (row.state, row.end_reason, row.ended_by) == ("survey", "idle", "supporter")


def test_telemetry_is_kept_with_the_utterance(pair: Pair) -> None:
    pair.ack(SEEKER, replace(say("Hello"), seen=1, tele={"keys": 5, "ms": 900}))
    event = Event.objects.get(kind="msg")
    assert event.payload == {"seen": 1, "tele": {"keys": 5, "ms": 900}}
