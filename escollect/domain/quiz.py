"""Quizzes: what an item is, how a paper is drawn from a pool, and how answers are graded.

Drawing depends on the items and a stored seed alone, so that the server can rebuild the paper it
handed out and grade that paper and no other.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

Kind = Literal["choose", "order"]
KINDS: tuple[Kind, ...] = ("choose", "order")

Answers = Mapping[str, Sequence[str]]
T = TypeVar("T")


@dataclass(frozen=True)
class Choice:
    """One answer a trainee may give, with the reason why it is right or wrong.

    `place` is the position (from 1) the choice belongs to in an `order` item, None elsewhere.
    """

    id: str
    text: str
    right: bool
    why: str
    place: int | None = None


@dataclass(frozen=True)
class Item:
    """One question. `quote` is what somebody said, shown above the choices; it may be empty."""

    id: str
    prompt: str
    kind: Kind
    choices: tuple[Choice, ...]
    quote: str = ""

    @property
    def key(self) -> tuple[str, ...]:
        """The choice ids of the right answer, in the order in which they have to be given."""
        if self.kind == "order":
            placed = [choice for choice in self.choices if choice.place is not None]
            return tuple(choice.id for choice in sorted(placed, key=lambda choice: choice.place or 0))
        return tuple(choice.id for choice in self.choices if choice.right)


@dataclass(frozen=True)
class PublicChoice:
    """What the browser may know of a choice before grading."""

    id: str
    text: str


@dataclass(frozen=True)
class PublicItem:
    """What the browser may know of an item before grading: never which choice is right, nor why."""

    id: str
    prompt: str
    kind: Kind
    quote: str
    choices: tuple[PublicChoice, ...]
    wanted: int

    @property
    def field(self) -> str:
        """Name of the form field that carries the answer."""
        return field_name(self.id)

    @property
    def places(self) -> range:
        """The positions to fill, from 1: one for a single choice, several for an order."""
        return range(1, self.wanted + 1)


@dataclass(frozen=True)
class ItemResult:
    """How one item was answered: `given` are choice ids, in order."""

    item: Item
    given: tuple[str, ...]
    right: bool

    @property
    def explanations(self) -> tuple[tuple[Choice, bool], ...]:
        """Every choice of the item with whether the trainee picked it, in the order shown."""
        return tuple((choice, choice.id in self.given) for choice in self.item.choices)


@dataclass(frozen=True)
class Graded:
    """A graded paper: `score` is the share of items answered right, from 0 to 1."""

    score: float
    right: int
    total: int
    passed: bool
    results: tuple[ItemResult, ...]


class BadAnswersError(ValueError):
    """A paper that cannot be graded: `problems` maps item ids to missing, unknown or count."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(f"{len(problems)} answers are missing or cannot be read")
        self.problems = dict(problems)


def field_name(item_id: str) -> str:
    """The form field of an item, as outside clients know it."""
    return f"q-{item_id}"


def _shuffled(values: Sequence[T], seed: int, key: Callable[[T], str]) -> list[T]:
    """The values in an order that the seed decides, on every machine and Python the same."""
    return sorted(values, key=lambda value: hashlib.sha256(f"{seed}/{key(value)}".encode()).digest())


def _shuffle_choices(item: Item, seed: int) -> Item:
    return replace(
        item, choices=tuple(_shuffled(item.choices, seed, lambda choice: f"{item.id}/{choice.id}"))
    )


def draw(items: Sequence[Item], n: int, seed: int) -> tuple[Item, ...]:
    """Draw n items, or all if there are fewer; the seed decides their order and their choices'."""
    drawn = _shuffled(items, seed, lambda item: item.id)[:n]
    return tuple(_shuffle_choices(item, seed) for item in drawn)


def draw_across(pools: Sequence[Sequence[Item]], n: int, seed: int) -> tuple[Item, ...]:
    """Draw n items evenly: no pool gives a second item before every pool gave its first.

    The items come back mixed, in an order that the seed decides.
    """
    queues = [list(draw(pool, len(pool), seed)) for pool in pools]
    queues = _shuffled(queues, seed, lambda queue: queue[0].id if queue else "")
    rounds = range(max((len(queue) for queue in queues), default=0))
    dealt = [queue[turn] for turn in rounds for queue in queues if turn < len(queue)]
    return tuple(_shuffled(dealt[:n], seed, lambda item: item.id))


def public_item(item: Item) -> PublicItem:
    """The part of an item that may leave the server before grading."""
    choices = tuple(PublicChoice(choice.id, choice.text) for choice in item.choices)
    return PublicItem(item.id, item.prompt, item.kind, item.quote, choices, wanted=len(item.key))


def _problem(item: Item, given: Sequence[str]) -> str | None:
    answered = [choice_id for choice_id in given if choice_id]
    if len(answered) < len(item.key):
        return "missing"
    if not set(answered) <= {choice.id for choice in item.choices}:
        return "unknown"
    if len(answered) > len(item.key) or len(set(answered)) < len(answered):
        return "count"
    return None


def check_answers(items: Sequence[Item], answers: Answers) -> None:
    """Refuse a paper with an item unanswered, answered strangely, or answered too often.

    Answers to questions that are not on the paper are ignored. Raises BadAnswersError.
    """
    found = {item.id: _problem(item, answers.get(item.id, ())) for item in items}
    problems = {item_id: problem for item_id, problem in found.items() if problem}
    if problems:
        raise BadAnswersError(problems)


def grade(items: Sequence[Item], answers: Answers, pass_mark: float) -> Graded:
    """Grade a complete paper; an item counts only when its whole answer is right.

    `pass_mark` is the share of right items, from 0 to 1, that passes. Raises BadAnswersError.
    """
    check_answers(items, answers)
    results = tuple(
        ItemResult(item, given=tuple(answers[item.id]), right=tuple(answers[item.id]) == item.key)
        for item in items
    )
    right = sum(result.right for result in results)
    total = len(results)
    score = right / total if total else 0.0
    return Graded(
        score, right, total, passed=total > 0 and right >= pass_mark * total - 1e-9, results=results
    )
