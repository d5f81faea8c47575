"""The branches of a policy as sentences."""

from __future__ import annotations

from dataclasses import dataclass

from escollect.domain.quality.policy import AtLeast, Condition, Named, Not, Policy


@dataclass(frozen=True, slots=True)
class BranchWords:
    """One branch: what it gives, when it is looked at (None: always), and what must hold."""

    outcome: str
    when: str | None
    condition: str


def say_branches(policy: Policy) -> list[BranchWords]:
    """The branches of a policy in order; the first that holds decides."""
    return [
        BranchWords(branch.outcome, None if branch.when is None else say(branch.when), say(branch.condition))
        for branch in policy.branches
    ]


def say(condition: Condition, *, inside: bool = False) -> str:
    """A condition in words, nested ones in brackets; rules keep the policy's names for them."""
    if isinstance(condition, Named):
        return condition.name.replace("_", " ")
    if isinstance(condition, Not):
        return f"not {say(condition.part, inside=True)}"
    words = _say_parts(condition)
    return f"({words})" if inside else words


def _say_parts(condition: AtLeast) -> str:
    parts = [say(part, inside=True) for part in condition.parts]
    if len(parts) == 1:
        return parts[0]
    if condition.k == len(parts):
        return f"{', '.join(parts[:-1])} and {parts[-1]}"
    if condition.k == 1:
        return f"{', '.join(parts[:-1])} or {parts[-1]}"
    return f"at least {condition.k} of {', '.join(parts)}"
