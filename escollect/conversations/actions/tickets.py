"""Moves of tickets: compare-and-set with an audit row; what a place in the waiting room turns into."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from escollect.audit.actions import record, record_many
from escollect.conversations import rules
from escollect.conversations.actions.outcomes import give_for_ticket
from escollect.conversations.models import Ticket
from escollect.domain.lifecycle import TICKET_TERMINAL, TicketState, Timers, check_ticket_move
from escollect.domain.study import StudySettings
from escollect.infra import bus, pulse
from escollect.people.models import Participant


def get_settings(participant: Participant) -> StudySettings:
    """The settings of the study version that the participant consented to."""
    version = participant.version
    if version is None:
        raise ValueError(f"{participant.pk} has not consented")
    return rules.get_settings(version)


def move_ticket(
    ticket: Ticket, new: TicketState, now: datetime, *, actor: str, why: str = "", **columns: Any
) -> bool:
    """Change a ticket's state if it is still what was read; a final state also writes the outcome.

    Returns False when somebody else was faster. Raises IllegalMove for a move that does not exist.
    """
    old = TicketState(ticket.state)
    check_ticket_move(old, new)
    if new in TICKET_TERMINAL:
        columns["closed_at"] = now
    if Ticket.objects.filter(pk=ticket.pk, state=old).update(state=new, **columns) != 1:
        return False
    ticket.state = new
    for name, value in columns.items():
        setattr(ticket, name, value)
    record("ticket.moved", actor=actor, obj=ticket, old=old, new=new, why=why)
    if new in TICKET_TERMINAL:
        give_for_ticket(ticket, get_settings(ticket.participant), now)
    bus.hint(bus.lobby_group(ticket.participant_id))
    return True


def move_tickets(tickets: Collection[Ticket], old: TicketState, new: TicketState, *, actor: str) -> bool:
    """The same from one state to one that is not final, for many tickets or none at all.

    Runs inside a transaction, which must be rolled back when this returns False: one ticket at least was
    no longer what was read.
    """
    check_ticket_move(old, new)
    ids = [ticket.pk for ticket in tickets]
    locked = Ticket.objects.select_for_update(no_key=True).filter(pk__in=ids, state=old).order_by("pk")
    if len(locked) != len(ids) or Ticket.objects.filter(pk__in=ids).update(state=new) != len(ids):
        return False
    for ticket in tickets:
        ticket.state = new
        bus.hint(bus.lobby_group(ticket.participant_id))
    record_many("ticket.moved", [(actor, ticket) for ticket in tickets], old=old, new=new)
    return True


def restore_ticket(ticket: Ticket, now: datetime, timers: Timers, *, why: str) -> None:
    """Put the ticket of somebody whose partner did not come back to its old place."""
    move_ticket(
        ticket,
        TicketState.WAITING,
        now,
        actor="system",
        why=why,
        lease_until=timers.after(now, "lease"),
    )


def get_active(participant: Participant) -> Ticket | None:
    """The participant's active ticket, locked until the end of the transaction."""
    return (
        with_settings(Ticket.objects.select_for_update(of=("self",), no_key=True))
        .filter(participant=participant, state__in=["waiting", "lapsed", "offered"])
        .first()
    )


def get_overdue(study_id: int, now: datetime) -> Collection[Ticket]:
    """The waiting and lapsed tickets of a study that a timer has run out for, at most 500."""
    tickets = with_settings(Ticket.objects.filter(study=study_id))
    overdue = (
        tickets.filter(state=TicketState.WAITING, lease_until__lte=now)
        | tickets.filter(state=TicketState.WAITING, expires_at__lte=now)
        | tickets.filter(state=TicketState.LAPSED, back_by__lte=now)
    )
    return list(overdue.order_by("since")[:500])


def enforce_ticket(ticket: Ticket, now: datetime) -> None:
    """Move a ticket that a timer has run out for: expired, lapsed or left (protocol, lifecycles).

    Nothing happens before an outage was made up for.
    """
    ends = (ticket.expires_at, ticket.lease_until, ticket.back_by)
    if all(end is None or end > now for end in ends) or pulse.is_away(now):
        return
    timers = get_settings(ticket.participant).timers
    if ticket.state == TicketState.WAITING and ticket.expires_at <= now:
        move_ticket(ticket, TicketState.EXPIRED, now, actor="system", why="no_partner")
    elif ticket.state == TicketState.WAITING and ticket.lease_until <= now:
        back_by = timers.after(ticket.lease_until, "return_window")
        move_ticket(ticket, TicketState.LAPSED, now, actor="system", why="lease", back_by=back_by)
    if ticket.state == TicketState.LAPSED and ticket.back_by is not None and ticket.back_by <= now:
        move_ticket(ticket, TicketState.LEFT, now, actor="system", why="lease")


def with_settings(tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Tickets with what is needed to look their study's settings up."""
    version = "participant__version"
    return tickets.select_related(version).defer(f"{version}__definition", f"{version}__source")
