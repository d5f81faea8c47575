"""The rooms that are open right now, as the desk shows them."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, OuterRef, Prefetch, QuerySet, Subquery

from escollect.conversations.models import Conversation, Event
from escollect.quality.models import Flag
from escollect.studies.models import Study

OPEN = (Conversation.State.CREATED, Conversation.State.LIVE, Conversation.State.SURVEY)


@dataclass(frozen=True, slots=True)
class OpenRoom:
    """A room that has not ended: its last event and its open flags."""

    conversation: Conversation
    last_at: datetime.datetime | None
    flags: tuple[Flag, ...]


def get_open_rooms(study: Study) -> list[OpenRoom]:
    """The rooms of a study from the ready check to the surveys, the oldest first. Two queries."""
    flags = Flag.objects.filter(closed_at=None).order_by("raised_at", "pk")
    rooms: QuerySet[Conversation] = (
        Conversation.objects.filter(study=study, state__in=OPEN)
        .exclude(kind=Conversation.Kind.PRACTICE)
        .select_related("seeker", "supporter")
        .annotate(last_at=Subquery(_last_event()))
        .prefetch_related(Prefetch("flags", queryset=flags, to_attr="open_flags"))
        .order_by("created_at", "pk")
    )
    return [
        OpenRoom(room, getattr(room, "last_at", None), tuple(getattr(room, "open_flags", ())))
        for room in rooms
    ]


def _last_event() -> QuerySet[Event, Any]:
    events = Event.objects.filter(conversation=OuterRef("pk")).order_by().values("conversation")
    return events.annotate(latest=Max("at")).values("latest")
