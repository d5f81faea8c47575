"""Reads a module: its head, its two worked examples, its mistakes and its quiz."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from escollect.domain.quiz import Item
from escollect.domain.strategies import STRATEGIES
from escollect.domain.tutorial import MODULE_KINDS, QUALITIES, Example, ExampleLine, Mistake, Module
from escollect.domain.tutorial_items import read_item
from escollect.domain.yamlfile import REQUIRED, Problem, Section

ROLES = ("seeker", "supporter")
TOP_HEADING = re.compile(r"#\s")
FEWEST_ITEMS = 8
SKILLS = range(2, 5)
MISTAKES = range(3, 7)
NEEDED_KINDS = (("classify",), ("reply",), ("mistake",), ("order", "mark"))


@dataclass(frozen=True)
class Place:
    """Where something stands in the content."""

    file: str
    line: int
    key: str


def text_problems(text: str) -> list[Problem]:
    """What is wrong with the form of a module's Markdown: headings start at level 2, with the definition."""
    lines = text.splitlines()
    found = [
        Problem(number, "heading", "A heading of level 1 is the page's own.", "Begin it with “## ”.")
        for number, line in enumerate(lines, 1)
        if TOP_HEADING.match(line)
    ]
    first = next(((n, line) for n, line in enumerate(lines, 1) if line.strip()), None)
    if first and not first[1].startswith("#"):
        found.append(
            Problem(
                first[0], "heading", "The text has no first heading.", "Begin with the definition: “## …”."
            )
        )
    return found


def read_module(slug: str, top: Section, text: str) -> tuple[Module, dict[str, int]]:
    """A module from its file, and the lines of what has to be unique in the tutorial.

    The lines are keyed `order:<number>`, `strategy:<name>` and `quiz:<item id>`.
    """
    kind = top.one_of("kind", MODULE_KINDS)
    order = top.number("order", REQUIRED, 1, 100, whole=True)
    strategy = top.one_of("strategy", STRATEGIES) if kind == "strategy" else None
    items = [(read_item(part), part.node.line) for part in _filled(top, "quiz")]
    module = Module(
        slug=slug,
        title=top.text("title", limit=80),
        order=order if isinstance(order, int) else 0,
        kind=kind if kind in MODULE_KINDS else "conduct",
        strategy=strategy or None,
        reminder=top.text("reminder", limit=120),
        text=text,
        examples=tuple(_read_example(part) for part in _filled(top, "examples")),
        mistakes=tuple(_read_mistake(part) for part in _filled(top, "mistakes")),
        items=tuple(item for item, _line in items),
    )
    top.finish()
    _check_examples(top, module)
    if module.mistakes and len(module.mistakes) not in MISTAKES:
        _complain(top, "mistakes", f"There are {len(module.mistakes)}.", "Write 3 to 6.")
    if module.items:
        _check_quiz(top, module)
        _check_ids(top, slug, items)
    return module, _lines(top, module, items)


def _lines(top: Section, module: Module, items: Sequence[tuple[Item, int]]) -> dict[str, int]:
    lines = {f"quiz:{item.id}#{line}": line for item, line in items if item.id}
    if module.order:
        lines[f"order:{module.order}"] = _line(top, "order")
    if module.strategy:
        lines[f"strategy:{module.strategy}"] = _line(top, "strategy")
    return lines


def _line(section: Section, key: str) -> int:
    node = section.node.value.get(key)
    return section.node.line if node is None else int(node.line)


def _complain(section: Section, key: str, what: str, remedy: str) -> None:
    section.complain(key, _line(section, key), what, remedy)


def _filled(section: Section, key: str) -> list[Section]:
    """The mappings of a list that must not be empty."""
    parts = section.sections(key)
    if not parts:
        _complain(section, key, "There is nothing here.", "Write “- key: value”.")
    return parts


def _read_example(section: Section) -> Example:
    quality = section.one_of("quality", QUALITIES)
    example = Example(
        quality=quality if quality in QUALITIES else "good",
        title=section.text("title", limit=80),
        lines=tuple(_read_line(line) for line in _filled(section, "lines")),
    )
    section.finish()
    for role in ROLES:
        if example.lines and role not in {line.role for line in example.lines}:
            _complain(section, "lines", f"The {role} says nothing.", "Let both speak.")
    return example


def _read_line(line: Section) -> ExampleLine:
    role = line.one_of("role", ROLES)
    text = line.text("text")
    if role == "supporter":
        said = ExampleLine(role, text, line.one_of("strategy", STRATEGIES), line.text("comment"))
    else:
        said = ExampleLine(role, text, comment=line.text("comment", ""))
    line.finish()
    return said


def _read_mistake(section: Section) -> Mistake:
    mistake = Mistake(section.text("what", limit=300), section.text("instead", limit=300))
    section.finish()
    return mistake


def _check_examples(top: Section, module: Module) -> None:
    qualities = sorted(example.quality for example in module.examples)
    if module.examples and qualities != ["clumsy", "good"]:
        what = f"There are {len(qualities)}: {', '.join(qualities)}."
        _complain(top, "examples", what, "Write exactly two of the same situation, one good and one clumsy.")
    shown = {line.strategy for each in module.examples if each.quality == "good" for line in each.lines}
    if module.strategy and module.examples and module.strategy not in shown:
        what = f"The good one never uses {module.strategy!r}."
        _complain(top, "examples", what, "Mark at least one line with the strategy of the module.")


def _check_quiz(top: Section, module: Module) -> None:
    kinds = {item.kind for item in module.items}
    if len(module.items) < FEWEST_ITEMS:
        what = f"There are {len(module.items)} items."
        _complain(top, "quiz", what, f"Write at least {FEWEST_ITEMS}, better ten.")
    for wanted in NEEDED_KINDS:
        if not kinds & set(wanted):
            what = f"No item is of the kind {' or '.join(wanted)}."
            _complain(top, "quiz", what, "Add one.")
    skills = Counter(item.skill for item in module.items if item.skill)
    if len(skills) not in SKILLS:
        what = f"The items are about {len(skills)} skills."
        _complain(top, "quiz", what, "Sort them into two to four skills.")


def _check_ids(top: Section, slug: str, items: Sequence[tuple[Item, int]]) -> None:
    skills = Counter(item.skill for item, _line in items)
    for place, (item, line) in enumerate(items, 1):
        if item.id and not item.id.startswith(f"{slug}-"):
            what = f"{item.id!r} does not begin with the module's folder."
            top.complain(f"quiz[{place}].id", line, what, f"Call it “{slug}-…”.")
        if item.skill and skills[item.skill] == 1:
            what = f"No other item is about {item.skill!r}."
            remedy = "Add a second one: a wrong answer leads to another item of the same skill."
            top.complain(f"quiz[{place}].skill", line, what, remedy)
