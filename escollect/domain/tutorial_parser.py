"""From the files of a language folder to a Tutorial, or to the list of all that is wrong."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from escollect.domain.quiz import KINDS, Choice, Item
from escollect.domain.strategies import STRATEGIES
from escollect.domain.tutorial import (
    EXAM,
    ExcerptLine,
    Module,
    PaperRules,
    Tutorial,
    content_version,
)
from escollect.domain.yamlfile import REQUIRED, Problem, Section, read_yaml

TUTORIAL_FILE = "tutorial.yaml"
MODULE_FILE = "module.yaml"
TEXT_FILE = "text.md"
SLUG = re.compile(r"[a-z][a-z0-9-]{0,39}")
CHOICE_ID = re.compile(r"[a-z]")
ROLES = ("seeker", "supporter")
MOST_OF_ONE_LETTER = 0.45
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
    def note(self, file: str, key: str, what: str, remedy: str) -> None:
        self.append(ContentProblem(file, Problem(1, key, what, remedy)))

    def take(self, file: str, problems: Iterable[Problem]) -> None:
        self.extend(ContentProblem(file, problem) for problem in problems)


def parse_tutorial(files: Mapping[str, str]) -> Tutorial:
    """Read a tutorial from its files (path inside the language folder to text).

    Each of the eight strategies needs one module. Raises ContentError with every problem found.
    """
    found = _Findings()
    slugs = sorted({path.split("/")[0] for path in files if "/" in path})
    parsed = [_parse_module(slug, files, found) for slug in slugs]
    modules = sorted((module for module in parsed if module), key=lambda module: module.order)
    tutorial = _parse_head(files, tuple(modules), found)
    _check_whole(modules, found)
    if found or tutorial is None:
        raise ContentError(found)
    return tutorial


def _parse_head(files: Mapping[str, str], modules: tuple[Module, ...], found: _Findings) -> Tutorial | None:
    if TUTORIAL_FILE not in files:
        found.note(TUTORIAL_FILE, "file", "The file is missing.", "Add it beside the modules.")
        return None
    head, problems = read_yaml(files[TUTORIAL_FILE])
    if not problems:
        tutorial = Tutorial(
            version=content_version(files),
            language=head.text("language"),
            title=head.text("title"),
            introduction=head.text("introduction"),
            modules=modules,
            quiz=_parse_rules(head.section("quiz")),
            exam=_parse_rules(head.section("exam")),
        )
        head.finish()
        _check_lengths(head, tutorial)
        found.take(TUTORIAL_FILE, problems)
        return tutorial
    found.take(TUTORIAL_FILE, problems)
    return None


def _parse_rules(section: Section) -> PaperRules:
    length = int(_number(section, "length", 1, 100, whole=True))
    rules = PaperRules(length, _number(section, "pass_mark", 0, 1))
    section.finish()
    return rules


def _number(section: Section, key: str, low: float, high: float, *, whole: bool = False) -> float:
    value = section.number(key, REQUIRED, low, high, whole)
    return value if isinstance(value, int | float) else low


def _one_of(section: Section, key: str, choices: Sequence[str]) -> str:
    value = section.one_of(key, choices)
    return value if isinstance(value, str) else ""


def _check_lengths(head: Section, tutorial: Tutorial) -> None:
    for module in tutorial.modules:
        if len(module.items) < tutorial.quiz.length:
            what = f"Module {module.slug} has {len(module.items)} items for {tutorial.quiz.length}."
            head.complain("quiz", head.section("quiz").node.line, what, "Add items to it.")
    items = sum(len(module.items) for module in tutorial.modules)
    if items < tutorial.exam.length:
        what = f"The modules have {items} items for {tutorial.exam.length}."
        head.complain("exam", head.section("exam").node.line, what, "Lower it or add items.")


def _parse_module(slug: str, files: Mapping[str, str], found: _Findings) -> Module | None:
    name, text_name = f"{slug}/{MODULE_FILE}", f"{slug}/{TEXT_FILE}"
    for needed in (name, text_name):
        if not files.get(needed, "").strip():
            found.note(needed, "file", "The file is missing or empty.", "Every module needs it.")
    if not SLUG.fullmatch(slug) or slug == EXAM:
        remedy = "Use small letters, digits and hyphens, at most 40."
        found.note(name, "folder", f"{slug!r} cannot be an address.", remedy)
    if not files.get(name, "").strip():
        return None
    top, problems = read_yaml(files[name])
    module = None if problems else _read_module(slug, top, files.get(text_name, ""))
    found.take(name, problems)
    return module


def _read_module(slug: str, top: Section, text: str) -> Module:
    kind = _one_of(top, "kind", ("stage", "strategy"))
    module = Module(
        slug=slug,
        title=top.text("title", limit=80),
        order=int(_number(top, "order", 1, 100, whole=True)),
        kind="stage" if kind == "stage" else "strategy",
        strategy=_one_of(top, "strategy", STRATEGIES) if kind == "strategy" else None,
        reminder=top.text("reminder", limit=120),
        text=text,
        excerpt=tuple(_read_line(line) for line in _filled(top, "excerpt")),
        items=tuple(_read_item(item) for item in _filled(top, "quiz")),
    )
    top.finish()
    return module


def _filled(section: Section, key: str) -> list[Section]:
    """The mappings of a list that must not be empty."""
    parts = section.sections(key)
    if not parts:
        section.complain(key, section.node.line, "There is nothing here.", "Write “- key: value”.")
    return parts


def _read_line(line: Section) -> ExcerptLine:
    role = _one_of(line, "role", ROLES)
    text = line.text("text")
    if role == "supporter":
        said = ExcerptLine(role, text, _one_of(line, "strategy", STRATEGIES), line.text("comment"))
    else:
        said = ExcerptLine(role, text)
    line.finish()
    return said


def _read_item(section: Section) -> Item:
    kind = _one_of(section, "kind", KINDS)
    item_id = section.text("id", limit=40)
    if item_id and not SLUG.fullmatch(item_id):
        remedy = "Use small letters, digits and hyphens."
        section.complain("id", section.node.line, f"{item_id!r} cannot name a field.", remedy)
    item = Item(
        id=item_id,
        prompt=section.text("prompt"),
        kind="order" if kind == "order" else "choose",
        choices=tuple(_read_choice(part, kind) for part in _filled(section, "choices")),
        quote=section.text("quote", default=""),
    )
    section.finish()
    _check_choices(section, item)
    return item


def _read_choice(part: Section, kind: str) -> Choice:
    choice_id = part.text("id")
    if choice_id and not CHOICE_ID.fullmatch(choice_id):
        what, remedy = f"{choice_id!r} could give the answer away.", "Use one letter, as a name only."
        part.complain("id", part.node.line, what, remedy)
    text, why = part.text("text"), part.text("why")
    if kind == "order":
        place = part.number("place", None, 1, 9, True)
        choice = Choice(choice_id, text, right=place is not None, why=why, place=place)
    else:
        choice = Choice(choice_id, text, right=part.flag("right", False), why=why)
    part.finish()
    return choice


def _check_choices(section: Section, item: Item) -> None:
    ids = [choice.id for choice in item.choices]
    wrong: list[tuple[str, str]] = []
    if not 2 <= len(ids) <= 6:
        wrong.append((f"There are {len(ids)}.", "Write 2 to 6."))
    if len(set(ids)) < len(ids):
        wrong.append(("Two have the same id.", "Give each its own letter."))
    if item.kind == "choose" and len(item.key) != 1:
        wrong.append((f"{len(item.key)} of them are right.", "Mark one with “right: true”."))
    places = sorted(choice.place for choice in item.choices if choice.place is not None)
    if item.kind == "order" and (len(places) < 2 or places != list(range(1, len(places) + 1))):
        wrong.append((f"The places are {places}.", "Number at least two of them 1, 2, 3 …"))
    for what, remedy in wrong:
        section.complain("choices", section.node.line, what, remedy)


def _check_whole(modules: Sequence[Module], found: _Findings) -> None:
    taught = Counter(module.strategy for module in modules if module.strategy)
    for strategy in STRATEGIES:
        if taught[strategy] != 1:
            what = f"{taught[strategy]} modules teach {strategy!r}."
            found.note(TUTORIAL_FILE, "modules", what, "Every strategy needs exactly one module.")
    for order, slugs in _shared((str(module.order), module.slug) for module in modules):
        what = f"The modules {', '.join(slugs)} have the same order, {order}."
        found.note(f"{slugs[-1]}/{MODULE_FILE}", "order", what, "Give each its own number.")
    for item_id, slugs in _shared((item.id, each.slug) for each in modules for item in each.items):
        what = f"The item id {item_id!r} is used {len(slugs)} times."
        found.note(f"{slugs[-1]}/{MODULE_FILE}", "quiz", what, "Ids are unique in a tutorial.")
    _check_balance(modules, found)


def _shared(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for value, slug in pairs:
        groups[value].append(slug)
    return [(value, slugs) for value, slugs in groups.items() if len(slugs) > 1]


def _check_balance(modules: Sequence[Module], found: _Findings) -> None:
    """A letter that is right too often would let a trainee pass without reading."""
    items = [item for module in modules for item in module.items]
    keys = Counter(item.key[0] for item in items if item.kind == "choose" and item.key)
    total = sum(keys.values())
    for letter, count in keys.items():
        if total >= BALANCE_FROM and count > MOST_OF_ONE_LETTER * total:
            what = f"Choice {letter!r} is right in {count} of {total} items."
            found.note(TUTORIAL_FILE, "modules", what, "Spread the right answers.")
