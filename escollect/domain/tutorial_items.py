"""Reads the items of a quiz, and says what would make one unanswerable or give it away."""

from __future__ import annotations

import re

from escollect.domain.quiz import KINDS, SINGLE, Choice, Item, Line
from escollect.domain.yamlfile import Section

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
CHOICE_ID = re.compile(r"[a-z]")
CHOICES = range(3, 7)
MARKED_LINES = range(3, 9)
FEWEST_PLACES = 3
SHORTEST_WHY = 11
ROLES = ("seeker", "supporter")


def read_item(section: Section) -> Item:
    """One item of a quiz; what is wrong with it is noted with the section."""
    kind = section.one_of("kind", KINDS)
    item_id = _name(section, "id")
    parts = _choices(section)
    item = Item(
        id=item_id,
        prompt=section.text("prompt", limit=500),
        kind=kind if kind in KINDS else "choose",
        choices=tuple(_read_choice(part, kind) for part in parts if not _is_context(part, kind)),
        quote=section.text("quote", "", limit=1000),
        skill=_name(section, "skill"),
        lines=tuple(_read_line(part) for part in parts) if kind == "mark" else (),
    )
    for part in parts:
        part.finish()
    section.finish()
    if parts and kind in KINDS:
        _check_choices(section, item)
    return item


def _name(section: Section, key: str) -> str:
    name: str = section.text(key, limit=40)
    if name and not NAME.fullmatch(name):
        remedy = "Use small letters, digits and hyphens."
        section.complain(key, section.node.value[key].line, f"{name!r} cannot name a field.", remedy)
    return name


def _choices(section: Section) -> list[Section]:
    parts = section.sections("choices")
    if not parts:
        section.complain("choices", section.node.line, "There is nothing here.", "Write “- {id: a, …}”.")
    return parts


def _is_context(part: Section, kind: str) -> bool:
    """Whether a line of an excerpt is only there to be read: what the seeker says cannot be marked."""
    role = part.node.value.get("role")
    return kind == "mark" and role is not None and role.value == "seeker"


def _read_line(part: Section) -> Line:
    role = part.one_of("role", ROLES, "supporter")
    return Line(role, part.text("text"), part.text("id") if role == "supporter" else "")


def _read_choice(part: Section, kind: str) -> Choice:
    choice_id = part.text("id")
    if choice_id and not CHOICE_ID.fullmatch(choice_id):
        what, remedy = f"{choice_id!r} could give the answer away.", "Use one letter, as a name only."
        part.complain("id", part.node.value["id"].line, what, remedy)
    text, why = part.text("text", limit=600), part.text("why", limit=800)
    if why and len(why) < SHORTEST_WHY:
        what = f"“{why}” explains nothing."
        part.complain("why", part.node.value["why"].line, what, "Say why the choice is right or wrong.")
    if kind == "order":
        place = part.number("place", None, 1, 9, True)
        return Choice(choice_id, text, right=place is not None, why=why, place=place)
    return Choice(choice_id, text, right=part.flag("right", False), why=why)


def _check_choices(section: Section, item: Item) -> None:
    ids = [choice.id for choice in item.choices]
    wrong: list[tuple[str, str]] = []
    allowed = MARKED_LINES if item.kind == "mark" else CHOICES
    if len(ids) not in allowed:
        wrong.append((f"There are {len(ids)}.", f"Write {allowed.start} to {allowed.stop - 1}."))
    if len(set(ids)) < len(ids):
        wrong.append(("Two have the same id.", "Give each its own letter."))
    texts = [choice.text for choice in item.choices]
    if len(set(texts)) < len(texts):
        wrong.append(("Two say the same.", "Change one of them."))
    if item.kind in SINGLE and len(item.key) != 1:
        wrong.append((f"{len(item.key)} of them are right.", "Mark one with “right: true”."))
    if item.kind == "mark" and not 0 < len(item.key) < len(ids):
        what = f"{len(item.key)} of {len(ids)} lines are right."
        wrong.append((what, "Mark at least one with “right: true”, and leave at least one without."))
    places = sorted(choice.place for choice in item.choices if choice.place is not None)
    if item.kind == "order" and (len(places) < FEWEST_PLACES or places != list(range(1, len(places) + 1))):
        wrong.append((f"The places are {places}.", "Number at least three of them 1, 2, 3 …"))
    for what, remedy in wrong:
        section.complain("choices", section.node.value["choices"].line, what, remedy)
