"""Conversations as staff read them: what happened in order, and what both sides answered."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q

from escollect.conversations.models import Conversation, Event, SurveyResponse
from escollect.people.models import Participant

VISIBLE = ~Q(kind=Conversation.Kind.PRACTICE) & ~Q(state=Conversation.State.ERASED)
"""What staff may open: practice is nobody's business, and an erased conversation has nothing left."""


@dataclass(frozen=True, slots=True)
class Line:
    """One event of a room. For a rating, `rated` holds the utterances that it is about."""

    seq: int
    kind: str
    author: str
    at: datetime.datetime | None
    text: str = ""
    strategy: str = ""
    value: int | None = None
    code: str = ""
    rated: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One answered survey: `kind` before or after, the role that answered, and the answers by key."""

    kind: str
    role: str
    answers: Mapping[str, Any]
    at: datetime.datetime | None


def access_conversation(conversation_id: UUID) -> Conversation:
    """The conversation for staff, with its study and its people.

    Raises Conversation.DoesNotExist for one that is unknown, erased or practice.
    """
    return (
        Conversation.objects.filter(VISIBLE)
        .select_related("study", "version", "seeker", "supporter")
        .get(pk=conversation_id)
    )


def get_log(conversation_id: UUID) -> list[Line]:
    """Every event of a conversation in order; a request for feedback is left out once it is answered.

    One query. A rating is about the supporter utterances since the rating before it, at most two.
    """
    events = list(Event.objects.filter(conversation_id=conversation_id).order_by("seq"))
    answered = {event.payload.get("req") for event in events if event.kind == Event.Kind.RATING}
    lines: list[Line] = []
    spoken: list[int] = []
    for event in events:
        if event.kind == Event.Kind.RATING_REQUEST and event.seq in answered:
            continue
        rated: tuple[int, ...] = ()
        if event.kind == Event.Kind.MSG and event.author == "supporter":
            spoken.append(event.seq)
        elif event.kind == Event.Kind.RATING:
            rated, spoken = tuple(spoken[-2:]), []
        lines.append(_line(event, rated))
    return lines


def _line(event: Event, rated: tuple[int, ...]) -> Line:
    return Line(
        seq=event.seq,
        kind=event.kind,
        author=event.author,
        at=event.at,
        text=event.text,
        strategy=event.strategy,
        value=event.value,
        code=str(event.payload.get("code") or event.payload.get("state") or ""),
        rated=rated,
    )


def get_sheets(conversation: Conversation) -> list[Sheet]:
    """The surveys of one conversation: the seeker's before, then after by seeker and supporter."""
    responses = SurveyResponse.objects.filter(
        Q(conversation=conversation)
        | Q(kind=SurveyResponse.Kind.BEFORE, ticket__seats__conversation=conversation)
    ).order_by("at", "pk")
    found: dict[tuple[str, str], Sheet] = {}
    for response in responses:
        role = "seeker" if response.participant_id == conversation.seeker_id else "supporter"
        found[response.kind, role] = Sheet(response.kind, role, response.answers, response.at)
    order = (("before", "seeker"), ("after", "seeker"), ("after", "supporter"))
    return [found[key] for key in order if key in found]


def get_before_answers(conversation_ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """What the seekers of these conversations answered before the chat; two queries."""
    before = SurveyResponse.objects.filter(kind=SurveyResponse.Kind.BEFORE)
    found: dict[UUID, dict[str, Any]] = dict(
        before.filter(ticket__seats__conversation__in=conversation_ids).values_list(
            "ticket__seats__conversation", "answers"
        )
    )
    own = before.filter(conversation__in=conversation_ids).values_list("conversation", "answers")
    found.update(dict(own))
    return found


def about_problem(problem: str) -> Q:
    """The condition that a conversation's seeker named this problem before the chat."""
    named = SurveyResponse.objects.filter(kind=SurveyResponse.Kind.BEFORE, answers__problem_type=problem)
    direct = named.filter(conversation=OuterRef("pk"))
    by_ticket = named.filter(ticket__seats__conversation=OuterRef("pk"))
    return Q(Exists(direct)) | Q(Exists(by_ticket))


def get_history(participant: Participant, limit: int = 50) -> list[Conversation]:
    """The newest conversations of a participant, on either side; at most `limit`."""
    own = Q(seeker=participant) | Q(supporter=participant)
    rooms = Conversation.objects.filter(own, VISIBLE).select_related("seeker", "supporter")
    return list(rooms.order_by("-created_at", "-pk")[:limit])


def count_conversations(participant_ids: Collection[UUID]) -> Counter[UUID]:
    """How many conversations each of these participants had that began; two queries."""
    began = Conversation.objects.filter(VISIBLE).exclude(
        state__in=[Conversation.State.CREATED, Conversation.State.ABORTED]
    )
    counts: Counter[UUID] = Counter()
    for side in ("seeker", "supporter"):
        rows = began.filter(**{f"{side}__in": participant_ids}).values_list(side).annotate(count=Count("pk"))
        counts.update(dict(rows.order_by()))
    return counts
