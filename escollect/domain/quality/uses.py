"""A rule as a policy uses it: with a threshold, options, and a word on what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from escollect.domain.quality.rules.base import Measured, Options, Rule, show

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
