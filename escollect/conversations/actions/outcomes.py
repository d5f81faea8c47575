"""Outcomes: what each side gets, written once, with a code that people can read and type."""

from __future__ import annotations

import secrets
from datetime import datetime

from escollect.conversations.actions.locked import Room
from escollect.conversations.models import Outcome, Ticket
from escollect.domain import outcomes
from escollect.domain.events import Role
from escollect.domain.lifecycle import EndReason, TicketState
from escollect.domain.study import StudySettings
from escollect.people.models import Participant

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Letters and digits that are not mistaken for each other."""

GROUPS, GROUP = 2, 4


def make_code() -> str:
    """A random completion code of about 40 bits, such as `K7QF-2MXA`."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))


def give_for_conversation(
    room: Room, role: Role, *, outcome: outcomes.Outcome | None = None
) -> Outcome | None:
    """Write the outcome of one side of a conversation that has ended, unless it is there already.

    `outcome` overrides the table: a withdrawal. A practice chat has none: nothing is paid for it.
    """
    if room.is_practice:
        return None
    row, member = room.row, room.sides[role]
    if outcome is None:
        outcome = outcomes.get_outcome(
            EndReason(row.end_reason),
            Role(row.ended_by) if row.ended_by else None,
            role,
            row.seeker_utterances if role is Role.SEEKER else row.supporter_utterances,
        )
    given, _new = Outcome.objects.get_or_create(
        conversation=row,
        participant_id=member.participant_id,
        defaults=_columns(outcome, room.settings, room.now),
    )
    return given


def give_for_ticket(ticket: Ticket, settings: StudySettings, now: datetime) -> Outcome | None:
    """Write the outcome of a ticket that came to its end; None for one whose conversation decides."""
    outcome = outcomes.TICKET_OUTCOMES[TicketState(ticket.state)]
    if outcome is None:
        return None
    given, _new = Outcome.objects.get_or_create(
        ticket=ticket,
        defaults={"participant_id": ticket.participant_id, **_columns(outcome, settings, now)},
    )
    return given


def give_for_full_study(participant: Participant, settings: StudySettings, now: datetime) -> None:
    """Write that the study was full before somebody's turn came; who has an outcome already keeps that.

    Runs inside a transaction, on the participant's lock, so that two tabs write one.
    """
    Participant.objects.select_for_update(no_key=True).get(pk=participant.pk)
    if not Outcome.objects.filter(participant=participant).exists():
        columns = _columns(outcomes.Outcome.STUDY_FULL, settings, now)
        Outcome.objects.create(participant=participant, **columns)


def give_for_failed_training(participant: Participant, settings: StudySettings, now: datetime) -> None:
    """Write that the last attempt which the study allows was failed; sent once, so it is written once."""
    columns = _columns(outcomes.Outcome.TUTORIAL_FAILED, settings, now)
    Outcome.objects.create(participant=participant, **columns)


def _columns(outcome: outcomes.Outcome, settings: StudySettings, now: datetime) -> dict[str, object]:
    return {
        "code": outcome,
        "pay_rule": settings.pay.get(outcome, outcomes.PAY[outcome]),
        "completion_code": settings.completion_codes.get(outcome) or make_code(),
        "at": now,
    }
