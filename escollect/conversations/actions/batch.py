"""What a batch of commands reads: its rooms, locked, and what is known of its client ids.

Ordinary rooms (live, nothing due, only utterances and feedback) are read as bare columns, because they
are what a busy process does all day. Any other room is read whole, and its rules run on the models.
docs/message-path.md tells the way of a message from end to end.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from escollect.conversations.actions.locked import COUNTERS, NewEvent, OpenRoom, lock_rooms
from escollect.conversations.models import Conversation, Event, HelpRequest, Member
from escollect.conversations.rules import get_version_settings
from escollect.domain.events import Role
from escollect.domain.lifecycle import ConversationState
from escollect.domain.study import StudySettings
from escollect.domain.wire import Command, Rate, Say
from escollect.infra import clock, sets
from escollect.people.models import Participant

Key = tuple[UUID, UUID, UUID]
"""(conversation, participant, client id): what makes a command the same command."""

ROW = ("pk", "state", *COUNTERS, "max_by", "kind", "version_id", "version__created_at")
SEAT = (
    "conversation_id",
    "participant_id",
    "role",
    "epoch",
    "seen_at",
    "gone_by",
    "participant__state",
    "now",
)
KEY = sets.get_fields(Event, ("conversation", "participant", "cid"))
KNOWN = """
SELECT event, help FROM (
  SELECT
    (SELECT e.id FROM conversations_event e
     WHERE e.conversation_id = v.conversation_id AND e.participant_id = v.participant_id AND e.cid = v.cid
    ) AS event,
    (SELECT h.id FROM conversations_helprequest h
     WHERE h.conversation_id = v.conversation_id AND h.participant_id = v.participant_id AND h.cid = v.cid
    ) AS help
  FROM v
) known WHERE event IS NOT NULL OR help IS NOT NULL
"""
"""One look into the index for each command: a join might read the whole table."""


@dataclass(slots=True)
class OrdinaryRow:
    """The columns of a conversation that utterances and feedback read and change."""

    pk: UUID
    state: str
    last_seq: int
    utterances: int
    seeker_utterances: int
    supporter_utterances: int
    unrated: int
    open_request: int | None
    last_author: str
    nudge_at: datetime | None
    idle_by: datetime | None
    max_by: datetime | None
    kind: str


@dataclass(slots=True)
class Seat:
    """A side of an ordinary room."""

    participant_id: UUID
    role: Role
    epoch: int
    seen_at: datetime | None
    gone_by: datetime | None
    may_act: bool


class OrdinaryRoom(OpenRoom):
    """A locked room that nothing but talk is about to happen in."""

    def __init__(self, row: OrdinaryRow, seats: list[Seat], now: datetime, settings: StudySettings) -> None:
        super().__init__(row, now, settings)
        self.seats = seats

    def get_side(self, participant: UUID) -> Seat | None:
        """The side of a participant, None for strangers."""
        return next((seat for seat in self.seats if seat.participant_id == participant), None)

    def is_ordinary(self) -> bool:
        """Whether two people talk in a live room with no deadline due; when in doubt it is read whole."""
        now, row = self.now, self.row
        seen = [seat.seen_at for seat in self.seats if seat.seen_at is not None]
        if row.state != ConversationState.LIVE or self.is_practice or not seen:
            return False
        both_offline = max(seen) + timedelta(seconds=self.settings.timers.both_offline)
        ends = [row.idle_by, row.max_by, both_offline, *(seat.gone_by for seat in self.seats)]
        return all(end is None or end > now for end in ends)


def open_rooms(commands: Sequence[Command]) -> dict[UUID, OpenRoom]:
    """Lock the rooms of a batch in id order (inside a transaction); unknown ids are left out."""
    found = _read({command.conversation for command in commands})
    talk = {pk for pk, room in found.items() if room.is_ordinary()}
    talk -= {command.conversation for command in commands if not isinstance(command.body, Say | Rate)}
    whole = lock_rooms(found.keys() - talk) if len(talk) < len(found) else {}
    return {pk: whole.get(pk) or room for pk, room in found.items()}


_ROOMS = sets.Picked(
    lambda: (
        Conversation.objects.select_for_update(of=("self",), no_key=True).order_by("pk").values_list(*ROW)
    ),
    "pk",
)
_SEATS = sets.Picked(lambda: Member.objects.annotate(now=clock.Now()).values_list(*SEAT), "conversation")
"""With the time at which they were read: a statement for the clock alone would be one more way there."""


def _read(ids: Collection[UUID]) -> dict[UUID, OrdinaryRoom]:
    rows = _ROOMS.get(tuple(ids))
    seats: dict[UUID, list[Seat]] = {row[0]: [] for row in rows}
    taken = _SEATS.get(list(seats))
    for pk, participant, role, epoch, seen_at, gone_by, state, _now in taken:
        may_act = state == Participant.State.ACTIVE
        seats[pk].append(Seat(participant, Role(role), epoch, seen_at, gone_by, may_act))
    now = (taken[-1][-1] if taken else None) or clock.now()
    return {
        row[0]: OrdinaryRoom(OrdinaryRow(*row[:-2]), seats[row[0]], now, get_version_settings(*row[-2:]))
        for row in rows
    }


def get_known(commands: Sequence[Command]) -> tuple[dict[Key, Event | NewEvent], dict[Key, HelpRequest]]:
    """What the client ids of a batch were used for before: events, and calls for help."""
    keys = [(command.conversation, command.participant, command.body.cid) for command in commands]
    known = sets.select_ids(KNOWN, KEY, keys)
    events = Event.objects.filter(pk__in=[event for event, _help in known if event]) if known else []
    helps = HelpRequest.objects.filter(pk__in=[pk for _event, pk in known if pk]) if known else []
    return (
        {
            (row.conversation_id, row.participant_id, row.cid): row
            for row in events
            if row.participant_id and row.cid
        },
        {(row.conversation_id, row.participant_id, row.cid): row for row in helps},
    )
