"""What readiness and metrics look at across the stages."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Q, QuerySet

from escollect.conversations.models import Conversation, Ticket
from escollect.infra import health, metrics
from escollect.infra.clock import now
from escollect.people.models import Participant
from escollect.people.practice import SOURCE as PRACTICE
from escollect.quality.models import Flag, QcJob

# The sweep comes every few seconds; what is later than this nobody enforces.
GRACE = datetime.timedelta(seconds=20)

ROOM_DEADLINES = {
    Conversation.State.CREATED: ("ready_by",),
    Conversation.State.LIVE: ("both_gone_by",),
    Conversation.State.SURVEY: ("survey_by",),
}
TICKET_DEADLINES = {
    Ticket.State.WAITING: ("lease_until", "expires_at"),
    Ticket.State.LAPSED: ("back_by",),
}


def find_stuck() -> str | None:
    """A sentence when rows stand in a state that ended more than 20 s ago; None when none does."""
    late = now() - GRACE
    talk = Q(state=Conversation.State.LIVE, held_at=None)
    silent = talk & (Q(idle_by__lt=late) | Q(max_by__lt=late))
    rooms = Conversation.objects.filter(_overdue(ROOM_DEADLINES, late) | silent).count()
    tickets = Ticket.objects.filter(_overdue(TICKET_DEADLINES, late)).count()
    if not rooms and not tickets:
        return None
    return f"{rooms} conversations and {tickets} tickets are past their deadline; no sweep ends them"


def _overdue(deadlines: Mapping[Any, tuple[str, ...]], late: datetime.datetime) -> Q:
    condition = Q()
    for state, columns in deadlines.items():
        passed = Q()
        for column in columns:
            passed |= Q(**{f"{column}__lt": late})
        condition |= Q(state=state) & passed
    return condition


def register() -> None:
    """Add the checks and gauges; called once, when everything is loaded."""
    health.register("stuck", find_stuck)
    metrics.register("conversations", "Conversations by state.", _conversations, "state")
    metrics.register("verdicts", "Finished conversations by settled verdict.", _verdicts, "verdict")
    metrics.register("tickets", "Open places in the waiting room by role.", _tickets, "role")
    metrics.register("participants", "Participants by role.", _participants, "role")
    metrics.register("open_jobs", "Quality jobs that wait for a worker.", _open_jobs)
    metrics.register("open_flags", "Flags that wait for a person.", _open_flags)


def _get_counted() -> QuerySet[Conversation]:
    """The conversations that are data of a study: not the practice chats of trainees."""
    return Conversation.objects.exclude(kind=Conversation.Kind.PRACTICE)


def _conversations() -> Mapping[str, float]:
    counted = _get_counted().order_by().values_list("state").annotate(n=Count("pk"))
    return dict.fromkeys(Conversation.State.values, 0) | dict(counted)


def _verdicts() -> Mapping[str, float]:
    finished = _get_counted().filter(state=Conversation.State.FINISHED).order_by()
    counted = finished.values_list("verdict").annotate(n=Count("pk"))
    return {verdict or "pending": count for verdict, count in counted}


def _tickets() -> Mapping[str, float]:
    waiting = Ticket.objects.filter(closed_at=None, state__in=["waiting", "lapsed", "offered"]).order_by()
    counted = waiting.values_list("role").annotate(n=Count("pk"))
    return {"seeker": 0, "supporter": 0} | dict(counted)


def _participants() -> Mapping[str, float]:
    people = Participant.objects.exclude(source=PRACTICE).order_by()
    return dict(people.values_list("role").annotate(n=Count("pk")))


def _open_jobs() -> Mapping[str, float]:
    return {"": QcJob.objects.filter(state=QcJob.State.OPEN).count()}


def _open_flags() -> Mapping[str, float]:
    return {"": Flag.objects.filter(closed_at=None).count()}
