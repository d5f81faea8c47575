"""A policy: named rules with thresholds, and ordered branches, the first that holds gives the
outcome.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from escollect.domain.quality.findings import DEFAULTS, FindingUse
from escollect.domain.quality.uses import COMPARISONS, RuleUse, Threshold
from escollect.domain.quality.verdicts import RuleResult, Verdict
from escollect.domain.transcript import Transcript

__all__ = [
    "COMPARISONS",
    "AtLeast",
    "Branch",
    "Condition",
    "Named",
    "Not",
    "Policy",
    "RuleUse",
    "Threshold",
    "decide",
]


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
    """A version of a named policy; `kind` is deciding or selecting.

    `findings` is what it points out beside deciding; a selecting policy points out nothing.
    """

    name: str
    version: int
    kind: str
    rules: tuple[RuleUse, ...]
    branches: tuple[Branch, ...]
    otherwise: str
    title: str = ""
    findings: tuple[FindingUse, ...] = DEFAULTS


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
