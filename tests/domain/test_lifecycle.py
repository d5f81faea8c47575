from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from escollect.domain.events import Role
from escollect.domain.lifecycle import (
    CONVERSATION_MOVES,
    CONVERSATION_TERMINAL,
    TICKET_ACTIVE,
    TICKET_MOVES,
    TICKET_TERMINAL,
    ConversationState,
    Deadline,
    Due,
    IllegalMove,
    Presence,
    RoomClock,
    TicketState,
    Timers,
    check_conversation_move,
    check_ticket_move,
    deadlines_due,
    presence_status,
    timer_problems,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
TIMERS = Timers()


def at(seconds: int) -> datetime:
    return START + timedelta(seconds=seconds)


def side(seen: int, *, here: bool = True, told: bool = False, visible: bool = True) -> Presence:
    away_at = None if told else at(seen + TIMERS.partner_away)
    return Presence(at(seen), here, visible, away_at, at(seen + TIMERS.partner_left))


def live(seeker: Presence, supporter: Presence, **columns: datetime) -> RoomClock:
    sides = {Role.SEEKER: seeker, Role.SUPPORTER: supporter}
    return replace(RoomClock(ConversationState.LIVE, sides), **columns)  # type: ignore[arg-type]


def test_every_state_has_its_moves_and_only_terminal_tickets_have_none() -> None:
    assert set(TICKET_MOVES) == set(TicketState)
    assert {state for state, moves in TICKET_MOVES.items() if not moves} == TICKET_TERMINAL
    assert set(TicketState) == TICKET_ACTIVE | TICKET_TERMINAL


def test_every_conversation_state_can_be_erased_and_nothing_follows_on_that() -> None:
    assert set(CONVERSATION_MOVES) == set(ConversationState)
    erased = ConversationState.ERASED
    assert all(erased in moves for state, moves in CONVERSATION_MOVES.items() if state is not erased)
    for state in CONVERSATION_TERMINAL:
        assert CONVERSATION_MOVES[state] <= {erased}


def test_every_state_can_be_reached_from_the_first_one() -> None:
    for first, moves in (
        (TicketState.WAITING, TICKET_MOVES),
        (ConversationState.CREATED, CONVERSATION_MOVES),
    ):
        reached, todo = set(), [first]
        while todo:
            state = todo.pop()
            if state not in reached:
                reached.add(state)
                todo += moves[state]  # type: ignore[index]
        assert reached == set(moves)


def test_a_move_that_is_not_in_the_table_is_refused() -> None:
    check_conversation_move("created", "live")
    check_ticket_move("lapsed", "waiting")
    with pytest.raises(IllegalMove):
        check_conversation_move("finished", "live")
    with pytest.raises(IllegalMove):
        check_ticket_move("left", "waiting")


def test_presence_goes_from_online_to_away_to_offline() -> None:
    assert presence_status(side(0), at(19), TIMERS) == "online"
    assert presence_status(side(0, visible=False), at(19), TIMERS) == "away"
    assert presence_status(side(0), at(20), TIMERS) == "offline"
    assert presence_status(side(0, here=False), at(1), TIMERS) == "offline"
    assert presence_status(Presence(None, here=False), at(0), TIMERS) == "offline"


def test_a_partner_offline_for_a_minute_is_announced_and_after_four_counts_as_gone() -> None:
    here = side(290)
    away = Deadline(at(60), Due.PARTNER_AWAY, Role.SEEKER)
    left = Deadline(at(240), Due.PARTNER_LEFT, Role.SEEKER)
    assert deadlines_due(live(side(0), side(55)), at(59), TIMERS) == []
    assert deadlines_due(live(side(0), side(55)), at(60), TIMERS) == [away]
    assert deadlines_due(live(side(0, told=True), side(55)), at(60), TIMERS) == []
    assert deadlines_due(live(side(0), here), at(299), TIMERS) == [away, left]


def test_nobody_is_left_by_a_partner_while_being_offline_too() -> None:
    clock = live(side(0, here=False), side(5, here=False))
    assert deadlines_due(clock, at(304), TIMERS) == []
    assert deadlines_due(clock, at(305), TIMERS) == [Deadline(at(305), Due.BOTH_OFFLINE)]


def test_a_silent_room_is_nudged_then_closed_and_no_room_outlives_its_time() -> None:
    clock = live(side(5400), side(5400), nudge_at=at(180), idle_by=at(420), max_by=at(5400))
    assert [deadline.due for deadline in deadlines_due(clock, at(419), TIMERS)] == [Due.NUDGE]
    assert [deadline.due for deadline in deadlines_due(clock, at(5400), TIMERS)] == [
        Due.NUDGE,
        Due.IDLE,
        Due.MAX_TIME,
    ]


@pytest.mark.parametrize(
    ("state", "due"),
    [
        (ConversationState.CREATED, [Deadline(at(45), Due.NO_SHOW)]),
        (ConversationState.SURVEY, [Deadline(at(1800), Due.SURVEY)]),
        (ConversationState.FINISHED, []),
        (ConversationState.ERASED, []),
    ],
)
def test_each_state_looks_only_at_its_own_deadlines(state: ConversationState, due: list[Deadline]) -> None:
    sides = {Role.SEEKER: side(0), Role.SUPPORTER: side(0)}
    clock = RoomClock(state, sides, ready_by=at(45), idle_by=at(420), max_by=at(5400), survey_by=at(1800))
    assert deadlines_due(clock, at(9000), TIMERS) == due


def test_the_default_timers_can_be_kept() -> None:
    assert timer_problems(Timers()) == []


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"idle": 44, "nudge": 10}, "idle"),
        ({"lease": 0}, "lease"),
        ({"nudge": 420}, "nudge"),
        ({"partner_away": 240}, "partner_away"),
        ({"idle": 5400}, "idle"),
    ],
)
def test_timers_that_cannot_work_are_named(settings: dict[str, object], named: str) -> None:
    assert [problem.split(":")[0] for problem in timer_problems(Timers.of(settings))] == [named]
