"""From the files of a language folder to a Tutorial, or to the list of all that is wrong."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from escollect.domain.content import ContentError, Problem, Section, read_section
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

TUTORIAL_FILE = "tutorial.yaml"
MODULE_FILE = "module.yaml"
TEXT_FILE = "text.md"
SLUG = re.compile(r"[a-z][a-z0-9-]*")
CHOICE_ID = re.compile(r"[a-z]")
MOST_OF_ONE_LETTER = 0.45
BALANCE_FROM = 12


def parse_tutorial(files: Mapping[str, str]) -> Tutorial:
    """Read a tutorial from its files (path inside the language folder to text).

    Each of the eight strategies needs one module. Raises ContentError with every problem found.
    """
    problems: list[Problem] = []
    slugs = sorted({path.split("/")[0] for path in files if "/" in path})
    modules = [parse_module(slug, files, problems) for slug in slugs]
    found = sorted((module for module in modules if module), key=lambda module: module.order)
    tutorial = _parse_head(files, tuple(found), problems)
    _check_whole(found, problems)
    if problems or tutorial is None:
        raise ContentError(problems)
    return tutorial


def _parse_head(
    files: Mapping[str, str], modules: tuple[Module, ...], problems: list[Problem]
) -> Tutorial | None:
    if TUTORIAL_FILE not in files:
        problems.append(
            Problem(
                TUTORIAL_FILE, 1, "(file)", "the file is missing.", "Add it beside the modules."
            )
        )
        return None
    head = read_section(TUTORIAL_FILE, files[TUTORIAL_FILE], problems)
    if head is None:
        return None
    head.only("title", "language", "introduction", "quiz", "exam")
    quiz = _parse_rules(head, "quiz")
    exam = _parse_rules(head, "exam")
    for module in modules:
        if len(module.items) < quiz.length:
            head.note(
                "quiz",
                f"module {module.slug} has {len(module.items)} items for {quiz.length}.",
                "Add items to it.",
            )
    if sum(len(module.items) for module in modules) < exam.length:
        head.note(
            "exam",
            "the modules have fewer items than its length.",
            "Lower the length or add items.",
        )
    return Tutorial(
        version=content_version(files),
        language=head.text("language"),
        title=head.text("title"),
        introduction=head.text("introduction"),
        modules=modules,
        quiz=quiz,
        exam=exam,
    )


def _parse_rules(head: Section, key: str) -> PaperRules:
    section = head.section(key)
    if section is None:
        return PaperRules(1, 1.0)
    section.only("length", "pass_mark")
    return PaperRules(section.whole("length"), section.number("pass_mark", 0.0, 1.0))


def parse_module(slug: str, files: Mapping[str, str], problems: list[Problem]) -> Module | None:
    """Read the module of one folder, adding problems to the list; None when nothing is there."""
    name, text_name = f"{slug}/{MODULE_FILE}", f"{slug}/{TEXT_FILE}"
    for needed in (name, text_name):
        if not files.get(needed, "").strip():
            problems.append(
                Problem(
                    needed, 1, "(file)", "the file is missing or empty.", "Every module needs it."
                )
            )
    if not SLUG.fullmatch(slug) or slug == EXAM:
        problems.append(
            Problem(
                name,
                1,
                "(folder)",
                f"{slug!r} cannot be an address.",
                "Use small letters, digits and hyphens.",
            )
        )
    top = read_section(name, files[name], problems) if files.get(name, "").strip() else None
    if top is None:
        return None
    top.only("title", "order", "kind", "strategy", "reminder", "excerpt", "quiz")
    kind = top.one_of("kind", ("stage", "strategy"))
    return Module(
        slug=slug,
        title=top.text("title"),
        order=top.whole("order"),
        kind="stage" if kind == "stage" else "strategy",
        strategy=_parse_strategy(top, kind),
        reminder=top.text("reminder"),
        text=files.get(text_name, ""),
        excerpt=tuple(_parse_line(line) for line in top.sections("excerpt")),
        items=tuple(_parse_item(item) for item in top.sections("quiz")),
    )


def _parse_strategy(top: Section, kind: str) -> str | None:
    if kind == "strategy":
        return top.one_of("strategy", STRATEGIES)
    if top.has("strategy"):
        top.note("strategy", "a stage has no strategy.", "Remove the key or set kind: strategy.")
    return None


def _parse_line(line: Section) -> ExcerptLine:
    line.only("role", "text", "strategy", "comment")
    role = line.one_of("role", ("seeker", "supporter"))
    if role == "supporter":
        return ExcerptLine(
            role, line.text("text"), line.one_of("strategy", STRATEGIES), line.text("comment")
        )
    for key in ("strategy", "comment"):
        if line.has(key):
            line.note(key, "a seeker's line has none.", "Remove the key or set role: supporter.")
    return ExcerptLine(role, line.text("text"))


def _parse_item(section: Section) -> Item:
    section.only("id", "kind", "prompt", "quote", "choices")
    kind = "order" if section.one_of("kind", KINDS) == "order" else "choose"
    item_id = section.text("id")
    if item_id and not SLUG.fullmatch(item_id):
        section.note(
            "id", f"{item_id!r} cannot name a form field.", "Use small letters, digits and hyphens."
        )
    parts = section.sections("choices")
    item = Item(
        id=item_id,
        prompt=section.text("prompt"),
        kind="order" if kind == "order" else "choose",
        choices=tuple(_parse_choice(part, kind) for part in parts),
        quote=section.text("quote") if section.has("quote") else "",
    )
    _check_choices(section, item)
    return item


def _parse_choice(part: Section, kind: str) -> Choice:
    choice_id = part.text("id")
    if choice_id and not CHOICE_ID.fullmatch(choice_id):
        part.note(
            "id",
            f"{choice_id!r} could give the answer away.",
            "Use one small letter, whatever its meaning.",
        )
    text, why = part.text("text"), part.text("why")
    if kind == "order":
        part.only("id", "text", "why", "place")
        place = part.whole("place") if part.has("place") else None
        return Choice(choice_id, text, right=place is not None, why=why, place=place)
    part.only("id", "text", "why", "right")
    return Choice(choice_id, text, right=part.flag("right"), why=why)


def _check_choices(section: Section, item: Item) -> None:
    ids = [choice.id for choice in item.choices]
    if not 2 <= len(ids) <= 6:
        section.note("choices", f"there are {len(ids)}.", "Write 2 to 6.")
    if len(set(ids)) < len(ids):
        section.note("choices", "two have the same id.", "Give each its own letter.")
    if item.kind == "choose" and len(item.key) != 1:
        section.note(
            "choices", f"{len(item.key)} of them are right.", "Mark exactly one with right: true."
        )
    places = sorted(choice.place for choice in item.choices if choice.place is not None)
    if item.kind == "order" and (len(places) < 2 or places != list(range(1, len(places) + 1))):
        section.note(
            "choices", f"the places are {places}.", "Number at least two of them 1, 2, 3 and so on."
        )


def _check_whole(modules: Sequence[Module], problems: list[Problem]) -> None:
    taught = Counter(module.strategy for module in modules if module.strategy)
    for strategy in STRATEGIES:
        if taught[strategy] != 1:
            what = f"{taught[strategy]} modules teach {strategy!r}."
            problems.append(
                Problem(
                    TUTORIAL_FILE, 1, "(modules)", what, "Every strategy needs exactly one module."
                )
            )
    for order, slugs in _grouped((module.order, module.slug) for module in modules):
        what = f"modules {', '.join(slugs)} share order {order}."
        problems.append(
            Problem(f"{slugs[-1]}/{MODULE_FILE}", 1, "order", what, "Give each its own number.")
        )
    for item_id, slugs in _grouped(
        (item.id, module.slug) for module in modules for item in module.items
    ):
        what = f"item id {item_id!r} is used {len(slugs)} times."
        problems.append(
            Problem(
                f"{slugs[-1]}/{MODULE_FILE}", 1, "quiz", what, "Item ids are unique in a tutorial."
            )
        )
    _check_balance(modules, problems)


def _grouped(pairs: Iterable[tuple[object, str]]) -> list[tuple[object, list[str]]]:
    groups: defaultdict[object, list[str]] = defaultdict(list)
    for value, slug in pairs:
        groups[value].append(slug)
    return [(value, slugs) for value, slugs in groups.items() if len(slugs) > 1]


def _check_balance(modules: Sequence[Module], problems: list[Problem]) -> None:
    """A letter that is right too often would let a trainee pass without reading."""
    keys = Counter(
        item.key[0]
        for module in modules
        for item in module.items
        if item.kind == "choose" and item.key
    )
    total = sum(keys.values())
    for letter, count in keys.items():
        if total >= BALANCE_FROM and count > MOST_OF_ONE_LETTER * total:
            what = f"choice {letter!r} is right in {count} of {total} items."
            problems.append(
                Problem(
                    TUTORIAL_FILE,
                    1,
                    "(modules)",
                    what,
                    "Spread the right answers over the letters.",
                )
            )
