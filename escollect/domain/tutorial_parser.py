"""From the files of a language folder to a Tutorial, or to the list of all that is wrong."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from escollect.domain.practice_parser import read_practices
from escollect.domain.quiz import SINGLE, Item
from escollect.domain.strategies import STRATEGIES
from escollect.domain.tutorial import RESERVED, Module, PaperRules, Practice, Tutorial, content_version
from escollect.domain.tutorial_module import Place, read_module, text_problems
from escollect.domain.yamlfile import REQUIRED, Problem, Section, read_yaml

TUTORIAL_FILE = "tutorial.yaml"
PRACTICE_FILE = "practice.yaml"
MODULE_FILE = "module.yaml"
TEXT_FILE = "text.md"
SLUG = re.compile(r"[a-z][a-z0-9-]{0,39}")
MOST_OF_ONE_LETTER = 0.45
MOST_OF_ONE_LENGTH = 1.6
"""Times as often as chance would have it: 40 % of the items with four choices."""

BALANCE_FROM = 12


@dataclass(frozen=True)
class ContentProblem:
    """One thing wrong with the content: the file, and in it the line, the key and the remedy."""

    file: str
    problem: Problem

    def __str__(self) -> str:
        return f"{self.file}, {self.problem}"


class ContentError(ValueError):
    """Content that cannot be used; carries every problem found, not only the first."""

    def __init__(self, problems: Sequence[ContentProblem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class _Findings(list[ContentProblem]):
    def note(self, place: Place, what: str, remedy: str) -> None:
        self.append(ContentProblem(place.file, Problem(place.line, place.key, what, remedy)))

    def take(self, file: str, problems: Iterable[Problem]) -> None:
        self.extend(ContentProblem(file, problem) for problem in problems)


@dataclass(frozen=True)
class _Read:
    """A module with the lines of what may clash with another module."""

    module: Module
    places: Mapping[str, Place]


def parse_tutorial(files: Mapping[str, str]) -> Tutorial:
    """Read a tutorial from its files (path inside the language folder to text).

    Each of the eight strategies needs one module. Raises ContentError with every problem found.
    """
    found = _Findings()
    slugs = sorted({path.split("/")[0] for path in files if "/" in path})
    parsed = [read for slug in slugs if (read := _parse_module(slug, files, found))]
    parsed.sort(key=lambda read: read.module.order)
    practices = _parse_practices(files, found)
    tutorial = _parse_head(files, tuple(read.module for read in parsed), practices, found)
    _check_whole(parsed, found)
    if found or tutorial is None:
        raise ContentError(found)
    return tutorial


def _parse_head(
    files: Mapping[str, str], modules: tuple[Module, ...], practices: tuple[Practice, ...], found: _Findings
) -> Tutorial | None:
    if TUTORIAL_FILE not in files:
        found.note(Place(TUTORIAL_FILE, 1, "file"), "The file is missing.", "Add it beside the modules.")
        return None
    head, problems = read_yaml(files[TUTORIAL_FILE])
    tutorial = None
    if not problems:
        tutorial = Tutorial(
            version=content_version(files),
            language=head.text("language"),
            title=head.text("title"),
            introduction=head.text("introduction"),
            modules=modules,
            quiz=_parse_rules(head.section("quiz")),
            exam=_parse_rules(head.section("exam")),
            practices=practices,
        )
        head.finish()
        _check_lengths(head, tutorial)
    found.take(TUTORIAL_FILE, problems)
    return tutorial


def _parse_rules(section: Section) -> PaperRules:
    length = section.number("length", REQUIRED, 1, 100, whole=True)
    pass_mark = section.number("pass_mark", REQUIRED, 0, 1)
    section.finish()
    given = [1 if value is REQUIRED or value is None else value for value in (length, pass_mark)]
    return PaperRules(int(given[0]), float(given[1]))


def _check_lengths(head: Section, tutorial: Tutorial) -> None:
    for module in tutorial.modules:
        if len(module.items) < tutorial.quiz.length:
            what = f"Module {module.slug} has {len(module.items)} items for {tutorial.quiz.length}."
            head.complain("quiz", head.section("quiz").node.line, what, "Add items to it.")
    items = sum(len(module.items) for module in tutorial.modules)
    if items < tutorial.exam.length:
        what = f"The modules have {items} items for {tutorial.exam.length}."
        head.complain("exam", head.section("exam").node.line, what, "Lower it or add items.")


def _parse_practices(files: Mapping[str, str], found: _Findings) -> tuple[Practice, ...]:
    if not files.get(PRACTICE_FILE, "").strip():
        remedy = "Write at least two scripted seekers."
        found.note(Place(PRACTICE_FILE, 1, "file"), "The file is missing or empty.", remedy)
        return ()
    top, problems = read_yaml(files[PRACTICE_FILE])
    practices = () if problems else read_practices(top)
    found.take(PRACTICE_FILE, problems)
    return practices


def _parse_module(slug: str, files: Mapping[str, str], found: _Findings) -> _Read | None:
    name, text_name = f"{slug}/{MODULE_FILE}", f"{slug}/{TEXT_FILE}"
    for needed in (name, text_name):
        if not files.get(needed, "").strip():
            found.note(Place(needed, 1, "file"), "The file is missing or empty.", "Every module needs it.")
    if not SLUG.fullmatch(slug) or slug in RESERVED:
        remedy = "Use small letters, digits and hyphens, at most 40."
        found.note(Place(name, 1, "folder"), f"{slug!r} cannot be an address.", remedy)
    text = files.get(text_name, "")
    found.take(text_name, text_problems(text))
    if not files.get(name, "").strip():
        return None
    top, problems = read_yaml(files[name])
    read = None
    if not problems:
        module, lines = read_module(slug, top, text)
        places = {key: Place(name, line, key.partition(":")[0]) for key, line in lines.items()}
        read = _Read(module, places)
    found.take(name, problems)
    return read


def _check_whole(parsed: Sequence[_Read], found: _Findings) -> None:
    taught = Counter(read.module.strategy for read in parsed if read.module.strategy)
    for strategy in STRATEGIES:
        if taught[strategy] == 0:
            what = f"No module teaches {strategy!r}."
            found.note(Place(TUTORIAL_FILE, 1, "modules"), what, "Every strategy needs exactly one module.")
    for strategy, places in _shared(parsed, "strategy"):
        what = f"{len(places)} modules teach {strategy!r}."
        found.note(places[-1], what, "Every strategy needs exactly one module.")
    for order, places in _shared(parsed, "order"):
        what = f"The modules {_folders(places)} have the same order, {order}."
        found.note(places[-1], what, "Give each its own number.")
    for item_id, places in _shared(parsed, "quiz"):
        what = f"The item id {item_id!r} is used {len(places)} times ({_folders(places)})."
        found.note(places[-1], what, "Ids are unique in a tutorial.")
    _check_balance([item for read in parsed for item in read.module.items], found)


def _folders(places: Sequence[Place]) -> str:
    return ", ".join(dict.fromkeys(place.file.split("/")[0] for place in places))


def _shared(parsed: Sequence[_Read], kind: str) -> list[tuple[str, list[Place]]]:
    """The values of a kind (`order`, `strategy`, `quiz`) that more than one place has."""
    groups: defaultdict[str, list[Place]] = defaultdict(list)
    for read in parsed:
        for name, place in read.places.items():
            key, _, value = name.partition(":")
            if key == kind:
                groups[value.split("#")[0]].append(place)
    return [(value, places) for value, places in groups.items() if len(places) > 1]


def _check_balance(items: Sequence[Item], found: _Findings) -> None:
    """What would let somebody pass without reading: a letter or a length that is right too often."""
    single = [item for item in items if item.kind in SINGLE and len(item.key) == 1]
    if len(single) < BALANCE_FROM:
        return
    place = Place(TUTORIAL_FILE, 1, "modules")
    for letter, count in Counter(item.key[0] for item in single).items():
        if count > MOST_OF_ONE_LETTER * len(single):
            what = f"Choice {letter!r} is right in {count} of {len(single)} items."
            found.note(place, what, "Spread the right answers.")
    for size, group in _by_size(single).items():
        if len(group) < BALANCE_FROM:
            continue
        for rank, often in enumerate(count_lengths(group)):
            if often > MOST_OF_ONE_LENGTH * len(group) / size + 1:
                what = f"{_say_rank(rank, size)} is right in {round(often)} of {len(group)} items."
                found.note(place, what, "Lengthen or shorten choices until no length tells.")


def _by_size(items: Sequence[Item]) -> dict[int, list[Item]]:
    groups: defaultdict[int, list[Item]] = defaultdict(list)
    for item in items:
        groups[len(item.choices)].append(item)
    return dict(sorted(groups.items()))


def count_lengths(items: Sequence[Item]) -> list[float]:
    """How often the shortest choice, the second shortest … is right, for single-choice items of one size.

    Where choices are equally long, each of their ranks gets an equal part: a guesser would have to toss.
    """
    counts = [0.0] * len(items[0].choices)
    for item in items:
        lengths = sorted(len(choice.text) for choice in item.choices)
        right = next(len(choice.text) for choice in item.choices if choice.right)
        ranks = [rank for rank, length in enumerate(lengths) if length == right]
        for rank in ranks:
            counts[rank] += 1 / len(ranks)
    return counts


def _say_rank(rank: int, size: int) -> str:
    names = {0: "The shortest choice", size - 1: "The longest choice"}
    return names.get(rank, f"Number {rank + 1} from the shortest")
