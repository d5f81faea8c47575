"""What a participant asked about verdicts, and what was answered; nothing here writes."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from uuid import UUID

from escollect.conversations.models import Conversation
from escollect.people.models import Participant
from escollect.quality.models import Appeal
from escollect.quality.undo import is_final


@dataclass(frozen=True, slots=True)
class OwnAppeal:
    """An appeal as who made it sees it: an answer shows once it can no longer be undone."""

    conversation: UUID
    text: str
    at: datetime.datetime
    answer: str
    answered_at: datetime.datetime | None


def get_own_appeals(participant: Participant) -> list[OwnAppeal]:
    """The participant's appeals, the oldest first."""
    return [_show(row) for row in Appeal.objects.filter(participant=participant).order_by("pk")]


def has_waiting_appeal(conversation: Conversation) -> bool:
    """Whether somebody appealed here and has no answer."""
    return Appeal.objects.filter(conversation=conversation, answered_at=None).exists()


def _show(row: Appeal) -> OwnAppeal:
    final = is_final(row.answered_at)
    return OwnAppeal(
        conversation=row.conversation_id,
        text=row.text,
        at=row.at,
        answer=row.answer if final else "",
        answered_at=row.answered_at if final else None,
    )
