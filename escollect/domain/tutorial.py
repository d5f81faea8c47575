"""The tutorial: its modules, the papers drawn from them, and the order in which they open."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from escollect.domain.quiz import Item, draw, draw_across

ModuleKind = Literal["stage", "strategy", "conduct"]
MODULE_KINDS: tuple[ModuleKind, ...] = ("stage", "strategy", "conduct")
Quality = Literal["good", "clumsy"]
QUALITIES: tuple[Quality, ...] = ("good", "clumsy")
STAGES = ("Exploration", "Comforting", "Action")
EXAM, PRACTICE = "exam", "practice"
RESERVED = frozenset({EXAM, PRACTICE})
"""Parts of the training that are no modules; no folder may have their names."""


@dataclass(frozen=True)
class ExampleLine:
    """One utterance of a worked example; `strategy` is empty for the seeker, `comment` may be."""

    role: str
    text: str
    strategy: str = ""
    comment: str = ""


@dataclass(frozen=True)
class Example:
    """A worked excerpt; a module has a good and a clumsy one of the same situation."""

    quality: Quality
    title: str
    lines: tuple[ExampleLine, ...]


@dataclass(frozen=True)
class Mistake:
    """A common mistake, and what to do instead."""

    what: str
    instead: str


@dataclass(frozen=True)
class Situation:
    """What the scripted seeker of a practice chat reports; the intensity is from 1 to 5."""

    problem_type: str
    emotion_type: str
    initial_emotion_intensity: int
    situation: str


@dataclass(frozen=True)
class PracticeStep:
    """One exchange: which strategies suit a reply here, and what the seeker says after it.

    `model` is what the script's supporter says, with `strategy`; `why` is shown afterwards.
    """

    fits: tuple[str, ...]
    stage: str
    model: str
    strategy: str
    why: str
    then: str


@dataclass(frozen=True)
class Practice:
    """A scripted seeker: the `opening` comes first, each step's `then` answers a reply."""

    id: str
    situation: Situation
    opening: str
    steps: tuple[PracticeStep, ...]


@dataclass(frozen=True)
class PaperRules:
    """How a paper is made and passed: `length` in items, `pass_mark` as a share from 0 to 1."""

    length: int
    pass_mark: float


@dataclass(frozen=True)
class Module:
    """One part: a stage, the strategy of that canonical name, or conduct. `text` is Markdown."""

    slug: str
    title: str
    order: int
    kind: ModuleKind
    strategy: str | None
    reminder: str
    text: str
    examples: tuple[Example, ...]
    mistakes: tuple[Mistake, ...]
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Tutorial:
    """All of one language. `version` names the content: it changes whenever any file does."""

    version: str
    language: str
    title: str
    introduction: str
    modules: tuple[Module, ...]
    quiz: PaperRules
    exam: PaperRules
    practices: tuple[Practice, ...] = ()

    def module(self, slug: str) -> Module | None:
        """The module of that slug, or None."""
        return next((module for module in self.modules if module.slug == slug), None)

    def item(self, item_id: str) -> Item | None:
        """The item of that id, or None."""
        return next((item for module in self.modules for item in module.items if item.id == item_id), None)

    def paper(self, slug: str, seed: int) -> tuple[Item, ...]:
        """The items of an attempt at a module, or at the exam (slug `exam`). Raises KeyError."""
        if slug == EXAM:
            return draw_across([module.items for module in self.modules], self.exam.length, seed)
        module = self.module(slug)
        if module is None:
            raise KeyError(slug)
        return draw(module.items, self.quiz.length, seed)

    def rules(self, slug: str) -> PaperRules:
        """The rules of a module's quiz or of the examination."""
        return self.exam if slug == EXAM else self.quiz

    @property
    def reminders(self) -> dict[str, str]:
        """The one-line reminder of every strategy by its canonical name, in module order."""
        return {module.strategy: module.reminder for module in self.modules if module.strategy}


def content_version(files: Mapping[str, str]) -> str:
    """A short hash of every file's path and text."""
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{path}\0{files[path]}\0".encode())
    return digest.hexdigest()[:12]


def next_module(modules: Sequence[Module], passed: frozenset[str]) -> Module | None:
    """The first module, in the tutorial's order, that is not passed yet; None when all are."""
    return next((module for module in modules if module.slug not in passed), None)


def is_open(modules: Sequence[Module], passed: frozenset[str], slug: str) -> bool:
    """Whether a trainee may enter: passed modules, the next one, and the exam after all."""
    following = next_module(modules, passed)
    if slug == EXAM:
        return following is None
    return slug in passed or (following is not None and following.slug == slug)
