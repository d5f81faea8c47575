"""Changing a policy's definition: its thresholds one by one, and the whole of it as a text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import yaml

from escollect.domain.quality.findings import DEFAULTS
from escollect.domain.quality.policy import COMPARISONS, Policy
from escollect.domain.quality.reading import PolicyError, read_policy
from escollect.domain.quality.rules.base import Number
from escollect.domain.yamlfile import Node, Problem, read_yaml

KEYS = ("name", "kind", "title", "rules", "branches", "otherwise", "findings")
BRANCH = ("when", "if", "outcome")
CONDITION = ("all", "at_least", "not", "k", "of")
OFF = "off"
_TOKEN = re.compile(r"[^.\[\]]+")
_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something wrong in the text of a policy: the line, the key, and what would be right."""

    line: int
    key: str
    words: str


def write_policy(definition: Mapping[str, Any]) -> str:
    """A definition as YAML in the order in which people read it; the version is not part of it.

    Raises PolicyError for a definition that cannot be read.
    """
    policy = read_policy({"version": 1, **definition})
    named = {use.name: definition["rules"][use.name] for use in policy.rules}
    ordered = {key: definition[key] for key in KEYS if key in definition}
    ordered |= {"rules": {name: _order_rule(asks) for name, asks in named.items()}}
    ordered["branches"] = [_order_condition(branch) for branch in definition["branches"]]
    text: str = yaml.safe_dump(
        ordered, sort_keys=False, allow_unicode=True, default_flow_style=None, width=_WIDTH
    )
    return text


def show_definition(definition: Mapping[str, Any]) -> str:
    """A definition as YAML; one that cannot be read is shown as it is stored."""
    try:
        return write_policy(definition)
    except PolicyError:
        text: str = yaml.safe_dump(dict(definition), sort_keys=False, allow_unicode=True, width=_WIDTH)
        return text


def _order_rule(asks: Mapping[str, Any]) -> dict[str, Any]:
    options = sorted(set(asks) - {"measure", "missing", *COMPARISONS})
    return _order(asks, ("measure", *options, *COMPARISONS, "missing"))


def _order_condition(given: Any) -> Any:
    """A branch or condition with the keys of all its mappings in reading order."""
    if isinstance(given, Mapping):
        return {key: _order_condition(value) for key, value in _order(given, (*BRANCH, *CONDITION)).items()}
    return [_order_condition(part) for part in given] if isinstance(given, list) else given


def _order(given: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: given[key] for key in keys if key in given}


def read_policy_text(text: str) -> tuple[dict[str, Any], list[Mistake]]:
    """The definition in a YAML text, and everything that is wrong with it, by line."""
    section, problems = read_yaml(text.replace("\r\n", "\n"))
    if problems or not section.node.value:
        return {}, [_mistake(problem) for problem in problems]
    definition: dict[str, Any] = _plain(section.node)
    definition.pop("version", None)
    try:
        read_policy({**definition, "version": 1})
    except PolicyError as error:
        pairs = [problem.partition(": ") for problem in error.problems]
        found = [Mistake(_line_of(section.node, key), key, words) for key, _, words in pairs]
        return definition, sorted(found, key=lambda mistake: mistake.line)
    return definition, []


def _mistake(problem: Problem) -> Mistake:
    remedy = problem.remedy.replace("slug: …", "name: …")
    return Mistake(problem.line, problem.key, f"{problem.what} {remedy}")


def _plain(node: Node) -> Any:
    if isinstance(node.value, Mapping):
        return {key: _plain(value) for key, value in node.value.items()}
    if isinstance(node.value, list):
        return [_plain(value) for value in node.value]
    return node.value


def _line_of(node: Node, path: str) -> int:
    """The line of the deepest part of a path such as `branches[0].if.at_least[1]` that is there."""
    for token in _TOKEN.findall(path):
        value = node.value
        if token.isdecimal() and isinstance(value, Mapping) and "of" in value:
            value = value["of"].value
        if token.isdecimal() and isinstance(value, list) and int(token) < len(value):
            node = value[int(token)]
        elif isinstance(value, Mapping) and token in value:
            node = value[token]
        else:
            break
    return node.line


def set_threshold(asks: dict[str, Any], comparison: str, number: Number) -> None:
    """Set what a rule of a definition asks for; another comparison takes the place of the old one."""
    for key in COMPARISONS:
        asks.pop(key, None)
    asks[comparison] = number


def find_counts(definition: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every `at_least` of the branches in order, as the mapping with `k` and `of` that may be changed."""
    branches = definition.get("branches")
    found: list[dict[str, Any]] = []
    for branch in branches if isinstance(branches, list) else []:
        for key in ("when", "if"):
            found.extend(_counts(branch.get(key)) if isinstance(branch, Mapping) else ())
    return found


def _counts(condition: Any) -> Iterator[dict[str, Any]]:
    if not isinstance(condition, dict):
        return
    for key, value in condition.items():
        if key == "at_least" and isinstance(value, dict) and isinstance(value.get("of"), list):
            yield value
            value = value["of"]
        for part in value if isinstance(value, list) else [value]:
            yield from _counts(part)


def set_finding(definition: dict[str, Any], policy: Policy, name: str, severity: str, number: Number) -> None:
    """Set a finding's severity (`off`: it is not looked for) and threshold; what is as before stays unsaid.

    `policy` is the definition as it was read before.
    """
    on = {use.name: use for use in policy.findings}
    known = on.get(name) or next(use for use in DEFAULTS if use.name == name)
    if (severity, number) == (known.severity if name in on else OFF, known.threshold.number):
        return
    said = definition.get("findings")
    listed: dict[str, Any] = dict(said) if isinstance(said, Mapping) else {}
    if not on:
        # All were switched off in one word: the others have to be named to stay so.
        listed = {use.name: OFF for use in DEFAULTS}
    if severity == OFF:
        listed[name] = OFF
    else:
        now = dict(listed[name]) if isinstance(listed.get(name), Mapping) else {}
        set_threshold(now, known.threshold.comparison, number)
        listed[name] = {**now, "severity": severity}
    definition["findings"] = listed


def copy_definition(definition: Mapping[str, Any]) -> dict[str, Any]:
    """A definition that may be changed."""
    return deepcopy({key: value for key, value in definition.items() if key != "version"})
