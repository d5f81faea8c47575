"""Everything a reviewer needs to decide on one conversation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from escollect.audit.models import AuditRow
from escollect.audit.selectors import get_rows
from escollect.conversations.models import Conversation
from escollect.conversations.reading import Line, Sheet, get_log, get_sheets
from escollect.domain.quality.policy import COMPARISONS, RuleUse
from escollect.quality.background import Background, get_backgrounds
from escollect.quality.findings import FindingShown, get_findings
from escollect.quality.models import Appeal, Flag, Mask, Policy, Review, SecondOpinion, Verdict
from escollect.quality.queue import TOLD
from escollect.quality.selectors import CORRECTABLE, get_corrections, get_rules


@dataclass(frozen=True, slots=True)
class RuleWords:
    """One rule of a policy in words: `comparison` and `threshold` are None for a rule of yes or no."""

    name: str
    comparison: str | None
    threshold: float | None
    unit: str
    doubt: str
    if_missing: bool


@dataclass(frozen=True, slots=True)
class RuleFound:
    """What a rule saw in this conversation. `held` is None where the policy did not ask the rule."""

    words: RuleWords
    value: float | bool | None
    held: bool | None
    why: str
    evidence: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict with the rules behind it."""

    verdict: Verdict
    policy: Policy
    title: str
    rules: tuple[RuleFound, ...]
    decides: bool


@dataclass(frozen=True, slots=True)
class Dossier:
    """A conversation with everything that was said, measured, found and decided about it."""

    conversation: Conversation
    lines: list[Line]
    sheets: list[Sheet]
    corrections: Mapping[str, int]
    judgements: list[Judgement]
    flags: list[Flag]
    findings: list[FindingShown]
    masks: list[Mask]
    appeals: list[Appeal]
    opinions: list[SecondOpinion]
    backgrounds: list[Background]
    reviews: list[Review]
    audit: list[AuditRow]

    @property
    def asked(self) -> SecondOpinion | None:
        """The question for a second opinion that is open."""
        return next((one for one in self.opinions if one.closed_at is None), None)

    @property
    def waiting_appeals(self) -> list[Appeal]:
        """The appeals that nobody answered."""
        return [one for one in self.appeals if one.answered_at is None]


def get_dossier(conversation: Conversation) -> Dossier:
    """Everything about one conversation, from a fixed number of queries whatever its length."""
    corrections = get_corrections([conversation.pk]).get(conversation.pk, {})
    by_key = {key: corrections[field] for key, field in CORRECTABLE.items() if field in corrections}
    flags = (
        Flag.objects.filter(conversation=conversation)
        .exclude(kind=TOLD)
        .order_by("-closed_at", "raised_at", "pk")
    )
    return Dossier(
        conversation=conversation,
        lines=get_log(conversation.pk),
        sheets=get_sheets(conversation),
        corrections=by_key,
        judgements=get_judgements(conversation),
        flags=sorted(flags, key=lambda flag: flag.closed_at is not None),
        findings=get_findings(conversation),
        masks=list(Mask.objects.filter(conversation=conversation, undone_at=None).select_related("by")),
        appeals=list(
            Appeal.objects.filter(conversation=conversation)
            .select_related("participant", "answered_by")
            .order_by("pk")
        ),
        opinions=list(
            SecondOpinion.objects.filter(conversation=conversation).select_related("asked_by").order_by("-pk")
        ),
        backgrounds=get_backgrounds(conversation),
        reviews=list(
            Review.objects.filter(conversation=conversation).select_related("reviewer").order_by("-pk")
        ),
        audit=get_rows(conversation),
    )


def get_judgements(conversation: Conversation) -> list[Judgement]:
    """The verdicts on a conversation: deciding policies first, the newest version of each first."""
    verdicts = Verdict.objects.filter(conversation=conversation).select_related("policy")
    ordered = sorted(
        verdicts,
        key=lambda one: (one.policy.kind, not one.policy.active, one.policy.name, -one.policy.version),
    )
    return [_judgement(verdict) for verdict in ordered]


def describe_rules(policy: Policy) -> dict[str, RuleWords]:
    """The rules of a policy in words, by the policy's own name for each."""
    return {use.name: _words(use) for use in get_rules(policy).rules}


def _judgement(verdict: Verdict) -> Judgement:
    policy = verdict.policy
    known = describe_rules(policy)
    return Judgement(
        verdict=verdict,
        policy=policy,
        title=str(policy.definition.get("title", "")),
        rules=tuple(_found(result, known) for result in verdict.rules),
        decides=policy.kind == Policy.Kind.DECIDING,
    )


def _found(result: Mapping[str, Any], known: Mapping[str, RuleWords]) -> RuleFound:
    name = str(result["rule"])
    return RuleFound(
        words=known.get(name) or RuleWords(name, None, result.get("threshold"), "", "", False),
        value=result.get("value"),
        held=result.get("held"),
        why=str(result.get("why", "")),
        evidence=tuple(result.get("evidence") or ()),
    )


def _words(use: RuleUse) -> RuleWords:
    threshold = use.threshold
    return RuleWords(
        name=use.name,
        comparison=COMPARISONS[threshold.comparison] if threshold else None,
        threshold=threshold.number if threshold else None,
        unit=use.rule.unit,
        doubt=use.rule.doubt,
        if_missing=use.missing_holds,
    )
