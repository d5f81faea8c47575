"""The one way in for what people do in rooms: a batch of commands, one transaction, a reply for each.

A batch runs a constant number of statements for its ordinary commands, whatever its size: lock the
rooms in id order, read their sides and what is known of the client ids, insert all events, update all
counters. What ends a conversation runs its own statements.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import InterfaceError, OperationalError, transaction

from escollect.conversations.actions import ending, scripted
from escollect.conversations.actions.batch import Key, OrdinaryRoom, Seat, get_known, open_rooms
from escollect.conversations.actions.deadlines import enforce
from escollect.conversations.actions.locked import NewEvent, OpenRoom, Room, store
from escollect.conversations.actions.together import do_together
from escollect.conversations.models import Event, HelpRequest, Member
from escollect.conversations.selectors import get_presence
from escollect.domain import turns
from escollect.domain.events import Author, EventKind, Refused, Role
from escollect.domain.lifecycle import EndReason, presence_status
from escollect.domain.wire import Ack, Command, End, Help, Nack, Rate, Reply, Say, refusal
from escollect.people.models import Participant
from escollect.training.actions import qualify_by_practice

logger = logging.getLogger(__name__)


def submit(commands: Sequence[Command]) -> list[Reply]:
    """Store the commands and answer each, in order; the replies may be sent when this returns.

    A refused command is a Nack and hurts no other. When the batch as a whole fails, each command is tried
    alone, and only those that fail again are refused (`db_unavailable` and `busy` may be retried).
    """
    if not commands:
        return []
    results = do_together(_store, commands)
    return [
        _failed(command, result) if isinstance(result, Exception) else result
        for command, result in zip(commands, results, strict=True)
    ]


def _failed(command: Command, error: Exception) -> Nack:
    if isinstance(error, OperationalError | InterfaceError):
        logger.warning("the database is not there: %r", error)
        return refusal(command.body.cid, "db_unavailable")
    logger.error("a command could not be stored", exc_info=error)
    return refusal(command.body.cid, "internal")


@dataclass
class _Batch:
    """A batch in its transaction: the locked rooms and what is known of the client ids."""

    rooms: dict[UUID, OpenRoom]
    events: dict[Key, Event | NewEvent]
    helps: dict[Key, HelpRequest]
    asked: list[HelpRequest] = field(default_factory=list)
    ended: set[UUID] = field(default_factory=set)


def _store(commands: Sequence[Command]) -> list[Reply]:
    with transaction.atomic():
        batch = _Batch(open_rooms(commands), *get_known(commands))
        for pk, room in batch.rooms.items():
            if isinstance(room, Room) and enforce(room):
                batch.ended.add(pk)
        replies = [_reply(batch, command) for command in commands]
        store(batch.rooms.values())
        HelpRequest.objects.bulk_create(batch.asked)
    return replies


def _reply(batch: _Batch, command: Command) -> Reply:
    try:
        return _repeated(batch, command) or _new(batch, command)
    except Refused as refused:
        return refusal(command.body.cid, refused.code)


def _repeated(batch: _Batch, command: Command) -> Ack | None:
    """The ack that a command got before; Refused(cid_conflict) when the id was used for something else."""
    body = command.body
    key = (command.conversation, command.participant, body.cid)
    event, asked = batch.events.get(key), batch.helps.get(key)
    if event is None and asked is None:
        return None
    if asked is not None:
        if body != Help(asked.cid, asked.kind, asked.seq, asked.note):
            raise Refused("cid_conflict")
        return Ack(body.cid, batch.rooms[command.conversation].row.last_seq, asked.at, dup=True)
    if event is None or event.at is None or not _same(event, body):
        raise Refused("cid_conflict")
    return Ack(body.cid, event.seq, event.at, dup=True)


def _same(event: Event | NewEvent, body: Say | Rate | End | Help) -> bool:
    """Whether a stored event is what this command asks for."""
    payload: Mapping[str, Any] = event.payload
    match body:
        case Say():
            return (event.kind, event.text, event.strategy) == (EventKind.MSG, body.text, body.strategy or "")
        case Rate():
            return (event.kind, payload.get("req"), event.value) == (EventKind.RATING, body.req, body.value)
        case End():
            return event.kind == EventKind.STATE and payload.get("wish") == body.reason
        case Help():
            return False


def _new(batch: _Batch, command: Command) -> Ack:
    room = batch.rooms.get(command.conversation)
    side = None
    if isinstance(room, Room | OrdinaryRoom):
        side = room.get_side(command.participant)
    if room is None or side is None or not _may_act(side):
        raise Refused("forbidden")
    if command.epoch is not None and command.epoch != side.epoch:
        raise Refused("forbidden")
    key = (command.conversation, command.participant, command.body.cid)
    if isinstance(command.body, Help):
        return _help(batch, room, command.body, key)
    if command.conversation in batch.ended:
        raise Refused("deadline")
    handler: Callable[..., NewEvent] = HANDLERS[type(command.body)]
    event = handler(room, side, command.body)
    batch.events[key] = event
    return Ack(command.body.cid, event.seq, room.now)


def _may_act(side: Member | Seat) -> bool:
    return side.may_act if isinstance(side, Seat) else side.participant.state == Participant.State.ACTIVE


def _facts(room: OpenRoom) -> turns.Room:
    row = room.row
    return turns.Room(room.state, row.utterances, row.unrated, row.open_request)


def _say(room: OpenRoom, side: Member | Seat, say: Say) -> NewEvent:
    row, role, settings = room.row, Role(side.role), room.settings
    limit = turns.MAX_UTTERANCES if room.is_practice else settings.limits.utterances
    turns.check_say(_facts(room), role, say.strategy, limit=limit)
    if len(say.text) > settings.limits.text:
        raise Refused("text_too_long")
    payload: dict[str, Any] = {"seen": say.seen}
    if say.tele:
        payload["tele"] = dict(say.tele)
    event = room.say(
        role,
        side.participant_id,
        say.text,
        cid=say.cid,
        strategy=say.strategy or "",
        payload=payload,
    )
    if isinstance(room, Room) and room.is_practice:
        _go_on(room)
    elif turns.rating_due(role, row.unrated):
        row.open_request = room.add(EventKind.RATING_REQUEST, Author.SYSTEM).seq
        row.unrated = 0
    return event


def _go_on(room: Room) -> None:
    """Let the scripted seeker answer a trainee; with the script the chat is over, and may qualify."""
    if scripted.answer(room):
        ending.end(room, EndReason.DONE, None)
        qualify_by_practice(room.sides[Role.SUPPORTER].participant)


def _rate(room: OpenRoom, side: Member | Seat, rate: Rate) -> NewEvent:
    turns.check_rate(_facts(room), Role(side.role), rate.req, rate.value)
    room.row.open_request = None
    return room.add(
        EventKind.RATING,
        Role(side.role),
        participant=side.participant_id,
        cid=rate.cid,
        value=rate.value,
        payload={"req": rate.req},
    )


def _end(room: Room, side: Member, wish: End) -> NewEvent:
    role = Role(side.role)
    reason, caused_by = turns.check_end(_facts(room), wish.reason), role
    if reason in (EndReason.LEAVE, EndReason.OTHER) and _has_been_left(room, role):
        reason, caused_by = EndReason.PARTNER_LEFT, role.other
    return ending.end(
        room,
        reason,
        caused_by,
        by=role,
        participant=side.participant_id,
        cid=wish.cid,
        wish=wish.reason,
    )


def _has_been_left(room: Room, role: Role) -> bool:
    """Whether the partner has been away for so long that this side was asked to wait or to finish."""
    partner = get_presence(room.sides[role.other])
    away = partner.away_at is None or partner.away_at <= room.now
    return away and presence_status(partner, room.now, room.timers) == "offline"


def _help(batch: _Batch, room: OpenRoom, call: Help, key: Key) -> Ack:
    """Store a call for help apart from the events, so that the partner never learns of it."""
    turns.check_help(_facts(room), call.seq, room.row.last_seq)
    if room.is_practice:
        # Nobody watches a practice chat: an ack would promise help that does not come.
        raise Refused("state")
    row = HelpRequest(
        conversation_id=key[0],
        participant_id=key[1],
        cid=call.cid,
        kind=call.kind,
        seq=call.seq,
        note=call.note,
        at=room.now,
    )
    batch.asked.append(row)
    batch.helps[key] = row
    return Ack(call.cid, room.row.last_seq, room.now)


HANDLERS: dict[type, Callable[..., NewEvent]] = {Say: _say, Rate: _rate, End: _end}
