"""The tutorial: its modules, the papers drawn from them, and the order in which they open."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from escollect.domain.quiz import Item, draw, draw_across

ModuleKind = Literal["stage", "strategy"]
EXAM = "exam"


@dataclass(frozen=True)
class ExcerptLine:
    """One utterance of a worked excerpt; `strategy` and `comment` are empty for the seeker."""

    role: str
    text: str
    strategy: str = ""
    comment: str = ""


@dataclass(frozen=True)
class PaperRules:
    """How a paper is made and passed: `length` in items, `pass_mark` as a share from 0 to 1."""

    length: int
    pass_mark: float


@dataclass(frozen=True)
class Module:
    """One part: a stage, or the strategy of that canonical name. `text` is Markdown."""

    slug: str
    title: str
    order: int
    kind: ModuleKind
    strategy: str | None
    reminder: str
    text: str
    excerpt: tuple[ExcerptLine, ...]
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

    def module(self, slug: str) -> Module | None:
        """The module of that slug, or None."""
        return next((module for module in self.modules if module.slug == slug), None)

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
