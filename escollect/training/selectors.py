from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import Now

from escollect.domain.study import REFRESHER_CHANGED, TrainingGate
from escollect.domain.tutorial import EXAM, PaperRules, Tutorial, is_open, next_module
from escollect.domain.tutorial_parser import parse_tutorial
from escollect.infra.clock import now
from escollect.people.models import Participant
from escollect.studies.models import Study, StudyVersion
from escollect.training.models import Attempt, Qualification

FALLBACK_LANGUAGE = "en"
State = Literal["passed", "open", "locked"]


@dataclass(frozen=True)
class PartProgress:
    """Where a participant stands in one module, or in the examination; `best` is a share from 0 to 1."""

    slug: str
    title: str
    kind: str
    state: State
    attempts: int
    best: float | None

    @property
    def best_percent(self) -> int:
        """The best score in per cent, 0 before the first graded attempt."""
        return round(100 * (self.best or 0))


@dataclass(frozen=True)
class Progress:
    """Where a participant stands in the training; `following` is the slug to go on with, None at the end."""

    modules: tuple[PartProgress, ...]
    exam: PartProgress
    passed: frozenset[str]
    following: str | None

    @property
    def done(self) -> int:
        """How many modules are passed."""
        return sum(part.state == "passed" for part in self.modules)


def read_files(folder: Path) -> dict[str, str]:
    """The content files of a language folder: path inside the folder to text."""
    paths = [*folder.glob("*.yaml"), *folder.glob("*/*.yaml"), *folder.glob("*/*.md")]
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in sorted(paths)}


@cache
def _load(folder: Path) -> Tutorial:
    return parse_tutorial(read_files(folder))


def get_tutorial(language: str) -> Tutorial:
    """The tutorial of a language, or the English one where there is none; read once a process.

    Raises ContentError when its files are wrong (`manage.py check_tutorial` says where).
    """
    root = Path(settings.TUTORIALS_DIR)
    known = {folder.name for folder in root.iterdir() if folder.is_dir()}
    return _load(root / (language if language in known else FALLBACK_LANGUAGE))


def get_reminders(language: str) -> dict[str, str]:
    """The one-line reminder of each strategy, by its canonical name, in the tutorial's order."""
    return get_tutorial(language).reminders


def get_tutorial_for(participant: Participant) -> Tutorial:
    """The tutorial in the language that the study version chooses which the participant agreed to."""
    return get_tutorial_of(participant.version)


def get_tutorial_of(version: StudyVersion | None) -> Tutorial:
    """The tutorial that a version of a study chooses, the English one before there is any."""
    if version is None:
        return get_tutorial(FALLBACK_LANGUAGE)
    return get_tutorial(version.settings.training.language or version.settings.language)


def get_gate(participant: Participant) -> TrainingGate:
    """What the study asks of its trainees; the defaults before somebody agreed to a version of it."""
    return participant.version.settings.training if participant.version else TrainingGate()


def get_rules(participant: Participant, slug: str) -> PaperRules:
    """The length and pass mark of a module's quiz or of the examination (slug `exam`).

    The pass mark is the study's where it sets one, else the tutorial's.
    """
    rules = get_tutorial_for(participant).rules(slug)
    gate = get_gate(participant)
    own = gate.exam_pass if slug == EXAM else gate.module_pass
    return rules if own is None else PaperRules(rules.length, own)


def get_passed(participant: Participant) -> frozenset[str]:
    """The slugs of what the participant has passed, under whatever version of the tutorial.

    An examination counts until its qualification ended by time or by a new tutorial: then it is taken again.
    """
    passed = Attempt.objects.filter(participant=participant, state=Attempt.State.PASSED)
    return _without_spent(participant, frozenset(passed.values_list("module", flat=True)))


def _without_spent(participant: Participant, passed: frozenset[str]) -> frozenset[str]:
    return passed - {EXAM} if EXAM in passed and is_renewal_due(participant) else passed


def is_renewal_due(participant: Participant) -> bool:
    """Whether the passed examination gave a qualification that counts no more, so that it is taken again."""
    if has_qualification(participant) or is_revoked(participant):
        return False
    exams = Attempt.objects.filter(participant=participant, module=EXAM, state=Attempt.State.PASSED)
    last = exams.order_by("-graded_at").first()
    if last is None or last.graded_at is None:
        return False
    return Qualification.objects.filter(participant=participant, granted_at__gte=last.graded_at).exists()


def get_progress(participant: Participant) -> Progress:
    """Every module and the examination with state, graded attempts and best score."""
    tutorial = get_tutorial_for(participant)
    rows = (
        Attempt.objects.filter(participant=participant)
        .exclude(state=Attempt.State.OPEN)
        .values("module")
        .annotate(n=Count("id"), best=Max("score"), won=Count("id", Q(state=Attempt.State.PASSED)))
    )
    counts = {row["module"]: row for row in rows}
    passed = _without_spent(participant, frozenset(slug for slug, row in counts.items() if row["won"]))

    def part(slug: str, title: str, kind: str) -> PartProgress:
        row = counts.get(slug)
        entered = is_open(tutorial.modules, passed, slug)
        state: State = "passed" if slug in passed else "open" if entered else "locked"
        tries, best = (row["n"], row["best"]) if row else (0, None)
        return PartProgress(slug, title, kind, state, tries, best)

    following = next_module(tutorial.modules, passed)
    last = None if EXAM in passed else EXAM
    return Progress(
        modules=tuple(part(each.slug, each.title, each.kind) for each in tutorial.modules),
        exam=part(EXAM, "", EXAM),
        passed=passed,
        following=following.slug if following else last,
    )


def get_standing_qualification(participant: Participant) -> Qualification | None:
    """The qualification that counts now: not revoked, not expired, and not of a tutorial that has changed
    where the study asks for a refresher.
    """
    return get_standing_qualifications([participant]).get(participant.pk)


def get_standing_qualifications(participants: Collection[Participant]) -> dict[UUID, Qualification]:
    """The same for many participants, by their ids, in one query."""
    people = {participant.pk: participant for participant in participants}
    standing = Qualification.objects.filter(participant__in=people, revoked_at=None).filter(
        Q(expires_at=None) | Q(expires_at__gt=now())
    )
    return {
        found.participant_id: found
        for found in standing
        if not is_outdated(people[found.participant_id], found)
    }


def filter_standing(study: Study) -> QuerySet[Qualification]:
    """The same for a whole study, as rows to count or to look up in another query.

    Asks for the study's versions, each of which may want a refresher or not.
    """
    rows = Qualification.objects.filter(participant__study=study, revoked_at=None)
    rows = rows.filter(Q(expires_at=None) | Q(expires_at__gt=Now()))
    for version in study.versions.all():
        if version.settings.training.refresher == REFRESHER_CHANGED:
            former = ~Q(tutorial_version=get_tutorial_of(version).version)
            rows = rows.exclude(former, participant__version=version, score__isnull=False)
    return rows


def is_outdated(participant: Participant, qualification: Qualification) -> bool:
    """Whether the tutorial has changed since the examination was passed, and the study minds.

    A qualification that staff granted by hand rests on their word, not on the tutorial, and stands.
    """
    if qualification.score is None or get_gate(participant).refresher != REFRESHER_CHANGED:
        return False
    return qualification.tutorial_version != get_tutorial_for(participant).version


def has_qualification(participant: Participant) -> bool:
    """Whether the participant may take the supporter's role now."""
    return get_standing_qualification(participant) is not None


def is_revoked(participant: Participant) -> bool:
    """Whether staff took the qualification away; then only staff give it back."""
    taken = Qualification.objects.filter(participant=participant, end=Qualification.End.REVOKED)
    return taken.exists() and not has_qualification(participant)
