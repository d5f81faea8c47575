"""Matching: one matcher at a time per study, so that two can never pair the same person."""

from __future__ import annotations

import logging
from datetime import datetime
from itertools import chain
from uuid import UUID

from django.db import IntegrityError, transaction

from escollect.audit.actions import record
from escollect.conversations.actions.tickets import move_ticket, with_settings
from escollect.conversations.models import Conversation, Lobby, Member, Ticket
from escollect.conversations.rules import get_settings
from escollect.conversations.selectors import is_qualified
from escollect.conversations.waiting import get_free, get_met, get_waiting
from escollect.domain.events import Role
from escollect.domain.lifecycle import TicketState
from escollect.domain.matching import Pair, get_pairs
from escollect.infra import clock
from escollect.studies.models import Study, StudyVersion

logger = logging.getLogger(__name__)


class _Lost(Exception):
    """A ticket changed between reading and pairing."""


def match(study: Study) -> list[Conversation]:
    """Pair the waiting tickets of an open study, the oldest first; returns the conversations made.

    Locks the study's lobby row; every ticket moves by compare-and-set, and a partial unique constraint
    keeps a person out of two rooms whatever happens.
    """
    made: list[Conversation] = []
    with transaction.atomic():
        Lobby.objects.get_or_create(study=study)
        lobby = (
            Lobby.objects.select_for_update(of=("self",), no_key=True)
            .select_related("study__current")
            .get(study=study)
        )
        if lobby.paused or lobby.study.state != Study.State.OPEN or lobby.study.current is None:
            return []
        now = clock.now()
        tickets = _get_free(study, now)
        for pair in _get_pairs(tickets):
            seeker, supporter = (tickets[waiting.ticket] for waiting in pair)
            if not is_qualified(supporter.participant):
                move_ticket(supporter, TicketState.CANCELLED, now, actor="system", why="not_qualified")
                continue
            conversation = _offer(lobby.study.current, seeker, supporter, now)
            if conversation is not None:
                made.append(conversation)
    return made


def _get_free(study: Study, now: datetime) -> dict[UUID, Ticket]:
    return {ticket.pk: ticket for ticket in with_settings(get_free(study, now))}


def _get_pairs(tickets: dict[UUID, Ticket]) -> list[Pair]:
    waiting = [get_waiting(ticket) for ticket in tickets.values()]
    if {one.role for one in waiting} != set(Role):
        return []
    return get_pairs(waiting, get_met({one.person for one in waiting}))


def _offer(version: StudyVersion, seeker: Ticket, supporter: Ticket, now: datetime) -> Conversation | None:
    """WAITING to OFFERED for both, with their room; None when one of them was lost in the meantime."""
    settings = get_settings(version)
    try:
        with transaction.atomic():
            conversation = Conversation.objects.create(
                study_id=version.study_id,
                version=version,
                seeker=seeker.participant,
                supporter=supporter.participant,
                licence=settings.licence,
                created_at=now,
                ready_by=settings.timers.after(now, "offer"),
            )
            for ticket in sorted((seeker, supporter), key=lambda ticket: ticket.pk):
                if not move_ticket(ticket, TicketState.OFFERED, now, actor="system"):
                    raise _Lost
            Member.objects.bulk_create(
                Member(
                    conversation=conversation, participant=ticket.participant, role=ticket.role, ticket=ticket
                )
                for ticket in chain((seeker, supporter))
            )
            record("conversation.created", actor="system", obj=conversation, new=conversation.state)
    except (_Lost, IntegrityError) as error:
        logger.info("a pair was not made: %r", error)
        return None
    return conversation
