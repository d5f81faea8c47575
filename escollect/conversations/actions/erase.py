"""Erasure on withdrawal: what people wrote is gone, the fact that there was a conversation stays."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from escollect.conversations.actions import ending
from escollect.conversations.actions.locked import Room, actor_of, lock_rooms, store
from escollect.conversations.actions.outcomes import give_for_conversation
from escollect.conversations.actions.tickets import move_ticket, restore_ticket, with_settings
from escollect.conversations.models import (
    Conversation,
    Event,
    HelpRequest,
    Outcome,
    SurveyResponse,
    Ticket,
)
from escollect.conversations.signals import conversation_erased
from escollect.domain import outcomes
from escollect.domain.events import Author, EventKind, Role
from escollect.domain.lifecycle import ConversationState, EndReason, TicketState
from escollect.infra import clock
from escollect.people.models import Participant

UNMATCHED = (TicketState.WAITING, TicketState.LAPSED)


def erase(conversation: Conversation | UUID, participant: Participant | None = None) -> bool:
    """Erase a conversation because `participant` withdrew (None: by decision of the staff).

    An open one is ended first, so that the partner gets an outcome and a place back. Texts, strategies,
    feedback, telemetry, notes and survey answers of both sides go; sequence numbers and times stay.
    Sends `conversation_erased` in the transaction. Returns False when it was erased before.
    """
    pk = conversation if isinstance(conversation, UUID) else conversation.pk
    with transaction.atomic():
        room = lock_rooms([pk])[pk]
        if room.state is ConversationState.ERASED:
            return False
        side = room.get_side(participant.pk) if participant is not None else None
        _close(room, Role(side.role) if side is not None else None)
        store([room])
        _erase_content(room)
        room.move(
            ConversationState.ERASED,
            actor=actor_of(participant.pk if participant is not None else None),
            why="withdrawn",
        )
        room.add(EventKind.STATE, Author.SYSTEM, payload={"state": ConversationState.ERASED})
        store([room])
        conversation_erased.send(sender=Conversation, conversation=room.row)
    return True


def _close(room: Room, withdrawn: Role | None) -> None:
    """End what is still open, and settle what each side gets; earlier outcomes of the partner stay."""
    if room.state is ConversationState.CREATED:
        _take_back_offer(room, withdrawn)
    elif room.state is ConversationState.LIVE:
        ending.end(room, EndReason.WITHDRAWN, withdrawn)
    for role in room.sides:
        if role is withdrawn:
            _give_withdrawn(room, role)
        elif room.state is ConversationState.SURVEY:
            give_for_conversation(room, role)


def _take_back_offer(room: Room, withdrawn: Role | None) -> None:
    """An offer that nobody will meet any more: tickets of those who did not withdraw get their place back."""
    for role, member in room.sides.items():
        if member.ticket is None or member.ticket.state != TicketState.OFFERED:
            continue
        if role is withdrawn:
            move_ticket(member.ticket, TicketState.CANCELLED, room.now, actor="system", why="withdrawn")
        else:
            restore_ticket(member.ticket, room.now, room.timers, why="withdrawn")
    ending.free_seats(room)


def _give_withdrawn(room: Room, role: Role) -> None:
    outcome = outcomes.Outcome.WITHDRAWN
    given = give_for_conversation(room, role, outcome=outcome)
    if given is not None and given.code != outcome:
        pay = room.settings.pay.get(outcome, outcomes.PAY[outcome])
        Outcome.objects.filter(pk=given.pk).update(code=outcome, pay_rule=pay)


def _erase_content(room: Room) -> None:
    row = room.row
    events = Event.objects.filter(conversation=row)
    events.update(text="", strategy="", value=None)
    events.exclude(kind=EventKind.STATE).update(payload={})
    HelpRequest.objects.filter(conversation=row).update(note="")
    # Answers belong to a room from the moment it is live. Those of an offer that came to nothing wait for
    # another partner, and are not the withdrawn one's.
    SurveyResponse.objects.filter(conversation=row).update(answers={})


def forget(participant: Participant) -> int:
    """Erase everything of a participant who withdrew: conversations, waiting place, answers.

    Returns how many conversations were erased.
    """
    with transaction.atomic():
        _give_up_place(participant, why="withdrawn")
        ids = _of(participant).exclude(state=ConversationState.ERASED).values_list("pk", flat=True)
        erased = sum(erase(pk, participant) for pk in sorted(ids))
        SurveyResponse.objects.filter(participant=participant).update(answers={})
    return erased


def dismiss(participant: Participant) -> None:
    """End what is under way for a participant whom the staff blocked; the partner is paid in full."""
    with transaction.atomic():
        _give_up_place(participant, why="blocked")
        open_states = (ConversationState.CREATED, ConversationState.LIVE)
        ids = _of(participant).filter(state__in=open_states).values_list("pk", flat=True)
        for room in lock_rooms(list(ids)).values():
            side = room.get_side(participant.pk)
            if side is None:
                continue
            role = Role(side.role)
            if room.state is ConversationState.CREATED:
                ending.abort(room, frozenset({role}), declined=True)
            elif room.state is ConversationState.LIVE:
                ending.end(room, EndReason.PARTNER_LEFT, role)
            store([room])


def _of(participant: Participant) -> QuerySet[Conversation]:
    return Conversation.objects.filter(Q(seeker=participant) | Q(supporter=participant))


def _give_up_place(participant: Participant, *, why: str) -> None:
    """Close the waiting ticket, before the rooms are looked for.

    A matcher that is faster makes this wait for its commit, and its room is found by whoever looks next;
    the ticket of an offer is that room's to close.
    """
    waiting = with_settings(Ticket.objects.filter(participant=participant, state__in=UNMATCHED))
    while (ticket := waiting.first()) is not None:
        move_ticket(ticket, TicketState.CANCELLED, clock.now(), actor="system", why=why)
