"""The review queue: every conversation of a study, what needs a person first."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Prefetch, Q, QuerySet, Value, When

from escollect.conversations.models import Conversation
from escollect.conversations.reading import VISIBLE, about_problem, get_before_answers
from escollect.infra.clock import now
from escollect.infra.keyset import get_slice
from escollect.quality.models import Claim, Flag
from escollect.studies.models import Study

ORDER = ("priority", "-created_at", "-id")
STATES = (
    Conversation.State.LIVE,
    Conversation.State.SURVEY,
    Conversation.State.FINISHED,
    Conversation.State.ABANDONED,
)
PENDING = "pending"
TOLD = "needs_review"
"""The flag that only repeats what the verdict says; the desk does not show it twice."""
ANY_FLAG = "any"
APPEAL, SECOND_OPINION = "appeal", "second_opinion"
ASKED = (APPEAL, SECOND_OPINION)
"""Flags by which a person asks for a decision; a decision closes them, nothing else."""


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What to list; an empty value does not filter.

    `flag` is a kind of flag or "any"; `participant` is a part of a pseudonym, or a whole id.
    """

    verdict: str = ""
    state: str = ""
    flag: str = ""
    problem: str = ""
    participant: str = ""


NO_FILTER = QueueFilter()


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A conversation in the queue: its open flags, the seeker's answers before the chat, and who has it."""

    conversation: Conversation
    flags: tuple[Flag, ...]
    before: Mapping[str, Any]
    claim: Claim | None

    @property
    def urgent(self) -> bool:
        """Whether one of its open flags cannot wait."""
        return any(flag.severity == Flag.Severity.URGENT for flag in self.flags)

    @property
    def at(self) -> datetime.datetime:
        """When it was held, or when it came into the database."""
        return self.conversation.finished_at or self.conversation.created_at


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of the queue with the cursors of its neighbours."""

    rows: list[QueueRow]
    next: str
    previous: str


def get_queue(study: Study, wanted: QueueFilter, cursor: str = "", size: int = 25) -> Queue:
    """A page of a study's conversations: urgent flags, then appeals and second opinions, then needs_review,
    then other flags, then the rest.

    Within a group the newest come first. Four queries, whatever the number of rows.
    """
    rooms = _with_priority(_filtered(study, wanted)).select_related("seeker", "supporter", "claim__reviewer")
    flags = Flag.objects.filter(closed_at=None).exclude(kind=TOLD).order_by("raised_at", "pk")
    rooms = rooms.prefetch_related(Prefetch("flags", queryset=flags, to_attr="open_flags"))
    page = get_slice(rooms, ORDER, cursor, size)
    before, moment = get_before_answers([room.pk for room in page.rows]), now()
    rows = [
        QueueRow(
            room,
            tuple(getattr(room, "open_flags", ())),
            before.get(room.pk, {}),
            _get_live_claim(room, moment),
        )
        for room in page.rows
    ]
    return Queue(rows, page.next, page.previous)


def _get_live_claim(room: Conversation, moment: datetime.datetime) -> Claim | None:
    claim: Claim | None = getattr(room, "claim", None)
    return claim if claim is not None and claim.lease_until > moment else None


def get_waiting(study: Study, wanted: QueueFilter = NO_FILTER) -> QuerySet[Conversation]:
    """What waits for a person among the listed: needs_review, or with an open flag. Order it by ORDER."""
    flagged = Exists(Flag.objects.filter(conversation=OuterRef("pk"), closed_at=None))
    return _with_priority(_filtered(study, wanted)).filter(Q(verdict="needs_review") | Q(flagged))


def count_waiting(study: Study) -> int:
    """How many conversations of a study wait for a person: needs_review, or with an open flag."""
    flagged = Exists(Flag.objects.filter(conversation=OuterRef("pk"), closed_at=None))
    rooms = Conversation.objects.filter(VISIBLE, study=study, state__in=STATES)
    return rooms.filter(Q(verdict="needs_review") | Q(flagged)).count()


def get_neighbour(study: Study, after: UUID) -> UUID | None:
    """The first conversation that still waits for a person, other than `after`; None when none does."""
    first = get_waiting(study).exclude(pk=after).order_by(*ORDER).first()
    return first.pk if first else None


def get_claim(conversation: Conversation) -> Claim | None:
    """Who has the conversation now; None when nobody has."""
    live = Claim.objects.filter(conversation=conversation, lease_until__gt=now())
    return live.select_related("reviewer").first()


def get_flag_kinds(study: Study) -> list[str]:
    """The kinds of flag that are open in a study, by name."""
    flags = Flag.objects.filter(conversation__study=study, closed_at=None).exclude(kind=TOLD)
    return list(flags.order_by("kind").values_list("kind", flat=True).distinct())


def count_flags(study: Study) -> dict[str, int]:
    """The open flags of a study by severity, without those that repeat a verdict."""
    flags = Flag.objects.filter(conversation__study=study, closed_at=None).exclude(kind=TOLD)
    return dict(flags.values_list("severity").annotate(count=Count("pk")).order_by("severity"))


def _filtered(study: Study, wanted: QueueFilter) -> QuerySet[Conversation]:
    states = [wanted.state] if wanted.state else STATES
    rooms = Conversation.objects.filter(VISIBLE, study=study, state__in=states)
    if wanted.verdict == PENDING:
        rooms = rooms.filter(verdict="", state=Conversation.State.FINISHED)
    elif wanted.verdict:
        rooms = rooms.filter(verdict=wanted.verdict)
    if wanted.flag:
        open_flags = Flag.objects.filter(conversation=OuterRef("pk"), closed_at=None).exclude(kind=TOLD)
        if wanted.flag != ANY_FLAG:
            open_flags = open_flags.filter(kind=wanted.flag)
        rooms = rooms.filter(Exists(open_flags))
    if wanted.participant:
        rooms = rooms.filter(_with_participant(wanted.participant))
    return rooms.filter(about_problem(wanted.problem)) if wanted.problem else rooms


def _with_participant(text: str) -> Q:
    """The condition that one side is the participant of this id, or has this in the pseudonym."""
    try:
        key = UUID(text)
    except ValueError:
        return Q(seeker__pseudonym__icontains=text) | Q(supporter__pseudonym__icontains=text)
    return Q(seeker=key) | Q(supporter=key)


def _with_priority(rooms: QuerySet[Conversation]) -> QuerySet[Conversation]:
    flags = Flag.objects.filter(conversation=OuterRef("pk"), closed_at=None)
    return rooms.annotate(
        priority=Case(
            When(Exists(flags.filter(severity=Flag.Severity.URGENT)), then=Value(0)),
            When(Exists(flags.filter(kind__in=ASKED)), then=Value(1)),
            When(verdict="needs_review", then=Value(2)),
            When(Exists(flags), then=Value(3)),
            default=Value(4),
            output_field=IntegerField(),
        )
    )
