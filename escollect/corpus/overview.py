"""A study at a glance: who is there now, what was decided, and how far the targets are reached."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, Q
from django.db.models.fields.json import KT

from escollect.conversations.models import Conversation, SurveyResponse, Ticket
from escollect.quality.queue import count_flags
from escollect.studies.models import Study

ACTIVE = (Ticket.State.WAITING, Ticket.State.LAPSED, Ticket.State.OFFERED)


@dataclass(frozen=True, slots=True)
class Overview:
    """The numbers of the tiles and of the verdict shares."""

    waiting: Mapping[str, int]
    chatting: int
    finished: int
    verdicts: Mapping[str, int]
    flags: Mapping[str, int]

    @property
    def open_flags(self) -> int:
        """Open flags of every severity."""
        return sum(self.flags.values())

    @property
    def waiting_total(self) -> int:
        """Everybody in the waiting room."""
        return sum(self.waiting.values())


@dataclass(frozen=True, slots=True)
class Target:
    """Accepted conversations about one value against what the study wants (0: no target)."""

    value: str
    accepted: int
    wanted: int


def get_overview(study: Study) -> Overview:
    """The study's present numbers, from three queries. Practice and erased conversations do not count."""
    state = Conversation.State
    waiting = Ticket.objects.filter(study=study, state__in=ACTIVE)
    rooms = (
        Conversation.objects.filter(study=study, state__in=[state.CREATED, state.LIVE, state.FINISHED])
        .exclude(kind=Conversation.Kind.PRACTICE)
        .values_list("state", "verdict")
        .annotate(count=Count("pk"))
        .order_by()
    )
    chatting, verdicts = 0, Counter[str]()
    for where, verdict, count in rooms:
        if where == state.FINISHED:
            verdicts[verdict] += count
        else:
            chatting += count
    return Overview(
        waiting=dict(waiting.values_list("role").annotate(count=Count("pk")).order_by("role")),
        chatting=chatting,
        finished=verdicts.total(),
        verdicts=verdicts,
        flags=count_flags(study),
    )


def get_targets(study: Study) -> tuple[list[Target], list[Target]]:
    """Accepted against wanted by problem and by emotion: what the study offers, then what else occurred.

    Two queries: the answers before the chat hang on the ticket, those of an import on the conversation.
    """
    problems, emotions = _count_accepted(study)
    if study.current is None:
        return _targets((), problems, {}), _targets((), emotions, {})
    settings = study.current.settings
    words, wanted = settings.vocabularies, settings.targets
    return (
        _targets(words.problem.offered, problems, wanted.problem),
        _targets(words.emotion.offered, emotions, wanted.emotion),
    )


def _targets(offered: tuple[str, ...], found: Counter[str], wanted: Mapping[str, int]) -> list[Target]:
    rest = sorted((set(found) | set(wanted)) - set(offered), key=lambda value: (-found[value], value))
    return [Target(value, found[value], wanted.get(value, 0)) for value in (*offered, *rest)]


def _count_accepted(study: Study) -> tuple[Counter[str], Counter[str]]:
    accepted = {"study": study, "state": Conversation.State.FINISHED, "verdict": "accepted"}
    before = SurveyResponse.objects.filter(kind=SurveyResponse.Kind.BEFORE)
    own = Q(**{f"conversation__{key}": value for key, value in accepted.items()})
    ticket = Q(
        conversation=None,
        **{f"ticket__seats__conversation__{key}": value for key, value in accepted.items()},
    )
    problems, emotions = Counter[str](), Counter[str]()
    for condition in (own, ticket):
        rows = (
            before.filter(condition)
            .annotate(problem=KT("answers__problem_type"), emotion=KT("answers__emotion_type"))
            .values_list("problem", "emotion")
            .annotate(count=Count("pk", distinct=True))
            .order_by()
        )
        for problem, emotion, count in rows:
            problems[problem or ""] += count
            emotions[emotion or ""] += count
    problems.pop("", None)
    emotions.pop("", None)
    return problems, emotions
