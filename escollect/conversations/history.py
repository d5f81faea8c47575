"""What a participant may see of their own past: their conversations, and everything they gave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from escollect.conversations.models import Conversation, Event, HelpRequest, Outcome, SurveyResponse
from escollect.domain.events import Role
from escollect.people.models import Participant


@dataclass(frozen=True, slots=True)
class Past:
    """One conversation as its participant sees it; `outcome` and `code` are empty until it is over."""

    conversation: UUID
    began: datetime | None
    state: str
    utterances: int
    own_utterances: int
    outcome: str
    pay_rule: str
    code: str
    verdict: str
    decided_by: str


def get_history(participant: Participant) -> list[Past]:
    """The participant's conversations that came to live, the newest first. Two queries."""
    side = "seeker" if participant.role == Role.SEEKER else "supporter"
    rows = list(
        Conversation.objects.filter(**{side: participant}, live_at__isnull=False)
        .exclude(kind=Conversation.Kind.PRACTICE)
        .order_by("-created_at", "-pk")
    )
    outcomes = {
        outcome.conversation_id: outcome
        for outcome in Outcome.objects.filter(participant=participant, conversation__isnull=False)
    }
    return [_past(row, outcomes.get(row.pk), f"{side}_utterances") for row in rows]


def _past(row: Conversation, outcome: Outcome | None, own: str) -> Past:
    return Past(
        conversation=row.pk,
        began=row.live_at,
        state=row.state,
        utterances=row.utterances,
        own_utterances=getattr(row, own),
        outcome=outcome.code if outcome else "",
        pay_rule=outcome.pay_rule if outcome else "",
        code=outcome.completion_code if outcome else "",
        verdict=row.verdict,
        decided_by=row.decided_by,
    )


def get_own_records(participant: Participant) -> dict[str, Any]:
    """What the participant gave, as JSON values: utterances with how they were typed, feedback, calls for
    help, surveys, outcomes; what was written in practice chats is kept apart.

    The partner's words are theirs and are left out.
    """
    mine = Conversation.objects.filter(Q(seeker=participant) | Q(supporter=participant))
    written = Event.objects.filter(conversation__in=mine, participant=participant)
    written = written.order_by("conversation", "seq")
    practised = Q(conversation__kind=Conversation.Kind.PRACTICE)
    events = written.exclude(practised)
    surveys = SurveyResponse.objects.filter(participant=participant).order_by("at", "pk")
    outcomes = Outcome.objects.filter(participant=participant).order_by("at", "pk")
    calls = HelpRequest.objects.filter(participant=participant).order_by("at", "pk")
    return {
        "events": [_event(event) for event in events],
        "practice": [_event(event) for event in written.filter(practised)],
        "help": [
            {
                "conversation": str(call.conversation_id),
                "kind": call.kind,
                "seq": call.seq,
                "note": call.note,
                "at": _time(call.at),
            }
            for call in calls
        ],
        "surveys": [
            {
                "kind": survey.kind,
                "conversation": _text(survey.conversation_id),
                "at": _time(survey.at),
                "answers": survey.answers,
            }
            for survey in surveys
        ],
        "outcomes": [
            {
                "conversation": _text(outcome.conversation_id),
                "outcome": outcome.code,
                "pay": outcome.pay_rule,
                "completion_code": outcome.completion_code,
                "at": _time(outcome.at),
            }
            for outcome in outcomes
        ],
    }


def _event(event: Event) -> dict[str, Any]:
    found: dict[str, Any] = {
        "conversation": str(event.conversation_id),
        "seq": event.seq,
        "kind": event.kind,
        "at": _time(event.at),
    }
    if event.kind == Event.Kind.MSG:
        found["text"] = event.text
    if event.strategy:
        found["strategy"] = event.strategy
    if event.value is not None:
        found["value"] = event.value
    if "tele" in event.payload:
        found["telemetry"] = event.payload["tele"]
    return found


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)
