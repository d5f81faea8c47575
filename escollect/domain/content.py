"""Reading hand-written YAML with its places: a problem names file, line, key and remedy."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import yaml


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a content file. `line` counts from 1."""

    file: str
    line: int
    key: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.key}: {self.what} {self.remedy}"


class ContentError(ValueError):
    """Content that cannot be used; carries every problem found, not only the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


class Section:
    """A YAML mapping that knows its place. Getters note a problem and answer a neutral value."""

    def __init__(self, file: str, node: yaml.Node, path: str, problems: list[Problem]) -> None:
        self.file = file
        self.path = path
        self.line = node.start_mark.line + 1
        self._problems = problems
        self._nodes: dict[str, yaml.Node] = {}
        self._lines: dict[str, int] = {}
        if isinstance(node, yaml.MappingNode):
            self._read(node)
        else:
            self.note(
                "", "this should be a mapping of keys to values.", "Write it as `key: value` lines."
            )

    def _read(self, node: yaml.MappingNode) -> None:
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in self._nodes:
                self._lines[key] = key_node.start_mark.line + 1
                self.note(key, "the key is written twice.", "Keep one of the two.")
            self._nodes[key] = value_node
            self._lines[key] = key_node.start_mark.line + 1

    def note(self, key: str, what: str, remedy: str) -> None:
        """Record a problem at a key of this section, or at the section itself for an empty key."""
        place = ".".join(part for part in (self.path, key) if part) or "(file)"
        self._problems.append(
            Problem(self.file, self._lines.get(key, self.line), place, what, remedy)
        )

    def has(self, key: str) -> bool:
        """Whether the key is written."""
        return key in self._nodes

    def only(self, *known: str) -> None:
        """Refuse keys that nobody reads: they are spelling mistakes."""
        for key in self._nodes:
            if key not in known:
                self.note(
                    key, "nobody reads this key.", f"Remove it or use one of: {', '.join(known)}."
                )

    def _scalar(self, key: str, what: str) -> str | None:
        node = self._nodes.get(key)
        if node is None:
            self.note(key, "the key is missing.", f"Add it; it is {what}.")
            return None
        if not isinstance(node, yaml.ScalarNode) or not str(node.value).strip():
            self.note(key, f"this should be {what}.", "Write one value after the colon.")
            return None
        return str(node.value).strip()

    def text(self, key: str) -> str:
        """A text that is not empty."""
        return self._scalar(key, "a text") or ""

    def number(self, key: str, low: float, high: float) -> float:
        """A number between low and high, both included."""
        value = self._convert(key, float, f"a number from {low:g} to {high:g}")
        if value is not None and not low <= value <= high:
            self.note(key, f"{value:g} is out of range.", f"Use a number from {low:g} to {high:g}.")
        return low if value is None else float(value)

    def whole(self, key: str, low: int = 1) -> int:
        """A whole number of at least low."""
        value = self._convert(key, int, f"a whole number from {low} up")
        if value is not None and value < low:
            self.note(key, f"{value} is too small.", f"Use {low} or more.")
        return low if value is None else int(value)

    def _convert(self, key: str, kind: Callable[[str], float], what: str) -> float | None:
        raw = self._scalar(key, what)
        if raw is None:
            return None
        try:
            return kind(raw)
        except ValueError:
            self.note(key, f"{raw!r} is not {what}.", "Write the number without quotes or units.")
            return None

    def flag(self, key: str) -> bool:
        """True or false; an unwritten key means false."""
        raw = self._scalar(key, "true or false") if self.has(key) else "false"
        if raw not in ("true", "false", None):
            self.note(key, f"{raw!r} is neither true nor false.", "Write true or false.")
        return raw == "true"

    def one_of(self, key: str, allowed: Sequence[str]) -> str:
        """One of the allowed texts."""
        raw = self._scalar(key, f"one of: {', '.join(allowed)}")
        if raw is not None and raw not in allowed:
            self.note(key, f"{raw!r} is not known.", f"Use one of: {', '.join(allowed)}.")
            raw = None
        return raw or allowed[0]

    def section(self, key: str) -> "Section | None":
        """The mapping below a key, or None (noted) when it is missing."""
        node = self._nodes.get(key)
        if node is None:
            self.note(key, "the key is missing.", "Add it with its own keys indented below it.")
            return None
        return Section(
            self.file, node, ".".join(part for part in (self.path, key) if part), self._problems
        )

    def sections(self, key: str) -> "list[Section]":
        """The mappings of the list below a key."""
        node = self._nodes.get(key)
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            self.note(
                key,
                "this should be a list with at least one entry.",
                "Write entries as `- key: value`.",
            )
            return []
        name = ".".join(part for part in (self.path, key) if part)
        return [
            Section(self.file, entry, f"{name}[{index}]", self._problems)
            for index, entry in enumerate(node.value, 1)
        ]


def read_section(file: str, source: str, problems: list[Problem]) -> Section | None:
    """Read a YAML file into its top section; None, with the problem noted, when it is not YAML."""
    try:
        node = yaml.compose(source, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        problems.append(
            Problem(
                file,
                line,
                "(file)",
                f"this is not YAML: {error.problem}.",
                "Check quotes, colons and indentation.",
            )
        )
        return None
    if node is None:
        problems.append(Problem(file, 1, "(file)", "the file is empty.", "Write its keys."))
        return None
    return Section(file, node, "", problems)
