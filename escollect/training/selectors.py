from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from django.conf import settings
from django.db.models import Count, F, Max, Q

from escollect.domain.quiz import Graded, Item, grade
from escollect.domain.tutorial import EXAM, PaperRules, Tutorial, is_open, next_module
from escollect.domain.tutorial_parser import parse_tutorial
from escollect.infra.clock import now
from escollect.people.models import Participant
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
    """The tutorial in the language of the study version that the participant agreed to."""
    version = participant.version
    return get_tutorial(version.settings.language if version else FALLBACK_LANGUAGE)


def get_rules(participant: Participant, slug: str) -> PaperRules:
    """The length and pass mark of a module's quiz or of the examination (slug `exam`).

    The pass mark is the study's where it sets one, else the tutorial's.
    """
    rules = get_tutorial_for(participant).rules(slug)
    gate = participant.version.settings.training if participant.version else None
    own = None if gate is None else (gate.exam_pass if slug == EXAM else gate.module_pass)
    return rules if own is None else PaperRules(rules.length, own)


def get_passed(participant: Participant) -> frozenset[str]:
    """The slugs of what the participant has passed, under whatever version of the tutorial."""
    passed = Attempt.objects.filter(participant=participant, state=Attempt.State.PASSED)
    return frozenset(passed.values_list("module", flat=True))


def get_progress(participant: Participant) -> Progress:
    """Every module and the examination with state, graded attempts and best score; one query."""
    tutorial = get_tutorial_for(participant)
    rows = (
        Attempt.objects.filter(participant=participant)
        .exclude(state=Attempt.State.OPEN)
        .values("module")
        .annotate(n=Count("id"), best=Max("score"), won=Count("id", Q(state=Attempt.State.PASSED)))
    )
    counts = {row["module"]: row for row in rows}
    passed = frozenset(slug for slug, row in counts.items() if row["won"])

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
    """The qualification that holds now: neither revoked nor expired."""
    standing = Qualification.objects.filter(participant=participant, revoked_at=None)
    return standing.filter(Q(expires_at=None) | Q(expires_at__gt=now())).first()


def has_qualification(participant: Participant) -> bool:
    """Whether the participant may support in their study: qualified, not revoked, not expired."""
    return get_standing_qualification(participant) is not None


def is_revoked(participant: Participant) -> bool:
    """Whether staff took the qualification away; then only staff give it back."""
    taken = Qualification.objects.filter(participant=participant, revoked_at__isnull=False)
    by_hand = taken.filter(Q(expires_at=None) | Q(revoked_at__lt=F("expires_at")))
    return by_hand.exists() and not has_qualification(participant)


def get_open_attempt(participant: Participant, slug: str) -> Attempt | None:
    """The attempt that waits for answers, if it was drawn from the tutorial as it is now."""
    version = get_tutorial_for(participant).version
    waiting = Attempt.objects.filter(participant=participant, module=slug, tutorial_version=version)
    return waiting.filter(state=Attempt.State.OPEN).first()


def get_last_graded(participant: Participant, slug: str) -> Attempt | None:
    """The latest graded attempt at a module or at the examination."""
    graded = Attempt.objects.filter(participant=participant, module=slug)
    return graded.exclude(state=Attempt.State.OPEN).order_by("-number").first()


def get_paper(attempt: Attempt) -> tuple[Item, ...] | None:
    """The items of an attempt as they were shown; None when the tutorial has changed since."""
    tutorial = get_tutorial_for(attempt.participant)
    if attempt.tutorial_version != tutorial.version:
        return None
    return tutorial.paper(attempt.module, attempt.seed)


def get_graded(attempt: Attempt) -> Graded | None:
    """How a graded attempt went, item by item; None when the tutorial has changed since.

    The score and state stored with the attempt stay what they were, also when a pass mark changes.
    """
    paper = get_paper(attempt)
    if paper is None or attempt.state == Attempt.State.OPEN:
        return None
    return grade(paper, attempt.answers, get_rules(attempt.participant, attempt.module).pass_mark)
