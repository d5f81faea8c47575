"""Where people stand in the waiting room, for many at once: with a place, an offer, a room, or outside."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from escollect.conversations.models import Member, Outcome, Ticket
from escollect.conversations.waiting import rests
from escollect.domain.estimate import WINDOW, Recent, estimate_wait
from escollect.domain.lifecycle import TICKET_ACTIVE, ConversationState, TicketState
from escollect.infra import clock


@dataclass(frozen=True, slots=True)
class LobbyView:
    """Where a participant stands in the waiting room.

    `status` is waiting, offer, matched, closed (the last place came to its end) or out (there is no
    place). `offer` is the conversation's id; `ready` whether this side has said so; `prompt_due` asks
    "still there?".
    """

    status: str
    position: int | None = None
    since: datetime | None = None
    prompt_at: datetime | None = None
    prompt_due: bool = False
    estimate_s: int | None = None
    offer: UUID | None = None
    expires_at: datetime | None = None
    ready: bool = False
    conversation: UUID | None = None
    outcome: str | None = None


Queue = tuple[int, str]
"""A study and a role: those who wait in it wait for the same people."""

OUT = LobbyView("out")


def get_lobby_view(participant_id: UUID) -> LobbyView:
    """Where a participant stands: in a room, with an offer, waiting, or outside."""
    return get_lobby_views([participant_id])[participant_id]


def get_lobby_views(participants: Collection[UUID]) -> dict[UUID, LobbyView]:
    """The same for many participants; at most seven queries, however many they are."""
    found = _get_seated(participants)
    found |= _get_waiting(set(participants) - found.keys())
    found |= _get_closed(set(participants) - found.keys())
    return {one: found.get(one, OUT) for one in participants}


def _get_seated(participants: Collection[UUID]) -> dict[UUID, LobbyView]:
    rooms = Member.objects.filter(participant__in=participants, active=True).values("conversation")
    sides = Member.objects.filter(conversation__in=rooms).select_related("conversation")
    unready = set()
    seats = []
    for side in sides:
        if side.ready_at is None:
            unready.add(side.conversation_id)
        if side.active and side.participant_id in participants:
            seats.append(side)
    return {seat.participant_id: _view_seat(seat, seat.conversation_id in unready) for seat in seats}


def is_matched(seat: Member) -> bool:
    """Whether the room of a seat is one to go to: both said ready, or it is live already."""
    row = seat.conversation
    return row.state != ConversationState.CREATED or not row.members.filter(ready_at=None).exists()


def _view_seat(seat: Member, unready: bool) -> LobbyView:
    row = seat.conversation
    return LobbyView(
        "offer" if row.state == ConversationState.CREATED and unready else "matched",
        offer=row.pk,
        expires_at=row.ready_by,
        ready=seat.ready_at is not None,
        conversation=row.pk,
    )


def _get_waiting(participants: Collection[UUID]) -> dict[UUID, LobbyView]:
    active = _of(participants).filter(state__in=TICKET_ACTIVE).annotate(rests=rests())
    tickets = list(active) if participants else []
    if not tickets:
        return {}
    now = clock.now()
    queues, recent = _get_queues(tickets), _get_recent(tickets, now)
    found = {}
    for ticket in tickets:
        queue = (ticket.study_id, ticket.role)
        position = bisect_left(queues[queue], ticket.since) + 1
        waited = (now - ticket.since).total_seconds()
        found[ticket.participant_id] = LobbyView(
            "waiting",
            position=position,
            since=ticket.since,
            prompt_at=ticket.prompt_at,
            prompt_due=ticket.prompt_at <= now,
            estimate_s=None if ticket.rests else estimate_wait(position, waited, recent[queue]),
            expires_at=ticket.expires_at,
        )
    return found


def _of(participants: Collection[UUID]) -> QuerySet[Ticket]:
    return Ticket.objects.filter(participant__in=participants)


def _get_queues(tickets: Iterable[Ticket]) -> dict[Queue, list[datetime]]:
    """When those came who wait in the queues of these tickets, the earliest first."""
    waiting = Ticket.objects.filter(
        study__in={ticket.study_id for ticket in tickets}, state=TicketState.WAITING
    )
    queues: dict[Queue, list[datetime]] = defaultdict(list)
    for study, role, since in waiting.order_by("since").values_list("study", "role", "since"):
        queues[study, role].append(since)
    return queues


def _get_recent(tickets: Sequence[Ticket], now: datetime) -> dict[Queue, Recent]:
    """What the estimate of a wait looks at, for the queues of these tickets: the last half hour's tickets."""
    studies = {ticket.study_id for ticket in tickets}
    came = (
        Ticket.objects.filter(
            study__in=studies, state__in=TicketState, since__gte=now - timedelta(seconds=WINDOW)
        )
        .values_list("study", "role")
        .annotate(came=Count("pk"), paired=Count("pk", filter=Q(state=TicketState.CONSUMED)))
        .order_by()
    )
    counts = {(study, role): (arrived, paired) for study, role, arrived, paired in came}
    found = {}
    for study, role in {(ticket.study_id, ticket.role) for ticket in tickets}:
        others = sum(n for (where, who), (n, _paired) in counts.items() if where == study and who != role)
        found[study, role] = Recent(others, counts.get((study, role), (0, 0))[1])
    return found


def _get_closed(participants: Collection[UUID]) -> dict[UUID, LobbyView]:
    """How the last place of those came to its end who have none."""
    if not participants:
        return {}
    last = {
        participant: pk
        for pk, participant in _of(participants).order_by("since", "pk").values_list("pk", "participant")
    }
    codes = dict(Outcome.objects.filter(ticket__in=last.values()).values_list("ticket", "code"))
    return {
        participant: LobbyView("closed", outcome=codes[pk]) for participant, pk in last.items() if pk in codes
    }
