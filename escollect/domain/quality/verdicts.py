"""What a policy says of a conversation, with everything that it was decided from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

ACCEPTED = "accepted"
REJECTED = "rejected"
NEEDS_REVIEW = "needs_review"
SELECTED = "selected"
NOT_SELECTED = "not_selected"

DECIDING = "deciding"
SELECTING = "selecting"
OUTCOMES: dict[str, tuple[str, ...]] = {
    DECIDING: (ACCEPTED, REJECTED, NEEDS_REVIEW),
    SELECTING: (SELECTED, NOT_SELECTED),
}


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What one rule saw. `held` is None where the policy did not ask the rule of this conversation.

    `threshold` is None for a rule that is yes or no; `evidence` holds sequence numbers, never text.
    """

    rule: str
    value: float | bool | None
    threshold: float | None
    held: bool | None
    why: str
    evidence: tuple[int, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The result as it is stored and as the API gives it."""
        return {
            "rule": self.rule,
            "value": self.value,
            "threshold": self.threshold,
            "held": self.held,
            "why": self.why,
            "evidence": list(self.evidence),
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of one policy version for one conversation, and every rule's part in it."""

    policy: str
    version: int
    outcome: str
    rules: tuple[RuleResult, ...]

    @property
    def failed(self) -> tuple[str, ...]:
        """The names of the rules that were asked and did not hold, in the policy's order."""
        return tuple(result.rule for result in self.rules if result.held is False)
