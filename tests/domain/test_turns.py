from __future__ import annotations

from collections.abc import Callable

import pytest

from escollect.domain.events import Refused, Role
from escollect.domain.lifecycle import ConversationState, EndReason
from escollect.domain.strategies import STRATEGIES
from escollect.domain.turns import (
    Room,
    check_end,
    check_help,
    check_rate,
    check_say,
    owes_utterance,
    rating_due,
)

LIVE = Room(ConversationState.LIVE, open_request=7)
NOT_LIVE = [Room(state, open_request=7) for state in ConversationState if state != ConversationState.LIVE]


def code_of(check: Callable[..., object], *given: object) -> str:
    with pytest.raises(Refused) as refused:
        check(*given)
    return refused.value.code


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_supporter_may_use_each_of_the_eight_strategies(strategy: str) -> None:
    check_say(LIVE, Role.SUPPORTER, strategy)


def test_a_seeker_speaks_without_a_strategy() -> None:
    check_say(LIVE, Role.SEEKER, None)


@pytest.mark.parametrize(
    ("role", "strategy", "code"),
    [
        (Role.SEEKER, "Question", "strategy_forbidden"),
        (Role.SEEKER, "", "strategy_forbidden"),
        (Role.SUPPORTER, None, "strategy_required"),
        (Role.SUPPORTER, "", "strategy_required"),
        (Role.SUPPORTER, "question", "strategy_invalid"),
        (Role.SUPPORTER, "Reflection of Feelings", "strategy_invalid"),
    ],
)
def test_a_strategy_that_does_not_fit_the_role_is_refused(
    role: Role, strategy: str | None, code: str
) -> None:
    assert code_of(check_say, LIVE, role, strategy) == code


@pytest.mark.parametrize("room", NOT_LIVE)
def test_nothing_is_said_rated_or_ended_outside_a_live_room(room: Room) -> None:
    assert code_of(check_say, room, Role.SEEKER, None) == "state"
    assert code_of(check_rate, room, Role.SEEKER, 7, 3) == "state"
    assert code_of(check_end, room, "done") == "state"


def test_a_room_takes_three_hundred_utterances_and_no_more() -> None:
    check_say(Room(ConversationState.LIVE, utterances=299), Role.SEEKER, None)
    full = Room(ConversationState.LIVE, utterances=300)
    assert code_of(check_say, full, Role.SEEKER, None) == "state"


def test_feedback_is_due_on_every_second_supporter_utterance_since_the_last_request() -> None:
    said = [rating_due(Role.SUPPORTER, unrated) for unrated in (1, 2, 3)]
    assert said == [False, True, True]
    assert rating_due(Role.SEEKER, 2) is False


def test_only_the_latest_unanswered_request_can_be_answered_and_only_by_the_seeker() -> None:
    check_rate(LIVE, Role.SEEKER, 7, 1)
    check_rate(LIVE, Role.SEEKER, 7, 5)
    assert code_of(check_rate, LIVE, Role.SUPPORTER, 7, 3) == "forbidden"
    for req, value in ((4, 3), (8, 3), (7, 0), (7, 6)):
        assert (
            code_of(lambda req=req, value=value: check_rate(LIVE, Role.SEEKER, req, value))
            == "rating_invalid"
        )
    answered = Room(ConversationState.LIVE)
    assert code_of(check_rate, answered, Role.SEEKER, 7, 3) == "rating_invalid"


def test_either_side_may_end_for_a_reason_of_the_list_only() -> None:
    assert [check_end(LIVE, reason) for reason in ("done", "leave", "unsafe", "other")] == [
        EndReason.DONE,
        EndReason.LEAVE,
        EndReason.UNSAFE,
        EndReason.OTHER,
    ]
    assert code_of(check_end, LIVE, "idle") == "bad_frame"


def test_help_can_be_called_in_every_state_but_erased() -> None:
    for state in ConversationState:
        room = Room(state)
        if state is ConversationState.ERASED:
            assert code_of(check_help, room, None, 3) == "state"
        else:
            check_help(room, None, 3)
            check_help(room, 3, 3)
            assert code_of(check_help, room, 4, 3) == "bad_frame"


def test_the_next_utterance_is_owed_by_whoever_did_not_speak_last() -> None:
    assert [owes_utterance(last) for last in ("seeker", "supporter", "")] == [
        Role.SUPPORTER,
        Role.SEEKER,
        None,
    ]
