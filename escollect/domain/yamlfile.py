"""Reads a YAML text into a tree that knows its lines, and asks it for values by name.

Only the plain part of YAML is taken: no anchors, aliases, tags or repeated keys, so that a file means
what it seems to mean and cannot grow when it is read. Everything wrong is collected, not just the first.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

MAX_CHARACTERS = 200_000
MAX_DEPTH = 12
PLAIN_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "map", "seq")}
REQUIRED: Any = object()


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong in a file: where, what, and what to do about it."""

    line: int
    key: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.key}: {self.what} {self.remedy}"


@dataclass(frozen=True, slots=True)
class Node:
    """A value with the line it starts on; `value` is a plain value, a list of nodes or a dict of them."""

    value: Any
    line: int


@dataclass(slots=True)
class Section:
    """A mapping of the file, read key by key; `finish` complains about the keys nobody asked for."""

    node: Node
    path: str
    problems: list[Problem]
    asked: set[str] = field(default_factory=set)

    def name(self, key: str) -> str:
        """The dotted name of a key of this section."""
        return f"{self.path}.{key}" if self.path else key

    def complain(self, key: str, line: int, what: str, remedy: str) -> None:
        """Note a problem of a key of this section."""
        self.problems.append(Problem(line, self.name(key), what, remedy))

    def get(self, key: str, default: Any) -> Node | None:
        """The node of a key; None when it is missing (a problem if `default` is REQUIRED)."""
        self.asked.add(key)
        found: Node | None = self.node.value.get(key)
        if found is None and default is REQUIRED:
            self.complain(key, self.node.line, "This key is missing.", f"Add a line “{key}: …”.")
        return found

    def text(self, key: str, default: Any = REQUIRED, limit: int = 20_000) -> Any:
        """A text of 1 to `limit` characters."""
        node = self.get(key, default)
        if node is None:
            return "" if default is REQUIRED else default
        return self._text(key, node, limit)

    def _text(self, key: str, node: Node, limit: int) -> str:
        if not isinstance(node.value, str):
            self.complain(key, node.line, "This must be text.", "Put the value in quotation marks.")
            return ""
        text = node.value.strip()
        if not 1 <= len(text) <= limit:
            self.complain(
                key, node.line, f"The text has {len(text)} characters.", f"Write 1 to {limit} characters."
            )
        return text

    def one_of(self, key: str, choices: Collection[str], default: Any = REQUIRED) -> Any:
        """A text that is one of `choices`."""
        node = self.get(key, default)
        if node is None:
            return default
        if node.value not in choices:
            self.complain(key, node.line, f"“{node.value}” is not known.", suggest(str(node.value), choices))
            return "" if default is REQUIRED else default
        return node.value

    def number(self, key: str, default: Any, low: float, high: float, whole: bool = False) -> Any:
        """A number from `low` to `high`; `whole` numbers only on demand."""
        node = self.get(key, default)
        if node is None:
            return default
        kinds = (int,) if whole else (int, float)
        if isinstance(node.value, bool) or not isinstance(node.value, kinds):
            what = "This must be a whole number." if whole else "This must be a number."
            self.complain(key, node.line, what, f"Write a number from {low} to {high}, without a unit.")
            return default
        if not low <= node.value <= high:
            self.complain(
                key, node.line, f"{node.value} is out of range.", f"Write a number from {low} to {high}."
            )
            return default
        return node.value

    def flag(self, key: str, default: bool) -> bool:
        """A yes or no."""
        node = self.get(key, default)
        if node is None:
            return default
        if not isinstance(node.value, bool):
            self.complain(key, node.line, "This must be yes or no.", "Write true or false.")
            return default
        return node.value

    def texts(self, key: str, default: Any = REQUIRED) -> tuple[str, ...] | Any:
        """A list of different texts, at least one."""
        node = self.get(key, default)
        if node is None:
            return () if default is REQUIRED else default
        if not isinstance(node.value, list) or not node.value:
            self.complain(key, node.line, "This must be a list.", "Write one “- …” line for each entry.")
            return ()
        found = tuple(self._text(key, item, 200) for item in node.value)
        for position, item in enumerate(node.value):
            if found[position] in found[:position]:
                self.complain(key, item.line, f"“{found[position]}” is there twice.", "Keep one of them.")
        return found

    def section(self, key: str) -> Section:
        """A mapping below this one; an absent one is empty."""
        return self._section(key, self.get(key, None) or Node({}, self.node.line))

    def sections(self, key: str) -> list[Section]:
        """A list of mappings; an absent one is empty."""
        node = self.get(key, None)
        if node is None:
            return []
        if not isinstance(node.value, list):
            self.complain(key, node.line, "This must be a list.", "Write one “- …” block for each entry.")
            return []
        return [self._section(f"{key}[{place}]", item) for place, item in enumerate(node.value, 1)]

    def _section(self, key: str, node: Node) -> Section:
        if not isinstance(node.value, dict):
            self.complain(
                key, node.line, "This must have keys of its own.", "Indent “key: value” lines below."
            )
            node = Node({}, node.line)
        return Section(node, self.name(key), self.problems)

    def finish(self) -> None:
        """Complain about every key that was never asked for."""
        for key, node in self.node.value.items():
            if key not in self.asked:
                self.complain(key, node.line, "This key is not known.", suggest(key, self.asked))


def suggest(wrong: str, right: Collection[str]) -> str:
    """What to write instead of a word that is not known."""
    close = difflib.get_close_matches(wrong.lower(), {word.lower(): word for word in right}, n=1)
    if close:
        word = next(word for word in right if word.lower() == close[0])
        return f"Did you mean “{word}”?"
    return f"Use one of: {', '.join(sorted(right))}." if right else "Remove it."


def read_yaml(text: str) -> tuple[Section, list[Problem]]:
    """Parse a file into its top section and the problems of its form; the section is empty if it has none."""
    problems: list[Problem] = []
    top = Node({}, 1)
    if len(text) > MAX_CHARACTERS:
        what = f"The file has {len(text)} characters."
        problems.append(Problem(1, "file", what, f"Keep it below {MAX_CHARACTERS}."))
        return Section(top, "", problems), problems
    try:
        _refuse_form(text, problems)
        root = None if problems else yaml.compose(text, Loader=yaml.SafeLoader)
        if root is not None:
            top = _node(root, "", problems)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        what = f"This is not valid YAML: {error.problem}."
        problems.append(Problem(line, "file", what, "Check indentation, colons and quotation marks here."))
    except (yaml.YAMLError, ValueError) as error:
        what = f"This is not valid YAML: {str(error).splitlines()[0]}."
        problems.append(Problem(1, "file", what, "Save the file as plain UTF-8 text."))
    if not problems and (not isinstance(top.value, dict) or not top.value):
        problems.append(Problem(1, "file", "There are no settings here.", "Start with “slug: …”."))
    if not isinstance(top.value, dict):
        top = Node({}, 1)
    return Section(top, "", problems), problems


def _refuse_form(text: str, problems: list[Problem]) -> None:
    """Refuse anchors, and stop at a depth that no settings need, before anything is built."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            problems.append(Problem(line, "file", "This is nested too deeply.", "Flatten it."))
            return
        anchored = isinstance(event, yaml.NodeEvent) and event.anchor
        if anchored or isinstance(event, yaml.AliasEvent):
            what = "Anchors and aliases are not read."
            problems.append(Problem(line, "file", what, "Write the value out in full."))


def _node(node: yaml.Node, path: str, problems: list[Problem]) -> Node:
    line = node.start_mark.line + 1
    if node.tag not in PLAIN_TAGS and not isinstance(node, yaml.ScalarNode):
        problems.append(Problem(line, path or "file", f"The tag {node.tag} is not read.", "Remove it."))
        return Node(None, line)
    if isinstance(node, yaml.MappingNode):
        return Node(_mapping(node, path, problems), line)
    if isinstance(node, yaml.SequenceNode):
        return Node([_node(item, path, problems) for item in node.value], line)
    return Node(_scalar(node, path, problems), line)


def _mapping(node: yaml.MappingNode, path: str, problems: list[Problem]) -> Mapping[str, Node]:
    found: dict[str, Node] = {}
    first: dict[str, int] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            problems.append(Problem(line, path or "file", "A key must be a word.", "Write “key: value”."))
            continue
        key = str(key_node.value)
        name = f"{path}.{key}" if path else key
        if key in found:
            what = f"This key was already set on line {first[key]}."
            problems.append(Problem(line, name, what, "Keep one of the two."))
            continue
        first[key] = line
        value = _node(value_node, name, problems)
        found[key] = Node(value.value, line)
    return found


def _scalar(node: yaml.Node, path: str, problems: list[Problem]) -> Any:
    """The plain value; dates stay text (a completion code may look like one)."""
    if node.tag == "tag:yaml.org,2002:timestamp":
        return str(node.value)
    if node.tag not in PLAIN_TAGS:
        what = f"The tag {node.tag} is not read."
        problems.append(Problem(node.start_mark.line + 1, path or "file", what, "Remove it."))
        return None
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node)
    finally:
        loader.dispose()
