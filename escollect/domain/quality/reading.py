"""Reading a policy from data (a YAML file, a JSON body), with every mistake named at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from escollect.domain.quality.findings import DEFAULTS, FindingUse
from escollect.domain.quality.policy import (
    COMPARISONS,
    AtLeast,
    Branch,
    Condition,
    Named,
    Not,
    Policy,
    RuleUse,
    Threshold,
)
from escollect.domain.quality.rules import RULES
from escollect.domain.quality.rules.base import SEVERITIES, OptionValues, Rule
from escollect.domain.quality.verdicts import DECIDING, OUTCOMES

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
_KEYS = {"name", "version", "kind", "title", "rules", "branches", "otherwise", "findings"}
_OFF = ("off", False)
"""YAML reads a bare `off` as false."""

_MISSING = {"fails": False, "holds": True}
_DEPTH = 8
_LARGEST = 1_000_000
_NO_RULES: tuple[RuleUse, ...] = ()


class PolicyError(ValueError):
    """A policy that cannot be used; `problems` says where each mistake is and what would be right."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("The policy cannot be used. " + " ".join(problems))


@dataclass
class _Reader:
    """Gathers problems instead of stopping at the first."""

    problems: list[str] = field(default_factory=list)
    names: frozenset[str] = frozenset()

    def bad(self, path: str, remedy: str) -> None:
        self.problems.append(f"{path}: {remedy}.")

    def unknown(self, path: str, data: Mapping[str, Any], known: set[str]) -> None:
        for key in data:
            if key not in known:
                words = ", ".join(sorted(known))
                self.bad(f"{path}{key}", f"there is no such key; known are {words}")

    def rules(self, data: Any) -> tuple[RuleUse, ...]:
        if not isinstance(data, Mapping) or not data:
            self.bad("rules", "give at least one rule, as a mapping from its name to what it asks")
            return _NO_RULES
        uses = [self.rule(str(name), asks) for name, asks in data.items()]
        return tuple(use for use in uses if use is not None)

    def rule(self, name: str, data: Any) -> RuleUse | None:
        path = f"rules.{name}"
        if not _NAME.fullmatch(name):
            self.bad(path, "a rule's name is of small letters, digits, - and _")
        measure = data.get("measure", name) if isinstance(data, Mapping) else None
        rule = RULES.get(measure) if isinstance(measure, str) else None
        if rule is None:
            self.bad(f"{path}.measure", f"must be one of {', '.join(RULES)}")
            return None
        known = {"measure", "missing", *rule.options}
        self.unknown(f"{path}.", data, known if rule.yes_or_no else known | set(COMPARISONS))
        missing = data.get("missing", "fails")
        if not isinstance(missing, str) or missing not in _MISSING:
            self.bad(f"{path}.missing", "must be fails or holds")
            missing = "fails"
        options = {key: self.option(path, key, data, rule.options[key]) for key in rule.options}
        threshold = self.threshold(path, data, rule)
        return RuleUse(name, rule, options, threshold, _MISSING[missing])

    def option(self, path: str, key: str, data: Mapping[str, Any], allowed: OptionValues) -> str | int:
        value = data.get(key)
        if isinstance(value, (str, int)) and not isinstance(value, bool) and value in allowed:
            return value
        self.bad(f"{path}.{key}", f"must be one of {', '.join(map(str, allowed))}")
        return allowed[0]

    def threshold(self, path: str, data: Mapping[str, Any], rule: Rule) -> Threshold | None:
        if rule.yes_or_no:
            return None
        given = [key for key in COMPARISONS if key in data]
        if len(given) != 1:
            self.bad(path, f"give exactly one of {', '.join(COMPARISONS)}")
            return None
        number = data[given[0]]
        if isinstance(number, bool) or not isinstance(number, (int, float)):
            self.bad(f"{path}.{given[0]}", "must be a number")
            return None
        # Put this way round it refuses what is no number at all (NaN), too.
        if not abs(number) <= _LARGEST:
            self.bad(f"{path}.{given[0]}", f"must be from -{_LARGEST} to {_LARGEST}")
            return None
        return Threshold(given[0], number)

    def findings(self, data: Any) -> tuple[FindingUse, ...]:
        """What the policy points out: the defaults, but for what the section says otherwise."""
        if data is None:
            return DEFAULTS
        if data in _OFF:
            return ()
        if not isinstance(data, Mapping):
            self.bad("findings", "must be off, or a mapping from a finding's name to what it asks")
            return ()
        self.unknown("findings.", data, {default.name for default in DEFAULTS})
        uses = [self.finding(default, data.get(default.name)) for default in DEFAULTS]
        return tuple(use for use in uses if use is not None)

    def finding(self, default: FindingUse, data: Any) -> FindingUse | None:
        path = f"findings.{default.name}"
        if data is None:
            return default
        if data in _OFF:
            return None
        if not isinstance(data, Mapping):
            self.bad(path, "must be off, or a mapping with severity, a threshold and options")
            return None
        rule = default.use.rule
        self.unknown(f"{path}.", data, {"severity", *COMPARISONS, *rule.options})
        severity = data.get("severity", default.severity)
        if severity not in SEVERITIES:
            self.bad(f"{path}.severity", f"must be one of {', '.join(SEVERITIES)}")
        asked = any(key in data for key in COMPARISONS)
        threshold = self.threshold(path, data, rule) if asked else default.threshold
        if threshold is None:
            return None
        given = {**default.use.options, **data}
        options = {key: self.option(path, key, given, rule.options[key]) for key in rule.options}
        use = RuleUse(default.name, rule, options, threshold)
        return FindingUse(default.finding, use, threshold, str(severity))

    def branches(self, data: Any, outcomes: tuple[str, ...]) -> tuple[Branch, ...]:
        if not isinstance(data, list) or not data:
            self.bad("branches", "give a list of at least one branch")
            return ()
        found = [self.branch(f"branches[{at}]", one, outcomes) for at, one in enumerate(data)]
        return tuple(branch for branch in found if branch is not None)

    def branch(self, path: str, data: Any, outcomes: tuple[str, ...]) -> Branch | None:
        if not isinstance(data, Mapping):
            self.bad(path, "a branch is a mapping with if and outcome, and when where it needs one")
            return None
        self.unknown(f"{path}.", data, {"when", "if", "outcome"})
        when = self.condition(f"{path}.when", data["when"]) if "when" in data else None
        condition = self.condition(f"{path}.if", data.get("if"))
        outcome = self.outcome(f"{path}.outcome", data.get("outcome"), outcomes)
        return None if condition is None else Branch(outcome, condition, when)

    def outcome(self, path: str, value: Any, outcomes: tuple[str, ...]) -> str:
        if value not in outcomes:
            self.bad(path, f"must be one of {', '.join(outcomes)}")
        return str(value)

    def condition(self, path: str, data: Any, depth: int = 0) -> Condition | None:
        if isinstance(data, str):
            if data not in self.names:
                self.bad(path, f"there is no rule {data!r}; known are {', '.join(self.names)}")
            return Named(data)
        if isinstance(data, Mapping) and len(data) == 1 and depth < _DEPTH:
            key, value = next(iter(data.items()))
            if key == "not":
                part = self.condition(f"{path}.not", value, depth + 1)
                return None if part is None else Not(part)
            if key == "all" and isinstance(value, list):
                return self.at_least(f"{path}.all", {"k": len(value), "of": value}, depth)
            if key == "at_least" and isinstance(value, Mapping):
                return self.at_least(f"{path}.at_least", value, depth)
        self.bad(path, "give a rule's name, all: [...], at_least: {k, of: [...]} or not: ...")
        return None

    def at_least(self, path: str, data: Mapping[str, Any], depth: int) -> Condition | None:
        k, listed = data.get("k"), data.get("of")
        if not isinstance(listed, list) or not listed:
            self.bad(path, "give a list of at least one condition")
            return None
        self.unknown(f"{path}.", data, {"k", "of"})
        parts = [self.condition(f"{path}[{at}]", one, depth + 1) for at, one in enumerate(listed)]
        if isinstance(k, bool) or not isinstance(k, int) or not 1 <= k <= len(listed):
            self.bad(f"{path}.k", f"must be a whole number from 1 to {len(listed)}")
            return None
        return AtLeast(k, tuple(part for part in parts if part is not None))


def read_policy(data: object) -> Policy:
    """The policy that this data describes. Raises PolicyError naming every mistake and its remedy."""
    reader = _Reader()
    if not isinstance(data, Mapping):
        raise PolicyError(["The policy must be a mapping with name, kind, rules and branches."])
    reader.unknown("", data, _KEYS)
    name, version, kind = data.get("name"), data.get("version", 1), data.get("kind")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        reader.bad("name", "must be of small letters, digits, - and _, at most 60 of them")
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        reader.bad("version", "must be a whole number from 1")
    if not isinstance(kind, str) or kind not in OUTCOMES:
        reader.bad("kind", f"must be {' or '.join(OUTCOMES)}")
    rules = reader.rules(data.get("rules"))
    listed = data.get("rules")
    reader.names = frozenset(map(str, listed)) if isinstance(listed, Mapping) else frozenset()
    outcomes = OUTCOMES.get(kind, ()) if isinstance(kind, str) else ()
    branches = reader.branches(data.get("branches"), outcomes)
    otherwise = reader.outcome("otherwise", data.get("otherwise"), outcomes)
    findings = reader.findings(data.get("findings")) if kind == DECIDING else ()
    if kind != DECIDING and "findings" in data:
        reader.bad("findings", "only a deciding policy points something out; leave it out here")
    if reader.problems:
        raise PolicyError(reader.problems)
    title = str(data.get("title", ""))
    ordered = _ordered(rules, branches)
    return Policy(str(name), int(version), str(kind), ordered, branches, otherwise, title, findings)


def _ordered(rules: tuple[RuleUse, ...], branches: tuple[Branch, ...]) -> tuple[RuleUse, ...]:
    """The rules in the order in which the branches name them: a database may lose that of a mapping."""
    named = [name for branch in branches for name in branch.names()]
    return tuple(
        sorted(rules, key=lambda use: (named.index(use.name) if use.name in named else len(named), use.name))
    )
