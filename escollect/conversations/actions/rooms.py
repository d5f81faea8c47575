"""Entering a room, being there, leaving its socket."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import transaction

from escollect.conversations.actions import ending
from escollect.conversations.actions.deadlines import enforce
from escollect.conversations.actions.locked import Room, lock_rooms, refresh, store
from escollect.conversations.actions.together import do_together
from escollect.conversations.models import Member
from escollect.conversations.rules import get_timers, get_version_settings
from escollect.conversations.selectors import RoomView, make_view
from escollect.domain.events import Author, EventKind, Notice, Refused, Role
from escollect.domain.lifecycle import ConversationState, Timers
from escollect.infra import bus, clock, sets
from escollect.people.models import Participant

OPEN = (ConversationState.CREATED, ConversationState.LIVE)
WITHOUT_SOCKET = UUID(int=0)
"""The tab of somebody who polls because websockets do not get through."""


@dataclass(frozen=True, slots=True)
class Joining:
    """Somebody who enters a room from a tab."""

    conversation: UUID
    participant: UUID
    tab: UUID


def join(conversation: UUID, participant: UUID, tab: UUID) -> RoomView:
    """Enter a room from a tab: the newest tab wins, and the room goes live when both are in.

    Raises Refused: forbidden (a stranger, an erased room, a blocked participant), state (the offer
    has not been answered with ready yet).
    """
    (answer,) = _join([Joining(conversation, participant, tab)])
    if isinstance(answer, Refused):
        raise answer
    return answer


def join_many(joins: Sequence[Joining]) -> list[RoomView | Exception]:
    """`join` for many sockets, in their order, in one transaction; what goes wrong is the answer to one."""
    return do_together(_join, joins)


def _join(joins: Sequence[Joining]) -> list[RoomView | Refused]:
    with transaction.atomic():
        rooms = lock_rooms({one.conversation for one in joins})
        for room in rooms.values():
            enforce(room)
        seated: dict[int, Member] = {}
        answers = [_enter(rooms.get(one.conversation), one, seated) for one in joins]
        sets.update_rows(Member, SEAT, [(side.pk, *_seat_of(side)) for side in seated.values()])
        store(rooms.values())
        for conversation in {side.conversation_id for side in seated.values()}:
            bus.hint(bus.room_group(conversation))
    return answers


def _enter(room: Room | None, one: Joining, seated: dict[int, Member]) -> RoomView | Refused:
    side = room.get_side(one.participant) if room is not None else None
    if room is None or side is None or room.state is ConversationState.ERASED:
        return Refused("forbidden")
    if side.participant.state != Participant.State.ACTIVE:
        return Refused("forbidden")
    if room.state is ConversationState.CREATED and side.ready_at is None:
        return Refused("state")
    _sit_down(room, side, one.tab)
    seated[side.pk] = side
    return make_view(room.row, side, room.sides.get(Role(side.role).other), room.now)


SEAT = ("seen_at", "visible", "tab", "epoch", "joined_at", "gone_prompt_at", "gone_by")
_seat_of = attrgetter(*SEAT)


def _sit_down(room: Room, side: Member, tab: UUID) -> None:
    was_told = room.state is ConversationState.LIVE and side.gone_prompt_at is None
    side.seen_at, side.visible, side.tab, side.epoch = room.now, True, tab, side.epoch + 1
    side.joined_at = side.joined_at or room.now
    if room.state is ConversationState.LIVE:
        side.gone_prompt_at = room.timers.after(room.now, "partner_away")
        side.gone_by = room.timers.after(room.now, "partner_left")
    if was_told:
        _tell_back(room, side)
    everybody = all(member.joined_at is not None for member in room.sides.values())
    if room.state is ConversationState.CREATED and everybody:
        ending.go_live(room)


def _gone_columns(room: Room) -> dict[str, object]:
    return {
        "gone_prompt_at": room.timers.after(room.now, "partner_away"),
        "gone_by": room.timers.after(room.now, "partner_left"),
    }


def _tell_back(room: Room, side: Member) -> None:
    payload = {"code": Notice.PARTNER_BACK, "who": side.role}
    room.add(EventKind.NOTICE, Author.SYSTEM, payload=payload)


def seen(conversation: UUID, participant: UUID, epoch: int | None, visible: bool = True) -> bool:
    """Note that a side is there (a ping), and whether its tab is visible.

    `epoch` None is the way without a socket: it is not checked, and who comes that way after having said
    ready enters the room by it. Returns False when the side is not this participant's or a newer tab has
    taken over. Somebody who was announced as away is announced as back.
    """
    side = _get_side(conversation, participant, epoch)
    if side is None:
        return False
    if epoch is None and side.tab is None and side.conversation.state in OPEN:
        return _enter_without_socket(side)
    now, timers = clock.now(), get_timers(side.conversation.version)
    row = Member.objects.filter(pk=side.pk, epoch=side.epoch)
    columns = {"seen_at": now, "visible": visible}
    if side.conversation.state != ConversationState.LIVE:
        return row.update(**columns) == 1
    columns["gone_by"] = timers.after(now, "partner_left")
    columns["gone_prompt_at"] = timers.after(now, "partner_away")
    if row.filter(gone_prompt_at__isnull=False, active=True).update(**columns) == 1:
        if visible != side.visible or _was_offline(side, timers):
            bus.hint(bus.room_group(conversation))
        return True
    return _come_back(conversation, participant, side.epoch, visible=visible)


@dataclass(frozen=True, slots=True)
class Seen:
    """A side that was heard of at its socket, and whether its tab is visible."""

    conversation: UUID
    participant: UUID
    epoch: int
    visible: bool


def seen_many(notes: Sequence[Seen]) -> list[bool]:
    """`seen` for many sockets: those in a live room whose absence nobody was told of take two statements."""
    wanted = {(note.conversation, note.participant): note for note in notes}
    rows, topics = [], []
    now = clock.now()
    for side in _get_quiet({note.conversation for note in notes}):
        note = wanted.get((side[1], side[2]))
        if note is None or note.epoch != side[3]:
            continue
        timers = get_version_settings(*side[-2:]).timers
        away, gone = timers.after(now, "partner_away"), timers.after(now, "partner_left")
        rows.append((side[0], now, note.visible, away, gone, note.epoch))
        del wanted[side[1], side[2]]
        if note.visible != side[4] or side[5] is None or now >= timers.after(side[5], "online"):
            topics.append(bus.room_group(note.conversation))
    changed = sets.update_rows(Member, SEEN, rows, QUIET)
    for topic in topics:
        bus.hint(topic)
    if changed != len(rows):
        wanted = {(note.conversation, note.participant): note for note in notes}
    alone = {
        key: seen(note.conversation, note.participant, note.epoch, note.visible)
        for key, note in wanted.items()
    }
    return [alone.get((note.conversation, note.participant), True) for note in notes]


def _get_quiet(ids: Collection[UUID]) -> Iterable[tuple[Any, ...]]:
    sides = Member.objects.filter(
        conversation__in=ids,
        conversation__state=ConversationState.LIVE,
        active=True,
        gone_prompt_at__isnull=False,
    )
    return sides.values_list(*SIDE)


SIDE = (
    "pk",
    "conversation_id",
    "participant_id",
    "epoch",
    "visible",
    "seen_at",
    "conversation__version_id",
    "conversation__version__created_at",
)
SEEN = ("seen_at", "visible", "gone_prompt_at", "gone_by", "epoch")
QUIET = """conversations_member.epoch = v.epoch AND conversations_member.active
AND conversations_member.gone_prompt_at IS NOT NULL"""


def _enter_without_socket(side: Member) -> bool:
    """Sit down without a tab; before both said ready there is nothing to enter yet."""
    try:
        join(side.conversation_id, side.participant_id, WITHOUT_SOCKET)
    except Refused:
        return False
    return True


def _come_back(conversation: UUID, participant: UUID, epoch: int, *, visible: bool) -> bool:
    """Be there again after the partner has been told of an absence."""
    with transaction.atomic():
        room = lock_rooms([conversation])[conversation]
        side = room.get_side(participant)
        if side is None or side.epoch != epoch:
            return False
        enforce(room)
        was_told = room.state is ConversationState.LIVE and side.gone_prompt_at is None
        columns: dict[str, object] = {"seen_at": room.now, "visible": visible}
        if room.state is ConversationState.LIVE:
            columns |= _gone_columns(room)
        refresh(side, **columns)
        if was_told:
            _tell_back(room, side)
        store([room])
    return True


def _was_offline(side: Member, timers: Timers) -> bool:
    return side.seen_at is None or clock.now() >= timers.after(side.seen_at, "online")


def leave_room(conversation: UUID, participant: UUID, epoch: int) -> None:
    """The socket of this epoch is closed: the side is offline from now on, unless a newer tab is there."""
    side = _get_side(conversation, participant, epoch)
    if side is None:
        return
    now, timers = clock.now(), get_timers(side.conversation.version)
    columns: dict[str, object] = {"tab": None, "seen_at": now}
    if side.conversation.state == ConversationState.LIVE and side.gone_prompt_at is not None:
        columns["gone_prompt_at"] = timers.after(now, "partner_away")
        columns["gone_by"] = timers.after(now, "partner_left")
    Member.objects.filter(pk=side.pk, epoch=epoch).update(**columns)
    bus.hint(bus.room_group(conversation))


HEAVY = ("conversation__version__definition", "conversation__version__source")
"""Columns that a ping does not need; the settings are read once a process."""


def _get_side(conversation: UUID, participant: UUID, epoch: int | None) -> Member | None:
    found = (
        Member.objects.select_related("conversation__version")
        .defer(*HEAVY)
        .filter(conversation=conversation, participant=participant)
    )
    if epoch is not None:
        found = found.filter(epoch=epoch)
    return found.first()
