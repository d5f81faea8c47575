"""Deadlines of rooms: enforced by whoever touches the room, and by the sweep for those nobody touches."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from escollect.conversations.actions import ending
from escollect.conversations.actions.locked import Overtaken, Room, lock_rooms, refresh, store
from escollect.conversations.actions.match import match
from escollect.conversations.actions.tickets import enforce_ticket, get_overdue
from escollect.conversations.actions.waitlog import note_waiting
from escollect.conversations.models import Conversation, Lobby, Member, Ticket
from escollect.domain.events import Author, EventKind, Notice, Role
from escollect.domain.lifecycle import (
    ConversationState,
    Deadline,
    Due,
    EndReason,
    TicketState,
    deadlines_due,
)
from escollect.domain.turns import owes_utterance
from escollect.domain.wire import iso
from escollect.infra import clock, pulse
from escollect.studies.models import Study

logger = logging.getLogger(__name__)

BATCH = 500
ANNOUNCED = frozenset({Due.NUDGE, Due.PARTNER_AWAY})
"""What only tells people something; a command that arrives in time makes it pointless."""


def enforce(room: Room, *, announce: bool = False) -> bool:
    """Do what the room's clock asks for; returns whether that changed the room's state.

    Of several things that end a state the earliest happens. Notices are told only by the sweep
    (`announce`), and only in a room that goes on. Nothing happens before an outage was made up for.
    """
    due = deadlines_due(room.clock, room.now, room.timers)
    ends = [deadline for deadline in due if deadline.due not in ANNOUNCED]
    wanted = ends[:1] or (due if announce else [])
    if not wanted or pulse.is_away(room.now):
        return False
    for deadline in wanted:
        DUE[deadline.due](room, deadline)
    return bool(ends)


def _no_show(room: Room, _deadline: Deadline) -> None:
    everybody_ready = all(member.ready_at is not None for member in room.sides.values())
    missing = [
        role
        for role, member in room.sides.items()
        if (member.joined_at if everybody_ready else member.ready_at) is None
    ]
    ending.abort(room, frozenset(missing))


def _nudge(room: Room, _deadline: Deadline) -> None:
    owes = owes_utterance(room.row.last_author)
    payload = {"code": Notice.IDLE, "until": iso(room.row.idle_by)}
    if owes is not None:
        payload["who"] = owes
    room.row.nudge_at = None
    room.add(EventKind.NOTICE, Author.SYSTEM, payload=payload)


def _idle(room: Room, _deadline: Deadline) -> None:
    ending.end(room, EndReason.IDLE, owes_utterance(room.row.last_author))


def _max_time(room: Room, _deadline: Deadline) -> None:
    ending.end(room, EndReason.MAX_TIME, None)


def _partner_away(room: Room, deadline: Deadline) -> None:
    member = room.sides[_role(deadline)]
    payload = {"code": Notice.PARTNER_AWAY, "who": member.role, "until": iso(member.gone_by)}
    room.add(EventKind.NOTICE, Author.SYSTEM, payload=payload)
    refresh(member, gone_prompt_at=None)


def _partner_left(room: Room, deadline: Deadline) -> None:
    ending.end(room, EndReason.PARTNER_LEFT, _role(deadline))


def _both_offline(room: Room, _deadline: Deadline) -> None:
    ending.abandon(room)


def _survey_over(room: Room, _deadline: Deadline) -> None:
    ending.finish(room, why="survey_time_over")


DUE: dict[Due, Callable[[Room, Deadline], None]] = {
    Due.NO_SHOW: _no_show,
    Due.NUDGE: _nudge,
    Due.IDLE: _idle,
    Due.MAX_TIME: _max_time,
    Due.PARTNER_AWAY: _partner_away,
    Due.PARTNER_LEFT: _partner_left,
    Due.BOTH_OFFLINE: _both_offline,
    Due.SURVEY: _survey_over,
}


def _role(deadline: Deadline) -> Role:
    if deadline.role is None:
        raise ValueError(f"{deadline.due} is about one side")
    return deadline.role


def enforce_room(conversation_id: UUID) -> None:
    """Lock one room and do what its clock asks for, notices included."""
    with transaction.atomic():
        for room in lock_rooms([conversation_id]).values():
            if not enforce(room, announce=True) and room.state is ConversationState.LIVE:
                ending.look_again(room)
            store([room])


def sweep() -> dict[str, int]:
    """Do everything that is overdue by the database's time; safe to run twice at once.

    Returns how many rooms and tickets were looked at and how many pairs were made. A room or a waiting room
    that fails is logged and does not stop the others. While nobody can be served, nothing is done.
    """
    now = clock.now()
    done = {"rooms": 0, "tickets": 0, "pairs": 0}
    if pulse.is_away(now):
        return done
    done["rooms"] = _each(_overdue_rooms(now), enforce_room)
    studies = Study.objects.filter(
        pk__in=Ticket.objects.filter(state__in=[TicketState.WAITING, TicketState.LAPSED]).values("study")
    )
    for study in studies:
        try:
            done["tickets"] += _sweep_tickets(study)
            done["pairs"] += len(match(study))
            note_waiting(study)
        except Exception:
            logger.exception("the waiting room of %s could not be swept", study)
    return done


def _overdue_rooms(now: datetime) -> list[UUID]:
    live = Conversation.objects.filter(state=ConversationState.LIVE)
    gone = Member.objects.filter(active=True, conversation__state=ConversationState.LIVE)
    queries = (
        Conversation.objects.filter(state=ConversationState.CREATED, ready_by__lte=now),
        Conversation.objects.filter(state=ConversationState.SURVEY, survey_by__lte=now),
        live.filter(nudge_at__lte=now, held_at=None),
        live.filter(idle_by__lte=now, held_at=None),
        live.filter(max_by__lte=now, held_at=None),
        live.filter(both_gone_by__lte=now),
    )
    sides = (gone.filter(gone_prompt_at__lte=now), gone.filter(gone_by__lte=now))
    found = [list(query.values_list("pk", flat=True)[:BATCH]) for query in queries]
    found += [list(query.values_list("conversation_id", flat=True)[:BATCH]) for query in sides]
    return sorted({pk for ids in found for pk in ids})


def _each(ids: Iterable[UUID], act: Callable[[UUID], None]) -> int:
    count = 0
    for pk in ids:
        try:
            act(pk)
            count += 1
        except Overtaken:
            continue
        except Exception:
            logger.exception("room %s could not be swept", pk)
    return count


def _sweep_tickets(study: Study) -> int:
    """Lapse, expire and close tickets, under the lock that matching takes, so that none is mid-pairing."""
    with transaction.atomic():
        Lobby.objects.select_for_update(no_key=True).get_or_create(study=study)
        now = clock.now()
        overdue = get_overdue(study.pk, now)
        for ticket in overdue:
            enforce_ticket(ticket, now)
    return len(overdue)
