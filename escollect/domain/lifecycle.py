"""States of tickets and conversations, their legal moves, and when each deadline falls.

Moves are data: an action changes a state only when `TICKET_MOVES` or `CONVERSATION_MOVES` has the
pair. Times come in and go out as aware datetimes; nothing here reads a clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum

from escollect.domain.events import Role


class Step(StrEnum):
    """Where a participant stands; the web door has a page for each."""

    CONSENT = "consent"
    TRAINING = "training"
    SURVEY_BEFORE = "survey_before"
    LOBBY = "lobby"
    CHAT = "chat"
    SURVEY_AFTER = "survey_after"
    DONE = "done"
    ENDED = "ended"


class TicketState(StrEnum):
    """A place in the waiting room."""

    WAITING = "waiting"
    LAPSED = "lapsed"
    OFFERED = "offered"
    CONSUMED = "consumed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    LEFT = "left"
    NO_SHOW = "no_show"


class ConversationState(StrEnum):
    """A conversation, from the ready check to both surveys."""

    CREATED = "created"
    LIVE = "live"
    SURVEY = "survey"
    FINISHED = "finished"
    ABORTED = "aborted"
    ABANDONED = "abandoned"
    ERASED = "erased"


class EndReason(StrEnum):
    """Why a conversation stopped; `other` is told apart from `leave` but is paid like it."""

    DONE = "done"
    LEAVE = "leave"
    OTHER = "other"
    UNSAFE = "unsafe"
    PARTNER_LEFT = "partner_left"
    IDLE = "idle"
    MAX_TIME = "max_time"
    CRISIS_STOP = "crisis_stop"
    MODERATOR_STOP = "moderator_stop"
    NO_SHOW = "no_show"
    BOTH_OFFLINE = "both_offline"
    TECH_FAILURE = "tech_failure"
    WITHDRAWN = "withdrawn"


WISHES = frozenset({EndReason.DONE, EndReason.LEAVE, EndReason.UNSAFE, EndReason.OTHER})
"""The reasons a participant may give in an `end` frame."""

T = TicketState
TICKET_ACTIVE = frozenset({T.WAITING, T.LAPSED, T.OFFERED})
TICKET_TERMINAL = frozenset(T) - TICKET_ACTIVE
TICKET_MOVES: Mapping[TicketState, frozenset[TicketState]] = {
    T.WAITING: frozenset({T.LAPSED, T.OFFERED, T.CANCELLED, T.EXPIRED}),
    T.LAPSED: frozenset({T.WAITING, T.LEFT, T.CANCELLED}),
    T.OFFERED: frozenset({T.WAITING, T.CONSUMED, T.CANCELLED, T.NO_SHOW}),
    **{state: frozenset() for state in TICKET_TERMINAL},
}

C = ConversationState
CONVERSATION_OPEN = frozenset({C.CREATED, C.LIVE, C.SURVEY})
CONVERSATION_TERMINAL = frozenset(C) - CONVERSATION_OPEN
CONVERSATION_MOVES: Mapping[ConversationState, frozenset[ConversationState]] = {
    C.CREATED: frozenset({C.LIVE, C.ABORTED, C.ERASED}),
    C.LIVE: frozenset({C.SURVEY, C.ABANDONED, C.ERASED}),
    C.SURVEY: frozenset({C.FINISHED, C.ERASED}),
    C.FINISHED: frozenset({C.ERASED}),
    C.ABORTED: frozenset({C.ERASED}),
    C.ABANDONED: frozenset({C.ERASED}),
    C.ERASED: frozenset(),
}


class IllegalMove(Exception):
    """A programming error: a state change that the tables do not have."""


def check_ticket_move(old: str, new: str) -> None:
    """Raise IllegalMove unless a ticket may go from `old` to `new`."""
    if TicketState(new) not in TICKET_MOVES[TicketState(old)]:
        raise IllegalMove(f"ticket {old} -> {new}")


def check_conversation_move(old: str, new: str) -> None:
    """Raise IllegalMove unless a conversation may go from `old` to `new`."""
    if ConversationState(new) not in CONVERSATION_MOVES[ConversationState(old)]:
        raise IllegalMove(f"conversation {old} -> {new}")


@dataclass(frozen=True, slots=True)
class Timers:
    """The timers of a study, in seconds; a study overrides the defaults of the protocol."""

    heartbeat: int = 15
    online: int = 20
    lease: int = 45
    return_window: int = 300
    still_there: int = 300
    no_partner: int = 900
    offer: int = 45
    partner_away: int = 60
    partner_left: int = 240
    nudge: int = 180
    idle: int = 420
    max_time: int = 5400
    both_offline: int = 300
    survey: int = 1800

    @classmethod
    def of(cls, settings: Mapping[str, object]) -> Timers:
        """Read the timers from a study's settings; what is missing keeps its default."""
        known = {field.name for field in fields(cls)}
        return cls(**{key: int(str(value)) for key, value in settings.items() if key in known})

    def after(self, start: datetime, name: str) -> datetime:
        """The moment at which the timer `name`, started at `start`, runs out."""
        return start + timedelta(seconds=int(getattr(self, name)))


def timer_problems(timers: Timers) -> list[str]:
    """Say what is wrong with a study's timers; empty when they can be kept."""
    problems = [
        f"{field.name}: must be at least 1 second"
        for field in fields(timers)
        if getattr(timers, field.name) < 1
    ]
    if timers.idle < 3 * timers.heartbeat:
        problems.append(
            f"idle: {timers.idle} s is shorter than three heartbeats "
            f"({3 * timers.heartbeat} s); make it longer"
        )
    ordered = [("nudge", "idle"), ("partner_away", "partner_left"), ("idle", "max_time")]
    problems += [
        f"{early}: must be shorter than {late}"
        for early, late in ordered
        if getattr(timers, early) >= getattr(timers, late)
    ]
    return problems


class Due(StrEnum):
    """What a room's clock can ask for."""

    NO_SHOW = "no_show"
    NUDGE = "nudge"
    IDLE = "idle"
    PARTNER_AWAY = "partner_away"
    PARTNER_LEFT = "partner_left"
    BOTH_OFFLINE = "both_offline"
    MAX_TIME = "max_time"
    SURVEY = "survey"


@dataclass(frozen=True, slots=True)
class Presence:
    """What is known of one side: when it was last heard of, and the deadlines that follow from it.

    `here` is false once the last socket was closed. `away_at` is None when it has been announced.
    """

    seen: datetime | None
    here: bool
    visible: bool = True
    away_at: datetime | None = None
    left_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class RoomClock:
    """The deadline columns of a room; those that its state does not use are not looked at.

    While a moderator holds the room (`held`), silence and the longest time end nothing.
    """

    state: ConversationState
    sides: Mapping[Role, Presence]
    ready_by: datetime | None = None
    nudge_at: datetime | None = None
    idle_by: datetime | None = None
    max_by: datetime | None = None
    survey_by: datetime | None = None
    held: bool = False


@dataclass(frozen=True, slots=True)
class Deadline:
    """At `at` the room's clock asks for `due`; `role` is whom it is about."""

    at: datetime
    due: Due
    role: Role | None = None


def presence_status(side: Presence, now: datetime, timers: Timers) -> str:
    """Say how a person appears to the partner: online, away (tab hidden) or offline."""
    if not side.here or side.seen is None or now >= timers.after(side.seen, "online"):
        return "offline"
    return "online" if side.visible else "away"


def deadlines_due(clock: RoomClock, now: datetime, timers: Timers) -> list[Deadline]:
    """List what a room's clock asks for at `now`, the earliest first (protocol, lifecycles).

    Nobody is left by a partner while being offline too: then only BOTH_OFFLINE counts.
    """
    found: list[tuple[datetime | None, Due, Role | None]] = []
    if clock.state is ConversationState.CREATED:
        found = [(clock.ready_by, Due.NO_SHOW, None)]
    elif clock.state is ConversationState.SURVEY:
        found = [(clock.survey_by, Due.SURVEY, None)]
    elif clock.state is ConversationState.LIVE:
        found = _live_deadlines(clock, now, timers)
    due = [Deadline(at, what, role) for at, what, role in found if at is not None and at <= now]
    return sorted(due, key=lambda deadline: deadline.at)


def _live_deadlines(
    clock: RoomClock, now: datetime, timers: Timers
) -> list[tuple[datetime | None, Due, Role | None]]:
    found: list[tuple[datetime | None, Due, Role | None]] = [
        (both_offline_at(clock.sides, timers), Due.BOTH_OFFLINE, None)
    ]
    if not clock.held:
        found += [
            (clock.nudge_at, Due.NUDGE, None),
            (clock.idle_by, Due.IDLE, None),
            (clock.max_by, Due.MAX_TIME, None),
        ]
    for role, side in clock.sides.items():
        partner = clock.sides[role.other]
        if presence_status(side, now, timers) != "offline":
            continue
        if presence_status(partner, now, timers) != "offline":
            found.append((side.away_at, Due.PARTNER_AWAY, role))
            found.append((side.left_by, Due.PARTNER_LEFT, role))
    return found


def both_offline_at(sides: Mapping[Role, Presence], timers: Timers) -> datetime | None:
    """The moment at which a live room counts as abandoned unless somebody comes back."""
    seen = [side.seen for side in sides.values() if side.seen is not None]
    return timers.after(max(seen), "both_offline") if seen else None
