from __future__ import annotations

from collections.abc import Callable

import pytest

from escollect.conversations import actions
from escollect.conversations.models import Conversation, Event, Member
from escollect.conversations.places import LobbyView, get_lobby_view
from escollect.conversations.selectors import next_step
from escollect.domain.events import Refused, Role
from escollect.domain.lifecycle import Step
from escollect.infra import clock
from escollect.people.models import Participant
from tests.support.rooms import Pair, end, make_pair, make_participant, make_study, pass_time, say

pytestmark = pytest.mark.django_db

SEEKER, SUPPORTER = Role.SEEKER, Role.SUPPORTER


@pytest.fixture
def pair() -> Pair:
    return make_pair().go_live()


def end_of(pair: Pair) -> tuple[str, str, str]:
    row = pair.row
    return row.state, row.end_reason, row.ended_by


def notices(pair: Pair) -> list[tuple[str, str | None]]:
    events = Event.objects.filter(conversation=pair.conversation, kind="notice").order_by("seq")
    return [(event.payload["code"], event.payload.get("who")) for event in events]


def keep_here(pair: Pair, seconds: int, *roles: Role) -> None:
    """Time passes in steps of a heartbeat, with a ping of these roles and a sweep at each."""
    for _ in range(seconds // 15):
        pass_time(15)
        pair.here(*roles)
        actions.sweep()


def test_nothing_happens_while_two_people_talk(pair: Pair) -> None:
    for _ in range(4):
        keep_here(pair, 150, SEEKER, SUPPORTER)
        pair.ack(SEEKER, say())
    row = pair.row
    assert row.state == "live"
    assert notices(pair) == []
    assert row.both_gone_by is not None
    assert row.both_gone_by > clock.now()


def test_a_silent_room_is_nudged_once_and_then_closed(pair: Pair) -> None:
    pair.ack(SUPPORTER, say("How are you?", "Question"))
    keep_here(pair, 300, SEEKER, SUPPORTER)
    assert notices(pair) == [("idle", "seeker")]
    keep_here(pair, 120, SEEKER, SUPPORTER)
    assert end_of(pair) == ("survey", "idle", "seeker")
    for role in Role:
        pair.answer(role)
    assert pair.outcomes() == {"seeker": "idle_timeout", "supporter": "partner_left"}


def test_an_utterance_after_a_nudge_starts_the_silence_anew(pair: Pair) -> None:
    keep_here(pair, 195, SEEKER, SUPPORTER)
    pair.ack(SEEKER, say())
    keep_here(pair, 240, SEEKER, SUPPORTER)
    assert pair.row.state == "live"
    assert notices(pair) == [("idle", None), ("idle", "supporter")]


def test_when_nobody_ever_spoke_both_were_idle(pair: Pair) -> None:
    keep_here(pair, 420, SEEKER, SUPPORTER)
    assert end_of(pair) == ("survey", "idle", "")
    pass_time(1800)
    actions.sweep()
    assert pair.outcomes() == {"seeker": "idle_timeout", "supporter": "idle_timeout"}


def test_a_partner_who_is_gone_is_announced_and_after_four_minutes_the_room_ends(pair: Pair) -> None:
    pair.ack(SEEKER, say())
    keep_here(pair, 75, SUPPORTER)
    assert notices(pair) == [("partner_away", "seeker")]
    keep_here(pair, 165, SUPPORTER)
    assert end_of(pair) == ("survey", "partner_left", "seeker")
    pair.answer(SUPPORTER)
    pass_time(1800)
    actions.sweep()
    assert pair.outcomes() == {"seeker": "self_left", "supporter": "partner_left"}


def test_a_partner_who_comes_back_is_announced_too_and_the_clock_starts_anew(pair: Pair) -> None:
    keep_here(pair, 90, SUPPORTER)
    pair.here(SEEKER)
    assert notices(pair) == [("partner_away", "seeker"), ("partner_back", "seeker")]
    keep_here(pair, 75, SUPPORTER)
    pair.join(SEEKER)
    assert [code for code, _ in notices(pair)] == ["partner_away", "partner_back"] * 2
    assert pair.row.state == "live"


def test_whoever_finishes_after_the_partner_went_away_has_not_left(pair: Pair) -> None:
    keep_here(pair, 75, SUPPORTER)
    pair.ack(SUPPORTER, end("leave"))
    assert end_of(pair) == ("survey", "partner_left", "seeker")


def test_a_closed_socket_is_offline_at_once_and_leaving_now_is_still_leaving(pair: Pair) -> None:
    actions.leave_room(pair.conversation, pair.seeker.pk, pair.epochs[pair.seeker.pk])
    pair.ack(SUPPORTER, end("leave"))
    assert end_of(pair) == ("survey", "leave", "supporter")


def test_a_room_that_both_have_left_is_abandoned(pair: Pair) -> None:
    pair.ack(SEEKER, say())
    for role in Role:
        actions.leave_room(pair.conversation, pair.of(role).pk, pair.epochs[pair.of(role).pk])
    pass_time(290)
    actions.sweep()
    assert pair.row.state == "live"
    pass_time(15)
    actions.sweep()
    assert end_of(pair) == ("abandoned", "both_offline", "")
    assert pair.outcomes() == {"seeker": "self_left", "supporter": "self_left"}
    assert (next_step(pair.seeker), next_step(pair.supporter)) == (Step.DONE, Step.DONE)


def test_ninety_minutes_are_the_longest_conversation(pair: Pair) -> None:
    Conversation.objects.update(idle_by=None, nudge_at=None)
    pass_time(5400)
    pair.here(SEEKER, SUPPORTER)
    actions.sweep()
    assert end_of(pair) == ("survey", "max_time", "")
    for role in Role:
        pair.answer(role)
    assert pair.outcomes() == {"seeker": "max_time", "supporter": "max_time"}


def test_a_survey_that_nobody_answers_is_over_after_half_an_hour(pair: Pair) -> None:
    pair.ack(SEEKER, end())
    pair.answer(SEEKER)
    pass_time(1801)
    with pytest.raises(Refused) as refused:
        pair.answer(SUPPORTER)
    assert refused.value.code == "deadline"
    assert pair.row.state == "finished"
    assert pair.outcomes() == {"seeker": "completed", "supporter": "completed"}
    assert next_step(pair.supporter) is Step.DONE


def test_whoever_is_not_ready_in_time_loses_the_place_and_the_other_keeps_it() -> None:
    pair = make_pair().meet()
    since = pair.ticket(SEEKER).since
    actions.ready(pair.seeker, pair.conversation)
    pass_time(46)
    actions.sweep()
    assert end_of(pair) == ("aborted", "no_show", "supporter")
    assert pair.outcomes() == {"seeker": "partner_no_show"}
    assert (pair.ticket(SEEKER).state, pair.ticket(SUPPORTER).state) == ("waiting", "no_show")
    assert (since - pair.ticket(SEEKER).since).total_seconds() == 46
    assert get_lobby_view(pair.supporter.pk) == LobbyView("closed", outcome="self_left")
    assert next_step(pair.seeker) is Step.LOBBY
    late = make_participant(pair.seeker.study, SUPPORTER)
    assert actions.hello(late).status == "offer"


def test_whoever_is_ready_but_never_enters_the_room_is_the_one_missing() -> None:
    pair = make_pair().meet().get_ready()
    pair.join(SUPPORTER)
    pass_time(46)
    actions.sweep()
    assert end_of(pair) == ("aborted", "no_show", "seeker")
    assert (pair.ticket(SEEKER).state, pair.ticket(SUPPORTER).state) == ("no_show", "waiting")


def test_when_neither_comes_both_places_are_gone() -> None:
    pair = make_pair().meet()
    pass_time(46)
    actions.sweep()
    assert end_of(pair) == ("aborted", "no_show", "")
    assert [pair.ticket(role).state for role in Role] == ["no_show", "no_show"]
    assert pair.outcomes() == {}


@pytest.mark.parametrize("late", [actions.ready, actions.decline])
def test_an_answer_to_an_offer_comes_too_late(late: Callable[..., LobbyView]) -> None:
    pair = make_pair().meet()
    actions.ready(pair.supporter, pair.conversation)
    pass_time(46)
    with pytest.raises(Refused) as refused:
        late(pair.seeker, pair.conversation)
    assert refused.value.code == "offer_gone"
    assert pair.row.state == "aborted"
    assert pair.ticket(SUPPORTER).state == "waiting"


def test_nobody_is_left_in_a_room_that_is_over(pair: Pair) -> None:
    pair.ack(SEEKER, end())
    assert not Member.objects.filter(active=True).exists()


def test_sweeping_twice_changes_nothing(pair: Pair) -> None:
    keep_here(pair, 420, SEEKER, SUPPORTER)
    before = pair.events()
    assert actions.sweep() == {"rooms": 0, "tickets": 0, "pairs": 0}
    assert pair.events() == before


def test_a_room_that_cannot_be_swept_does_not_stop_the_others() -> None:
    study = make_study()
    broken, other = make_pair(study).meet(), make_pair(study).meet()
    Conversation.objects.filter(pk=broken.conversation).update(state="live")
    Member.objects.filter(conversation=broken.conversation, role=SEEKER).delete()
    pass_time(500)
    actions.sweep()
    assert other.row.state == "aborted"


def test_a_waiting_room_that_cannot_be_swept_does_not_stop_the_others() -> None:
    waiting = [make_participant(make_study(slug), SUPPORTER) for slug in ("broken", "whole")]
    for one in waiting:
        actions.hello(one)
    Participant.objects.filter(pk=waiting[0].pk).update(version=None)
    pass_time(2_000)
    assert actions.sweep()["tickets"] == 1
    assert [get_lobby_view(one.pk).status for one in waiting] == ["waiting", "closed"]
