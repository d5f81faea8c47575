"""What sockets read again and again: the events they lack and how their rooms stand, for many at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from escollect.conversations.models import Conversation, Event, Member
from escollect.conversations.rules import get_version_settings
from escollect.domain.events import Role
from escollect.domain.lifecycle import ConversationState, Presence, presence_status
from escollect.infra import clock, sets

PAGE = 500
SIDE = (
    "conversation_id",
    "participant_id",
    "role",
    "epoch",
    "seen_at",
    "tab",
    "visible",
    "conversation__state",
    "conversation__version_id",
    "conversation__version__created_at",
)
CURSOR = sets.get_fields(Event, ("conversation", "seq"))
LACKING = f"""
SELECT e.* FROM conversations_event e JOIN v
  ON e.conversation_id = v.conversation_id AND e.seq > v.seq AND e.seq <= v.seq + {PAGE}
ORDER BY e.conversation_id, e.seq
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A socket: whose it is, in which room, and the last event it has."""

    conversation: UUID
    participant: UUID
    seq: int


@dataclass(frozen=True, slots=True)
class RoomNews:
    """How a room stands for one side."""

    state: ConversationState
    epoch: int
    partner: str
    now: datetime


@dataclass(frozen=True, slots=True)
class News:
    """The next events of a room, at most PAGE; `room` is None when it is not there for this participant."""

    room: RoomNews | None
    events: list[Event]


@dataclass(frozen=True, slots=True)
class Side:
    """Whose side of a room somebody has, and whether the room is for practice."""

    role: Role
    practice: bool


def get_sides(asked: Sequence[tuple[UUID, UUID]]) -> list[Side | None]:
    """The sides of many participants, each asked for by room and participant, in one query.

    None for a room that is not theirs, or was erased.
    """
    rows = (
        Member.objects.filter(
            conversation__in={room for room, _participant in asked},
            participant__in={participant for _room, participant in asked},
        )
        .exclude(conversation__state=ConversationState.ERASED)
        .values_list("conversation", "participant", "role", "conversation__kind")
    )
    found = {
        (room, participant): Side(Role(role), kind == Conversation.Kind.PRACTICE)
        for room, participant, role, kind in rows
    }
    return [found.get(one) for one in asked]


def get_news(asked: Sequence[Asked]) -> list[News]:
    """The news of many sockets in three queries.

    The rooms are read before the events, so that no event that led to a room's state is missed.
    """
    rooms = _get_rooms({one.conversation for one in asked})
    cursors: dict[UUID, int] = {}
    for one in asked:
        cursors[one.conversation] = min(one.seq, cursors.get(one.conversation, one.seq))
    events: dict[UUID, list[Event]] = defaultdict(list)
    for event in sets.select_rows(Event, LACKING, CURSOR, list(cursors.items())):
        events[event.conversation_id].append(event)
    found = []
    for one in asked:
        room = rooms.get((one.conversation, one.participant))
        lacking = [event for event in events[one.conversation] if event.seq > one.seq] if room else []
        found.append(News(room, lacking))
    return found


def _get_rooms(ids: set[UUID]) -> dict[tuple[UUID, UUID], RoomNews]:
    rows = (
        Member.objects.filter(conversation__in=ids)
        .exclude(conversation__state=ConversationState.ERASED)
        .values_list(*SIDE)
    )
    sides: dict[UUID, dict[Role, tuple[Presence, UUID, int]]] = defaultdict(dict)
    states = {}
    for pk, participant, role, epoch, seen_at, tab, visible, state, version, created_at in rows:
        presence = Presence(seen=seen_at, here=tab is not None, visible=visible)
        sides[pk][Role(role)] = (presence, participant, epoch)
        states[pk] = (ConversationState(state), get_version_settings(version, created_at).timers)
    now = clock.now()
    found = {}
    for pk, (state, timers) in states.items():
        for role, (_presence, participant, epoch) in sides[pk].items():
            partner = sides[pk].get(role.other)
            status = "offline" if partner is None else presence_status(partner[0], now, timers)
            found[pk, participant] = RoomNews(state, epoch, status, now)
    return found
