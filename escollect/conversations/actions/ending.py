"""The moves of a locked room: going live, ending, aborting, being abandoned, finishing.

Each is one compare-and-set with its audit row, a state event that both sides see, and everything
that follows from it: tickets, seats, surveys, outcomes, the signal.
"""

from __future__ import annotations

from uuid import UUID

from escollect.conversations.actions import scripted
from escollect.conversations.actions.locked import NewEvent, Room, actor_of
from escollect.conversations.actions.outcomes import give_for_conversation
from escollect.conversations.actions.tickets import move_ticket, restore_ticket
from escollect.conversations.models import Member, SurveyResponse
from escollect.conversations.signals import conversation_finished
from escollect.domain.events import Author, EventKind, Role
from escollect.domain.lifecycle import ConversationState, EndReason, TicketState, both_offline_at
from escollect.infra import bus


def go_live(room: Room) -> None:
    """CREATED to LIVE: both have joined. Consumes the tickets and ties the pre-chat answers to the room."""
    now, timers = room.now, room.timers
    room.move(
        ConversationState.LIVE,
        actor="system",
        live_at=now,
        nudge_at=timers.after(now, "nudge"),
        idle_by=timers.after(now, "idle"),
        max_by=timers.after(now, "max_time"),
        both_gone_by=timers.after(now, "both_offline"),
    )
    for member in room.sides.values():
        if member.ticket is not None:
            move_ticket(member.ticket, TicketState.CONSUMED, now, actor="system")
            SurveyResponse.objects.filter(ticket=member.ticket, kind=SurveyResponse.Kind.BEFORE).update(
                conversation=room.row
            )
        seen = member.seen_at or now
        member.gone_prompt_at = timers.after(seen, "partner_away")
        member.gone_by = timers.after(seen, "partner_left")
        member.save(update_fields=["gone_prompt_at", "gone_by"])
    room.add(EventKind.STATE, Author.SYSTEM, payload={"state": ConversationState.LIVE})
    if room.is_practice:
        scripted.greet(room)


def end(
    room: Room,
    reason: EndReason,
    caused_by: Role | None,
    *,
    by: Role | None = None,
    participant: UUID | None = None,
    cid: UUID | None = None,
    wish: str = "",
    actor: str = "",
) -> NewEvent:
    """LIVE to SURVEY; a practice chat has no survey and is finished at once.

    `caused_by` decides the outcomes; `by` is the role that sent the `end` frame. Returns the state event;
    `wish` is the reason as the frame gave it, `actor` the moderator who ends it.
    """
    room.move(
        ConversationState.SURVEY,
        actor=actor or actor_of(participant),
        why=reason,
        ended_at=room.now,
        held_at=None,
        survey_by=room.timers.after(room.now, "survey"),
        end_reason=reason,
        ended_by=caused_by or "",
    )
    room.row.open_request = None
    free_seats(room)
    if room.is_practice:
        room.move(ConversationState.FINISHED, actor="system", why="practice", finished_at=room.now)
    payload: dict[str, str] = {"state": room.state, "reason": reason}
    if by is not None:
        payload |= {"by": by, "wish": wish}
    return room.add(EventKind.STATE, by or Author.SYSTEM, participant=participant, cid=cid, payload=payload)


def abort(room: Room, missing: frozenset[Role], *, declined: bool = False) -> None:
    """CREATED to ABORTED: `missing` did not come (or declined); the other side gets its place back."""
    caused_by = next(iter(missing)) if len(missing) == 1 else None
    why = "declined" if declined else EndReason.NO_SHOW
    room.move(
        ConversationState.ABORTED,
        actor="system",
        why=why,
        ended_at=room.now,
        end_reason=EndReason.NO_SHOW,
        ended_by=caused_by or "",
    )
    free_seats(room)
    for role, member in room.sides.items():
        if role not in missing:
            give_for_conversation(room, role)
        if member.ticket is None:
            continue
        if role in missing:
            gone = TicketState.CANCELLED if declined else TicketState.NO_SHOW
            move_ticket(member.ticket, gone, room.now, actor="system", why=why)
        else:
            restore_ticket(member.ticket, room.now, room.timers, why=why)
    payload = {"state": ConversationState.ABORTED, "reason": EndReason.NO_SHOW}
    room.add(EventKind.STATE, Author.SYSTEM, payload=payload)


def abandon(room: Room) -> None:
    """LIVE to ABANDONED: both have been offline for too long."""
    room.move(
        ConversationState.ABANDONED,
        actor="system",
        why=EndReason.BOTH_OFFLINE,
        ended_at=room.now,
        held_at=None,
        end_reason=EndReason.BOTH_OFFLINE,
    )
    room.row.open_request = None
    free_seats(room)
    for role in room.sides:
        give_for_conversation(room, role)
    payload = {"state": ConversationState.ABANDONED, "reason": EndReason.BOTH_OFFLINE}
    room.add(EventKind.STATE, Author.SYSTEM, payload=payload)


def finish(room: Room, *, why: str) -> None:
    """SURVEY to FINISHED: both surveys are in, or their time is over. Quality control starts here."""
    room.move(ConversationState.FINISHED, actor="system", why=why, finished_at=room.now)
    for role in room.sides:
        give_for_conversation(room, role)
    room.add(EventKind.STATE, Author.SYSTEM, payload={"state": ConversationState.FINISHED})
    conversation_finished.send(sender=type(room.row), conversation=room.row)


def look_again(room: Room) -> None:
    """Move the column that finds abandoned rooms to where presence has moved it in the meantime."""
    at = both_offline_at(room.clock.sides, room.timers)
    if at is not None and at != room.row.both_gone_by:
        room.row.both_gone_by = at
        room.row.save(update_fields=["both_gone_by"])


def free_seats(room: Room) -> None:
    """Nobody is in this room any more: both may be matched again."""
    Member.objects.filter(conversation=room.row).update(active=False, gone_prompt_at=None, gone_by=None)
    for member in room.sides.values():
        member.active, member.gone_prompt_at, member.gone_by = False, None, None
        bus.hint(bus.lobby_group(member.participant_id))
