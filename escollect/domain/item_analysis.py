"""Item analysis: how hard a quiz item is, whether it tells good trainees from weak ones, what its choices
draw, and what an author should look at.

A trainee's rest score is the share of their other counted answers that are right, whatever module these
belong to. Good and weak trainees are the upper and the lower 27 % by share right (Kelley 1939).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from escollect.domain.correlation import Reading, Share, Sums
from escollect.domain.quiz import SINGLE

ENOUGH = 30
"""Answers that an item needs before any warning but `few` is given."""

GROUP_ENOUGH = 8
"""Trainees that the good group needs before their failing is held against an item."""

EASY = 0.95
HALF = 0.5
OUTER = 0.27
ORDER = "order"


class Warn(StrEnum):
    """What is odd about an item."""

    FEW = "few"
    EASY = "easy"
    GOOD_FAIL = "good_fail"
    BACKWARDS = "backwards"
    RIVAL = "rival"
    UNUSED = "unused"


@dataclass(frozen=True, slots=True)
class Cuts:
    """The shares right up to which a trainee is weak, and from which a trainee is good."""

    weak: float
    good: float


@dataclass(frozen=True, slots=True)
class AnswerCount:
    """How often an item got this very answer (choice ids in order), by whom, and their rest scores.

    `rest` sums x = right (0 or 1) and y = rest score over those who gave any other counted answer.
    """

    given: tuple[str, ...]
    right: bool
    n: int
    good: int
    weak: int
    rest: Sums


@dataclass(frozen=True, slots=True)
class ItemContent:
    """What the tutorial says of an item: its kind, every choice in order, and the right answer."""

    kind: str
    choices: tuple[str, ...]
    key: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChoiceShare:
    """Who took a choice: of all, of the good and of the weak trainees. `ids` are several for an order."""

    ids: tuple[str, ...]
    is_key: bool
    everybody: Share
    good: Share
    weak: Share


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to look at; `choices` are the ids it is about, if it is about any."""

    code: Warn
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemAnalysis:
    """The numbers of one item in one module's quiz, or in the examination."""

    right: Share
    good: Share
    weak: Share
    rest: Sums
    choices: tuple[ChoiceShare, ...]
    warnings: tuple[Remark, ...]

    @property
    def shown(self) -> int:
        """How many counted answers there are."""
        return self.right.n

    @property
    def difficulty(self) -> float | None:
        """The share of right answers: the higher, the easier."""
        return self.right.value

    @property
    def discrimination(self) -> float | None:
        """The point-biserial correlation of right with the rest score; None where it says nothing."""
        return None if self.rest.reading in (Reading.FEW, Reading.FLAT) else self.rest.correlation


def find_cuts(shares: Iterable[float]) -> Cuts | None:
    """The cuts of the outer groups of trainees, given each one's share right; ties come in together.

    None while nobody differs: there is no good and no weak trainee then.
    """
    ranked = sorted(shares)
    outer = ceil(OUTER * len(ranked))
    if not outer or ranked[outer - 1] >= ranked[-outer]:
        return None
    return Cuts(weak=ranked[outer - 1], good=ranked[-outer])


def analyse_item(answers: Sequence[AnswerCount], content: ItemContent | None) -> ItemAnalysis:
    """Put the answers to an item together; without its content only the choices that were taken show."""
    right = Share(sum(one.n for one in answers if one.right), sum(one.n for one in answers))
    good = Share(sum(one.good for one in answers if one.right), sum(one.good for one in answers))
    weak = Share(sum(one.weak for one in answers if one.right), sum(one.weak for one in answers))
    rest = sum((one.rest for one in answers), Sums())
    choices = _choices(answers, content, right.n, good.n, weak.n)
    warnings = _warnings(right, good, rest, choices, single=content is not None and content.kind in SINGLE)
    return ItemAnalysis(right, good, weak, rest, choices, warnings)


def _choices(
    answers: Sequence[AnswerCount], content: ItemContent | None, n: int, good: int, weak: int
) -> tuple[ChoiceShare, ...]:
    key = content.key if content else next((one.given for one in answers if one.right), ())
    whole = content is not None and content.kind == ORDER

    def share(ids: tuple[str, ...]) -> ChoiceShare:
        took = [one for one in answers if (one.given == ids if whole else ids[0] in one.given)]
        return ChoiceShare(
            ids,
            ids == key if whole else ids[0] in key,
            Share(sum(one.n for one in took), n),
            Share(sum(one.good for one in took), good),
            Share(sum(one.weak for one in took), weak),
        )

    if whole:
        found = dict.fromkeys([key, *(one.given for one in sorted(answers, key=_most_first))])
        return tuple(share(ids) for ids in found)
    taken = (choice for one in sorted(answers, key=_most_first) for choice in one.given)
    known = dict.fromkeys([*(content.choices if content else ()), *taken])
    return tuple(share((choice,)) for choice in known)


def _most_first(count: AnswerCount) -> tuple[int, tuple[str, ...]]:
    return -count.n, count.given


def _warnings(
    right: Share, good: Share, rest: Sums, choices: Sequence[ChoiceShare], *, single: bool
) -> tuple[Remark, ...]:
    if right.n < ENOUGH:
        return (Remark(Warn.FEW),)
    if right.hits >= EASY * right.n:
        return (Remark(Warn.EASY),)
    found = []
    if good.n >= GROUP_ENOUGH and good.hits < HALF * good.n:
        found.append(Remark(Warn.GOOD_FAIL))
    if rest.reading is Reading.APART:
        found.append(Remark(Warn.BACKWARDS))
    if single:
        found += _about_choices(choices, weigh_good=good.n >= GROUP_ENOUGH)
    return tuple(found)


def _about_choices(choices: Sequence[ChoiceShare], *, weigh_good: bool) -> list[Remark]:
    key = max((choice.good.hits for choice in choices if choice.is_key), default=0)
    wrong = [choice for choice in choices if not choice.is_key]
    rivals = tuple(choice.ids[0] for choice in wrong if weigh_good and choice.good.hits > key)
    unused = tuple(choice.ids[0] for choice in wrong if not choice.everybody.hits)
    found = (Remark(Warn.RIVAL, rivals), Remark(Warn.UNUSED, unused))
    return [warning for warning in found if warning.choices]
