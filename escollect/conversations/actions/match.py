"""Matching: one matcher at a time per study, so that two can never pair the same person."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from itertools import chain
from uuid import UUID

from django.db import IntegrityError, transaction

from escollect.audit.actions import record_many
from escollect.conversations.actions.tickets import move_ticket, move_tickets, with_settings
from escollect.conversations.models import Conversation, Lobby, Member, Ticket
from escollect.conversations.rules import get_settings
from escollect.conversations.selectors import get_qualified
from escollect.conversations.waiting import get_free, get_met, get_waiting
from escollect.domain.events import Role
from escollect.domain.lifecycle import TicketState
from escollect.domain.matching import Pair, get_pairs
from escollect.infra import clock
from escollect.studies.models import Study, StudyVersion

logger = logging.getLogger(__name__)


Two = tuple[Ticket, Ticket]
"""The tickets of a seeker and of a supporter who are to meet."""


class _Lost(Exception):
    """A ticket changed between reading and pairing."""


def match(study: Study) -> list[Conversation]:
    """Pair the waiting tickets of an open study, the oldest first; returns the conversations made.

    Locks the study's lobby row; all tickets move by compare-and-set, and a partial unique constraint
    keeps a person out of two rooms whatever happens. The pairs of a run take the same few statements.
    """
    with transaction.atomic():
        Lobby.objects.get_or_create(study=study)
        lobby = (
            Lobby.objects.select_for_update(of=("self",), no_key=True)
            .select_related("study__current")
            .defer("study__current__definition", "study__current__source")
            .get(study=study)
        )
        if lobby.paused or lobby.study.state != Study.State.OPEN or lobby.study.current is None:
            return []
        now = clock.now()
        tickets = _get_free(study, now)
        found = [(tickets[one.ticket], tickets[other.ticket]) for one, other in _get_pairs(tickets)]
        able = get_qualified([supporter.participant for _seeker, supporter in found])
        pairs = [pair for pair in found if pair[1].participant_id in able]
        for _seeker, supporter in found:
            if supporter.participant_id not in able:
                move_ticket(supporter, TicketState.CANCELLED, now, actor="system", why="not_qualified")
        return _offer_all(lobby.study.current, pairs, now)


def _get_free(study: Study, now: datetime) -> dict[UUID, Ticket]:
    return {ticket.pk: ticket for ticket in with_settings(get_free(study, now))}


def _get_pairs(tickets: dict[UUID, Ticket]) -> list[Pair]:
    waiting = [get_waiting(ticket) for ticket in tickets.values()]
    if {one.role for one in waiting} != set(Role):
        return []
    return get_pairs(waiting, get_met({one.person for one in waiting}))


def _offer_all(version: StudyVersion, pairs: Sequence[Two], now: datetime) -> list[Conversation]:
    """Rooms for the pairs, all in the same statements; each alone when that fails."""
    if not pairs:
        return []
    try:
        with transaction.atomic():
            return _offer(version, pairs, now)
    except (_Lost, IntegrityError) as error:
        logger.info("%d pairs were not made: %r", len(pairs), error)
    return [room for pair in pairs for room in _offer_all(version, [pair], now)] if len(pairs) > 1 else []


def _offer(version: StudyVersion, pairs: Sequence[Two], now: datetime) -> list[Conversation]:
    """WAITING to OFFERED for both sides of each pair, with their room; raises _Lost when one is lost."""
    settings = get_settings(version)
    rooms = Conversation.objects.bulk_create(
        Conversation(
            study_id=version.study_id,
            version=version,
            seeker=seeker.participant,
            supporter=supporter.participant,
            licence=settings.licence,
            created_at=now,
            ready_by=settings.timers.after(now, "offer"),
        )
        for seeker, supporter in pairs
    )
    tickets = list(chain.from_iterable(pairs))
    if not move_tickets(tickets, TicketState.WAITING, TicketState.OFFERED, actor="system"):
        raise _Lost
    Member.objects.bulk_create(
        Member(conversation=room, participant=ticket.participant, role=ticket.role, ticket=ticket)
        for room, pair in zip(rooms, pairs, strict=True)
        for ticket in pair
    )
    record_many("conversation.created", [("system", room) for room in rooms], new=rooms[0].state)
    return rooms
