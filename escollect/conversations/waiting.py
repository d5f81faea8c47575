"""Reading the waiting room: who may be paired, and why somebody is still waiting."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from escollect.conversations.models import Conversation, Lobby, Member, Ticket, WaitNote
from escollect.conversations.rules import get_settings
from escollect.domain.events import Role
from escollect.domain.lifecycle import TICKET_ACTIVE, TicketState
from escollect.domain.matching import Place, Standing, Waiting, Why, explain, meeting
from escollect.people.models import Participant
from escollect.studies.models import Study


@dataclass(frozen=True, slots=True)
class Explained:
    """A ticket of the waiting room, and why it is still there."""

    ticket: Ticket
    why: Why


def rests() -> ExpressionWrapper[Any]:
    """The condition that nobody is paired in the study of a ticket at the moment."""
    paused = Exists(Lobby.objects.filter(study=OuterRef("study"), paused=True))
    return ExpressionWrapper(~Q(study__state=Study.State.OPEN) | Q(paused), BooleanField())


def is_resting(study: Study) -> bool:
    """Whether nobody is paired in a study at the moment: it is not open, or its matching is paused."""
    return study.state != Study.State.OPEN or Lobby.objects.filter(study=study, paused=True).exists()


def get_notes(tickets: Collection[Ticket]) -> dict[UUID, list[WaitNote]]:
    """Why the holders of these tickets were still waiting, from when on, the earliest first; one query."""
    notes: dict[UUID, list[WaitNote]] = {ticket.pk: [] for ticket in tickets}
    for note in WaitNote.objects.filter(ticket__in=tickets).order_by("pk"):
        notes[note.ticket_id].append(note)
    return notes


def in_a_room() -> Exists:
    """The condition that the person behind a ticket is in a room, in whatever role."""
    return Exists(Member.objects.filter(active=True, participant__person=OuterRef("participant__person")))


def get_free(study: Study, now: datetime) -> QuerySet[Ticket]:
    """The tickets that may be paired: fresh lease, time left, an active participant.

    Somebody who takes part in both roles waits in one of them while being in a room in the other.
    """
    return Ticket.objects.filter(
        ~in_a_room(),
        study=study,
        state=TicketState.WAITING,
        lease_until__gt=now,
        expires_at__gt=now,
        participant__state=Participant.State.ACTIVE,
    )


def get_waiting(ticket: Ticket) -> Waiting:
    """A ticket as the domain pairs it."""
    return Waiting(ticket.pk, ticket.participant.person_id, Role(ticket.role), ticket.since)


def get_met(people: Collection[UUID]) -> set[frozenset[UUID]]:
    """Who has talked with whom, in any study and any role.

    An offer that came to nothing does not count, nor does practice.
    """
    rooms = Conversation.objects.filter(
        live_at__isnull=False, seeker__person__in=people, supporter__person__in=people
    ).exclude(kind=Conversation.Kind.PRACTICE)
    pairs = rooms.values_list("seeker__person", "supporter__person")
    return {meeting(one, other) for one, other in pairs}


def explain_waiting(study: Study) -> list[Explained]:
    """Everybody in the waiting room, the longest wait first, with why they are still there.

    At most three queries, however many wait.
    """
    tickets = list(
        Ticket.objects.filter(study=study, state__in=TICKET_ACTIVE)
        .select_related("participant")
        .annotate(
            in_a_room=in_a_room(),
            fresh=ExpressionWrapper(
                Q(state=TicketState.WAITING, lease_until__gt=Now(), expires_at__gt=Now()), BooleanField()
            ),
        )
        .order_by("since", "pk")
    )
    if not tickets:
        return []
    standings = [Standing(get_waiting(ticket), _get_place(ticket)) for ticket in tickets]
    both = {standing.waiting.role for standing in standings} == set(Role)
    met = get_met({standing.waiting.person for standing in standings}) if both else set()
    paused = is_resting(study)
    return [
        Explained(ticket, explain(standing, standings, met, paused=paused))
        for ticket, standing in zip(tickets, standings, strict=True)
    ]


def _get_place(ticket: Ticket) -> Place:
    if ticket.state == TicketState.OFFERED:
        return Place.OFFERED
    if getattr(ticket, "in_a_room", False):
        return Place.ELSEWHERE
    active = ticket.participant.state == Participant.State.ACTIVE
    return Place.FREE if active and getattr(ticket, "fresh", False) else Place.AWAY


def is_full(study: Study) -> bool:
    """Whether the study has all the accepted conversations that it wants; never without a target."""
    wanted = get_settings(study.current).targets.conversations if study.current else 0
    if wanted < 1:
        return False
    accepted = Conversation.objects.filter(
        study=study,
        verdict="accepted",
        state=Conversation.State.FINISHED,
        kind=Conversation.Kind.COLLECTED,
    )
    return accepted.count() >= wanted
