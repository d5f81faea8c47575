"""A locked room: its row, its two sides and the events that are about to be stored.

Every writer locks rooms through `lock_rooms`, in id order, and ends with `store`; so the sequence of a
room has no gaps, and a batch over many rooms cannot wait for another in a circle.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db.models import Model

from escollect.audit.actions import record
from escollect.conversations.models import Conversation, Event, Member
from escollect.conversations.rules import get_settings
from escollect.conversations.selectors import get_presence
from escollect.domain.events import Author, EventKind, Role
from escollect.domain.lifecycle import (
    ConversationState,
    RoomClock,
    Timers,
    check_conversation_move,
)
from escollect.domain.study import StudySettings
from escollect.infra import bus, clock, sets

COUNTERS = (
    "last_seq",
    "utterances",
    "seeker_utterances",
    "supporter_utterances",
    "unrated",
    "open_request",
    "last_author",
    "nudge_at",
    "idle_by",
)
"""The columns that an ordinary event changes; moves of the state write theirs at once."""


EVENT = (
    "conversation",
    "seq",
    "kind",
    "author",
    "participant",
    "cid",
    "at",
    "text",
    "strategy",
    "value",
    "payload",
)

_counters = attrgetter(*COUNTERS)


class Overtaken(Exception):
    """A compare-and-set found another state than the one that was read: somebody else won."""


@dataclass(slots=True)
class NewEvent:
    """An event that is about to be stored, and what sockets of this process are handed once it is."""

    conversation_id: UUID
    seq: int
    kind: str
    author: str
    at: datetime
    participant_id: UUID | None = None
    cid: UUID | None = None
    text: str = ""
    strategy: str = ""
    value: int | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)


class OpenRoom:
    """A locked conversation as far as every command needs it.

    `row` is the conversation, or those of its columns that ordinary commands need; `now` is the database's
    time, read after the lock was taken.
    """

    def __init__(self, row: Any, now: datetime, settings: StudySettings) -> None:
        self.row = row
        self.now = now
        self.settings = settings
        self.events: list[NewEvent] = []

    @property
    def state(self) -> ConversationState:
        """The state of the conversation."""
        return ConversationState(self.row.state)

    @property
    def is_practice(self) -> bool:
        """Whether the seeker follows a script: no feedback, no surveys, no outcomes."""
        return bool(self.row.kind == Conversation.Kind.PRACTICE)

    @property
    def timers(self) -> Timers:
        """The timers of the study version that the conversation pinned, in seconds."""
        return self.settings.timers

    def add(
        self,
        kind: EventKind,
        author: Author | Role,
        *,
        participant: UUID | None = None,
        cid: UUID | None = None,
        **content: Any,
    ) -> NewEvent:
        """Append an event with the room's next sequence number; `store` writes it."""
        self.row.last_seq += 1
        event = NewEvent(self.row.pk, self.row.last_seq, kind, author, self.now, participant, cid, **content)
        self.events.append(event)
        return event

    def say(self, role: Role, participant: UUID, text: str, **content: Any) -> NewEvent:
        """Append an utterance and count it; both timers for silence begin anew."""
        event = self.add(EventKind.MSG, role, participant=participant, text=text, **content)
        row = self.row
        row.utterances += 1
        if role is Role.SEEKER:
            row.seeker_utterances += 1
        else:
            row.supporter_utterances += 1
            row.unrated += 1
        row.last_author = role
        row.nudge_at = self.timers.after(self.now, "nudge")
        row.idle_by = self.timers.after(self.now, "idle")
        return event


class Room(OpenRoom):
    """One locked conversation with its two sides, whole."""

    row: Conversation

    def __init__(self, row: Conversation, sides: Mapping[Role, Member], now: datetime) -> None:
        super().__init__(row, now, get_settings(row.version))
        self.sides = sides

    @property
    def clock(self) -> RoomClock:
        """The deadline columns as the domain looks at them."""
        return RoomClock(
            state=self.state,
            sides={role: get_presence(member) for role, member in self.sides.items()},
            ready_by=self.row.ready_by,
            nudge_at=self.row.nudge_at,
            idle_by=self.row.idle_by,
            max_by=self.row.max_by,
            survey_by=self.row.survey_by,
            held=self.row.held_at is not None,
        )

    def get_side(self, participant: UUID) -> Member | None:
        """The side of a participant, None for strangers."""
        return next((side for side in self.sides.values() if side.participant_id == participant), None)

    def move(self, new: ConversationState, *, actor: str, why: str = "", **columns: Any) -> None:
        """Change the state by compare-and-set, with the columns given and an audit row.

        Raises IllegalMove for a move that does not exist, Overtaken when the state was another.
        """
        old = self.state
        check_conversation_move(old, new)
        changed = Conversation.objects.filter(pk=self.row.pk, state=old).update(state=new, **columns)
        if changed != 1:
            raise Overtaken(f"{self.row.pk} is no longer {old}")
        self.row.state = new
        for name, value in columns.items():
            setattr(self.row, name, value)
        record("conversation.moved", actor=actor, obj=self.row, old=old, new=new, why=why)


def lock_rooms(ids: Iterable[UUID]) -> dict[UUID, Room]:
    """Lock the rooms in id order (inside a transaction) and read their sides; unknown ids are left out.

    SQLite has no row locks: there the transaction itself holds the only write lock.
    """
    rows = list(
        Conversation.objects.select_for_update(of=("self",), no_key=True)
        .select_related("version")
        .defer("version__definition", "version__source")
        .filter(pk__in=set(ids))
        .order_by("pk")
    )
    sides: dict[UUID, dict[Role, Member]] = {row.pk: {} for row in rows}
    for member in Member.objects.filter(conversation__in=rows).select_related("participant").order_by("pk"):
        sides[member.conversation_id][Role(member.role)] = member
    now = clock.now()
    return {row.pk: Room(row, sides[row.pk], now) for row in rows}


def store(rooms: Collection[OpenRoom]) -> None:
    """Write the events and counters of all rooms at once, and tell of them after the commit."""
    touched = [room for room in rooms if room.events]
    if not touched:
        return
    events = [_values(event) for room in touched for event in room.events]
    counters = [(room.row.pk, *_counters(room.row)) for room in touched]
    sets.run([sets.insertion(Event, EVENT, events), sets.updating(Conversation, COUNTERS, counters)])
    bus.announce({bus.room_group(room.row.pk): room.events for room in touched})
    for room in touched:
        room.events = []


def _values(event: NewEvent) -> tuple[Any, ...]:
    return (
        event.conversation_id,
        event.seq,
        str(event.kind),
        str(event.author),
        event.participant_id,
        event.cid,
        event.at,
        event.text,
        event.strategy,
        event.value,
        json.dumps(event.payload),
    )


def actor_of(participant: UUID | None) -> str:
    """The name under which the audit knows a participant, or the system."""
    return "system" if participant is None else f"participant:{participant}"


def refresh(row: Model, **columns: Any) -> None:
    """Write columns of one row and keep the object in step."""
    for name, value in columns.items():
        setattr(row, name, value)
    row.save(update_fields=list(columns))
