"""A policy: named rules with thresholds, and ordered branches, the first that holds gives the
outcome.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from escollect.domain.quality.rules.base import Measured, Options, Rule, show
from escollect.domain.quality.verdicts import RuleResult, Verdict
from escollect.domain.transcript import Transcript

COMPARISONS: Mapping[str, str] = {
    "minimum": "At least",
    "above": "More than",
    "maximum": "At most",
    "below": "Less than",
}


@dataclass(frozen=True, slots=True)
class Threshold:
    """A comparison (`minimum`, `above`, `maximum`, `below`) with a number."""

    comparison: str
    number: float

    def holds(self, value: float) -> bool:
        """Whether the value is on the right side."""
        return {
            "minimum": value >= self.number,
            "above": value > self.number,
            "maximum": value <= self.number,
            "below": value < self.number,
        }[self.comparison]


@dataclass(frozen=True, slots=True)
class RuleUse:
    """A rule as this policy uses it, under the policy's own name for it.

    `missing_holds` is what the rule says where there is nothing to measure.
    """

    name: str
    rule: Rule
    options: Options
    threshold: Threshold | None
    missing_holds: bool = False

    def holds(self, measured: Measured) -> bool:
        """Whether the rule holds for this measurement."""
        if measured.value is None:
            return self.missing_holds
        if self.threshold is None:
            return bool(measured.value)
        return self.threshold.holds(measured.value)

    def explain(self, measured: Measured, *, asked: bool) -> str:
        """The measurement and what was asked for, in a sentence or two."""
        if measured.value is None:
            words = self.rule.nothing
        else:
            words = self.rule.say(measured.value, self.options)
        if not asked:
            return f"{words} The policy does not ask this here."
        if self.threshold is None:
            return words
        asks = COMPARISONS[self.threshold.comparison]
        return f"{words} {asks} {show(self.threshold.number)} is asked for."


@dataclass(frozen=True, slots=True)
class Named:
    """Holds when the rule of this name holds."""

    name: str

    def holds(self, held: Mapping[str, bool]) -> bool:
        return held[self.name]

    def names(self) -> Iterator[str]:
        yield self.name


@dataclass(frozen=True, slots=True)
class AtLeast:
    """Holds when at least `k` of the parts hold; `all` is the case of k = the number of parts."""

    k: int
    parts: tuple[Condition, ...]

    def holds(self, held: Mapping[str, bool]) -> bool:
        return sum(part.holds(held) for part in self.parts) >= self.k

    def names(self) -> Iterator[str]:
        for part in self.parts:
            yield from part.names()


@dataclass(frozen=True, slots=True)
class Not:
    """Holds when its part does not."""

    part: Condition

    def holds(self, held: Mapping[str, bool]) -> bool:
        return not self.part.holds(held)

    def names(self) -> Iterator[str]:
        yield from self.part.names()


Condition = Named | AtLeast | Not


@dataclass(frozen=True, slots=True)
class Branch:
    """Gives the outcome when `condition` holds. Where `when` does not hold its rules are not asked
    at all.
    """

    outcome: str
    condition: Condition
    when: Condition | None = None

    def applies(self, held: Mapping[str, bool]) -> bool:
        return self.when is None or self.when.holds(held)

    def names(self) -> Iterator[str]:
        """Every rule that the branch names, in order."""
        if self.when is not None:
            yield from self.when.names()
        yield from self.condition.names()

    def asks(self, held: Mapping[str, bool]) -> Iterator[str]:
        """The rules that this branch asks of such a conversation."""
        if self.when is not None:
            yield from self.when.names()
        if self.applies(held):
            yield from self.condition.names()


@dataclass(frozen=True, slots=True)
class Policy:
    """A version of a named policy; `kind` is deciding or selecting."""

    name: str
    version: int
    kind: str
    rules: tuple[RuleUse, ...]
    branches: tuple[Branch, ...]
    otherwise: str
    title: str = ""


def decide(policy: Policy, transcript: Transcript) -> Verdict:
    """What the policy says of this transcript. A pure function: the same input gives the same
    verdict.
    """
    measured = {use.name: use.rule.measure(transcript, use.options) for use in policy.rules}
    held = {use.name: use.holds(measured[use.name]) for use in policy.rules}
    asked = {name for branch in policy.branches for name in branch.asks(held)}
    outcome = policy.otherwise
    for branch in policy.branches:
        if branch.applies(held) and branch.condition.holds(held):
            outcome = branch.outcome
            break
    results = tuple(
        RuleResult(
            rule=use.name,
            value=_rounded(measured[use.name].value),
            threshold=use.threshold.number if use.threshold else None,
            held=held[use.name] if use.name in asked else None,
            why=use.explain(measured[use.name], asked=use.name in asked),
            evidence=measured[use.name].evidence,
        )
        for use in policy.rules
    )
    return Verdict(policy.name, policy.version, outcome, results)


def _rounded(value: float | bool | None) -> float | bool | None:
    return round(value, 4) if isinstance(value, float) else value
