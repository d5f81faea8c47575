"""Quizzes: what an item is, how a paper is drawn from a pool, and how answers are graded.

Drawing depends on the items and a stored seed alone. A wrong answer may lead to another item of the
same skill: it stands in for the one that was missed, and a place on the paper counts as right when
either of the two was answered right.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

Kind = Literal["classify", "reply", "mistake", "choose", "order", "mark"]
KINDS: tuple[Kind, ...] = ("classify", "reply", "mistake", "choose", "order", "mark")
SINGLE: frozenset[Kind] = frozenset({"classify", "reply", "mistake", "choose"})
"""The kinds with exactly one right choice."""

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
class Line:
    """A line of the excerpt of a `mark` item; `choice` is the id to mark it by, empty for the context."""

    role: str
    text: str
    choice: str = ""


@dataclass(frozen=True)
class Item:
    """One question about a skill. `quote` is what somebody said, shown above the choices.

    A `mark` item has `lines`: the excerpt in its order, with the choices among them.
    """

    id: str
    prompt: str
    kind: Kind
    choices: tuple[Choice, ...]
    quote: str = ""
    skill: str = ""
    lines: tuple[Line, ...] = ()

    @property
    def key(self) -> tuple[str, ...]:
        """The choice ids of the right answer; for an `order` in the order in which they have to be given."""
        if self.kind == "order":
            placed = [choice for choice in self.choices if choice.place is not None]
            return tuple(choice.id for choice in sorted(placed, key=lambda choice: choice.place or 0))
        return tuple(choice.id for choice in self.choices if choice.right)

    def is_right(self, given: Sequence[str]) -> bool:
        """Whether an answer is the key; what is marked may come in any order."""
        if self.kind == "mark":
            return sorted(given) == sorted(self.key)
        return tuple(given) == self.key


@dataclass(frozen=True)
class PublicChoice:
    """What the browser may know of a choice before grading."""

    id: str
    text: str


@dataclass(frozen=True)
class PublicItem:
    """What the browser may know of an item before grading: never which choice is right, nor why.

    `wanted` is how many choices make an answer; 0 where their number is part of the question.
    """

    id: str
    prompt: str
    kind: Kind
    quote: str
    choices: tuple[PublicChoice, ...]
    wanted: int
    lines: tuple[Line, ...] = ()

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
    """How one item was answered: `given` are choice ids, in order.

    `replaces` is the id of the item, answered wrong, that this one stands in for.
    """

    item: Item
    given: tuple[str, ...]
    right: bool
    replaces: str = ""

    @property
    def explanations(self) -> tuple[tuple[Choice, bool], ...]:
        """Every choice of the item with whether the trainee picked it, in the order shown."""
        return tuple((choice, choice.id in self.given) for choice in self.item.choices)


@dataclass(frozen=True)
class Graded:
    """A graded paper: `score` is the share of its places that are right, from 0 to 1.

    The items drawn are its places; one that was missed is right when its replacement is.
    """

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


def shuffle_choices(item: Item, seed: int) -> Item:
    """The item with its choices in the order that a seed decides; the lines of an excerpt stay in theirs."""
    if item.kind == "mark":
        return item
    return replace(
        item, choices=tuple(_shuffled(item.choices, seed, lambda choice: f"{item.id}/{choice.id}"))
    )


def _deal(queues: Sequence[Sequence[Item]]) -> list[Item]:
    """One from each queue, then a second from each, and so on."""
    rounds = range(max((len(queue) for queue in queues), default=0))
    return [queue[turn] for turn in rounds for queue in queues if turn < len(queue)]


def _order(items: Sequence[Item], seed: int) -> list[Item]:
    """The items in the order in which they are drawn.

    The skills take turns, and the last item of each comes after all others: kept back, it can stand in for
    one that was missed.
    """
    by_skill: dict[str, list[Item]] = {}
    for item in _shuffled(items, seed, lambda item: item.id):
        by_skill.setdefault(item.skill, []).append(item)
    queues = list(by_skill.values())
    return _deal([queue[:-1] for queue in queues]) + [queue[-1] for queue in queues]


def draw(items: Sequence[Item], n: int, seed: int) -> tuple[Item, ...]:
    """Draw n items evenly over their skills, or all if there are fewer.

    The seed decides which, their order and their choices'.
    """
    drawn = _shuffled(_order(items, seed)[:n], seed, lambda item: item.id)
    return tuple(shuffle_choices(item, seed) for item in drawn)


def draw_replacement(items: Sequence[Item], skill: str, asked: Collection[str], seed: int) -> Item | None:
    """Another item of the skill that was not asked yet (`asked` are item ids); None when all were."""
    left = [item for item in items if item.skill == skill and item.id not in asked]
    return next((shuffle_choices(item, seed) for item in _shuffled(left, seed, lambda item: item.id)), None)


def draw_across(pools: Sequence[Sequence[Item]], n: int, seed: int) -> tuple[Item, ...]:
    """Draw n items evenly: no pool gives a second item before every pool gave its first.

    The items come back mixed, in an order that the seed decides.
    """
    queues = [_order(pool, seed) for pool in pools]
    queues = _shuffled(queues, seed, lambda queue: queue[0].id if queue else "")
    drawn = _shuffled(_deal(queues)[:n], seed, lambda item: item.id)
    return tuple(shuffle_choices(item, seed) for item in drawn)


def public_item(item: Item) -> PublicItem:
    """The part of an item that may leave the server before grading."""
    choices = tuple(PublicChoice(choice.id, choice.text) for choice in item.choices)
    wanted = 0 if item.kind == "mark" else len(item.key)
    return PublicItem(item.id, item.prompt, item.kind, item.quote, choices, wanted, item.lines)


def _problem(item: Item, given: Sequence[str]) -> str | None:
    answered = [choice_id for choice_id in given if choice_id]
    least, most = (1, len(item.choices)) if item.kind == "mark" else (len(item.key), len(item.key))
    if len(answered) < least:
        return "missing"
    if not set(answered) <= {choice.id for choice in item.choices}:
        return "unknown"
    if len(answered) > most or len(set(answered)) < len(answered):
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


def grade_item(item: Item, given: Sequence[str], replaces: str = "") -> ItemResult:
    """Grade one answer that `check_answers` let through; it counts only when all of it is right."""
    return ItemResult(item, tuple(given), item.is_right(given), replaces)


def sum_up(results: Sequence[ItemResult], pass_mark: float) -> Graded:
    """What the answers to a paper come to; `pass_mark` is the share of right places that passes, 0 to 1."""
    mended = {result.replaces for result in results if result.replaces and result.right}
    places = [result for result in results if not result.replaces]
    right = sum(result.right or result.item.id in mended for result in places)
    total = len(places)
    passed = total > 0 and right >= pass_mark * total - 1e-9
    return Graded(right / total if total else 0.0, right, total, passed, tuple(results))


def grade(items: Sequence[Item], answers: Answers, pass_mark: float) -> Graded:
    """Grade a complete paper that is handed in as a whole, without replacements.

    `pass_mark` is the share of right items, from 0 to 1, that passes. Raises BadAnswersError.
    """
    check_answers(items, answers)
    return sum_up([grade_item(item, answers[item.id]) for item in items], pass_mark)
