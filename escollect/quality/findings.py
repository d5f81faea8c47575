"""What was found in a conversation beyond its verdicts, for the people who review it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from escollect.conversations.models import Conversation
from escollect.domain.quality.findings import DEFAULTS, FindingUse
from escollect.domain.quality.policy import COMPARISONS
from escollect.domain.quality.policy import Policy as Rules
from escollect.domain.quality.rules import FINDINGS
from escollect.quality.models import Finding, Flag, Policy, Verdict
from escollect.quality.selectors import PolicyUnknown, get_deciding_policy, get_rules

_ORDER = {Flag.Severity.URGENT.value: 0, Flag.Severity.WARNING.value: 1, Flag.Severity.INFO.value: 2}


@dataclass(frozen=True, slots=True)
class FindingShown:
    """A finding in words, with its flag: None where it was never raised (the policy does not decide).

    `evidence` holds mappings with `seq` or `field`, `start` and `end` where it is a part of that text, and
    for a copy the earlier `conversation` and `other_seq`.
    """

    rule: str
    title: str
    severity: str
    value: float
    comparison: str
    threshold: float
    unit: str
    why: str
    doubt: str
    evidence: tuple[Mapping[str, Any], ...]
    flag: Flag | None

    @property
    def open(self) -> bool:
        """Whether nobody has closed its flag."""
        return self.flag is not None and self.flag.closed_at is None

    def as_json(self) -> dict[str, Any]:
        """The finding as JSON carries it."""
        return {
            "rule": self.rule,
            "title": self.title,
            "severity": self.severity,
            "value": self.value,
            "comparison": self.comparison,
            "threshold": self.threshold,
            "unit": self.unit,
            "why": self.why,
            "doubt": self.doubt,
            "evidence": [dict(one) for one in self.evidence],
            "open": self.open,
            "right": self.flag.right if self.flag else None,
        }


@dataclass(frozen=True, slots=True)
class FindingWords:
    """A finding as a policy asks for it; `off` where it does not, with what it would be."""

    name: str
    title: str
    severity: str
    comparison: str
    threshold: float
    unit: str
    doubt: str
    options: Mapping[str, str | int]
    off: bool


def get_findings(conversation: Conversation) -> list[FindingShown]:
    """What the policy that decides for the study found, what cannot wait first. Five queries at most.

    Where that version has not judged the conversation yet, the findings are those of the version that
    judged it last.
    """
    policy = _get_policy(conversation)
    if policy is None:
        return []
    uses = {use.name: use for use in get_rules(policy).findings}
    flags = {
        flag.kind: flag
        for flag in Flag.objects.filter(conversation=conversation, kind__in=list(FINDINGS)).order_by("pk")
    }
    rows = Finding.objects.filter(conversation=conversation, policy=policy)
    known = [row for row in rows if row.rule in FINDINGS]
    shown = [_show(row, uses.get(row.rule), flags.get(row.rule)) for row in known]
    order = list(FINDINGS)
    return sorted(shown, key=lambda one: (_ORDER[one.severity], order.index(one.rule)))


def describe_findings(rules: Rules) -> list[FindingWords]:
    """Every finding that there is, as this policy asks for it."""
    uses = {use.name: use for use in rules.findings}
    return [_words(uses.get(default.name, default), default.name not in uses) for default in DEFAULTS]


def _get_policy(conversation: Conversation) -> Policy | None:
    judged = Verdict.objects.filter(conversation=conversation, policy__kind=Policy.Kind.DECIDING)
    verdicts = list(judged.select_related("policy").order_by("-at", "-pk"))
    try:
        current = get_deciding_policy(conversation.study)
    except PolicyUnknown:
        current = None
    if any(verdict.policy == current for verdict in verdicts):
        return current
    return verdicts[0].policy if verdicts else None


def _show(row: Finding, use: FindingUse | None, flag: Flag | None) -> FindingShown:
    finding = FINDINGS[row.rule]
    return FindingShown(
        rule=row.rule,
        title=finding.title,
        severity=row.severity,
        value=row.value,
        comparison=COMPARISONS[use.threshold.comparison if use else finding.comparison],
        threshold=row.threshold,
        unit=finding.rule.unit,
        why=row.why,
        doubt=finding.rule.doubt,
        evidence=tuple(row.evidence),
        flag=flag,
    )


def _words(use: FindingUse, off: bool) -> FindingWords:
    return FindingWords(
        name=use.name,
        title=use.finding.title,
        severity=use.severity,
        comparison=COMPARISONS[use.threshold.comparison],
        threshold=use.threshold.number,
        unit=use.use.rule.unit,
        doubt=use.use.rule.doubt,
        options=use.use.options,
        off=off,
    )
