"""The rules and branches of a policy as an outline that a lay person can follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from escollect.domain.quality.policy import COMPARISONS, AtLeast, Condition, Named, Not, Policy, RuleUse
from escollect.domain.quality.rules.base import show

PHRASES: Mapping[str, str] = {
    "finished": "the conversation was brought to an end",
    "utterances": "the conversation has {asked} utterances",
    "both_spoke": "both sides wrote at least once",
    "seeker_survey": "the seeker answered the survey after the chat",
    "empathy": "the seeker gives the supporter {asked} of 5 for empathy",
    "relevance": "the seeker gives the supporter {asked} of 5 for relevance",
    "improvement": "the seeker's emotion became weaker by {asked} on a scale of 5",
    "mean_words": "the {role}'s utterances are {asked} words long on average",
    "last_feedback": "the lowest of the last {count} feedback scores is {asked} of 5",
}
"""What each rule asks, as a clause."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A condition as an outline: a clause, or a head with the clauses below it."""

    words: str
    parts: tuple[Clause, ...] = ()


@dataclass(frozen=True, slots=True)
class BranchOutline:
    """One branch: what it gives, which conversations it is about (None: all), and what must hold."""

    outcome: str
    when: Clause | None
    condition: Clause


def say_rule(use: RuleUse) -> str:
    """What a rule asks of a conversation, as a clause without its first capital."""
    asked = ""
    if use.threshold is not None:
        asked = f"{COMPARISONS[use.threshold.comparison].lower()} {show(use.threshold.number)}"
    phrase = PHRASES.get(use.rule.name)
    if phrase is None:
        return f"{use.name.replace('_', ' ')}: {asked or 'yes'} {use.rule.unit}".strip()
    return phrase.format(asked=asked, **use.options)


def outline_branches(policy: Policy) -> list[BranchOutline]:
    """The branches of a policy in order, each rule in words."""
    uses = {use.name: use for use in policy.rules}
    return [
        BranchOutline(
            branch.outcome,
            None if branch.when is None else outline(branch.when, uses),
            outline(branch.condition, uses),
        )
        for branch in policy.branches
    ]


def outline(condition: Condition, uses: Mapping[str, RuleUse], *, negated: bool = False) -> Clause:
    """A condition as an outline."""
    if isinstance(condition, Not):
        return outline(condition.part, uses, negated=not negated)
    if isinstance(condition, Named):
        words = say_rule(uses[condition.name])
        return Clause(f"it is not so that {words}" if negated else words)
    if len(condition.parts) == 1:
        return outline(condition.parts[0], uses, negated=negated)
    return Clause(_say_head(condition, negated), tuple(outline(part, uses) for part in condition.parts))


def _say_head(condition: AtLeast, negated: bool) -> str:
    k, n = condition.k, len(condition.parts)
    if k == n:
        return "not all of these hold" if negated else "all of these hold"
    if k == 1:
        return "none of these holds" if negated else "at least one of these holds"
    return f"fewer than {k} of these {n} hold" if negated else f"at least {k} of these {n} hold"
