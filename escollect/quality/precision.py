"""How often people agreed with a rule or a finding, so that a policy can be tuned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet

from escollect.domain.correlation import Share
from escollect.domain.quality.rules import FINDINGS
from escollect.domain.quality.verdicts import REJECTED
from escollect.quality.models import Finding, Flag, Policy, Review, Verdict
from escollect.quality.selectors import get_deciding_policy, get_failed, get_rules
from escollect.studies.models import Study

RULE = "rule"
FINDING = "finding"


@dataclass(frozen=True, slots=True)
class Precision:
    """How often people agreed with one rule of a policy, or with one finding.

    A rule was right where it did not hold and the newest review of the conversation rejects it. A finding was
    right where who closed its flag said so. `asked` counts the answers, `agreed` those that agree. `struck`
    is how often a finding struck at all (None for a rule). `rejected` is of how many conversations that it
    struck in people rejected; it says what goes together, not that the finding was the reason.
    """

    kind: str
    name: str
    title: str
    struck: int | None
    agreed: Share
    rejected: Share

    @property
    def asked(self) -> int:
        return self.agreed.n

    def as_json(self) -> dict[str, Any]:
        """The precision with its Wilson interval of 95 %; null of nothing."""
        return {
            "kind": self.kind,
            "name": self.name,
            "title": self.title,
            "struck": self.struck,
            "agreed": _share(self.agreed),
            "rejected": _share(self.rejected),
        }


@dataclass
class _Counts:
    """Hits and answers by the name of a rule or a finding."""

    n: Counter[str] = field(default_factory=Counter)
    hits: Counter[str] = field(default_factory=Counter)

    def add(self, name: str, hit: bool) -> None:
        self.n[name] += 1
        self.hits[name] += hit

    def share(self, name: str) -> Share:
        return Share(self.hits[name], self.n[name])


def get_precision(study: Study | None = None, policy: Policy | None = None) -> list[Precision]:
    """How often people agreed with each rule of a deciding policy and with each of its findings.

    Looks at one version: the one given, else the one that decides for the study, else all active ones
    together; and at the conversations of one study, or of all. Rules come first, in the policy's order; those
    that nobody was asked about are there too. Raises PolicyUnknown for a study without a version. Six
    queries and one for each policy, whatever the number of conversations.
    """
    policies = _get_policies(study, policy)
    decisions = _get_decisions(study)
    return [*_of_rules(policies, decisions, study), *_of_findings(policies, decisions, study)]


def _get_policies(study: Study | None, policy: Policy | None) -> list[Policy]:
    if policy is not None:
        return [policy] if policy.kind == Policy.Kind.DECIDING else []
    if study is not None:
        return [get_deciding_policy(study)]
    return list(Policy.objects.filter(kind=Policy.Kind.DECIDING, active=True).order_by("name"))


def _get_decisions(study: Study | None) -> dict[UUID, str]:
    """The newest decision of a person on each conversation."""
    reviews = Review.objects.filter(undone_at=None)
    if study is not None:
        reviews = reviews.filter(conversation__study=study)
    return dict(reviews.order_by("pk").values_list("conversation_id", "decision"))


def _of_rules(
    policies: Iterable[Policy], decisions: Mapping[UUID, str], study: Study | None
) -> list[Precision]:
    counts = _Counts()
    names: dict[str, None] = {}
    for policy in policies:
        names.update(dict.fromkeys(use.name for use in get_rules(policy).rules))
        reviewed = Review.objects.filter(conversation=OuterRef("conversation"), undone_at=None)
        rows = Verdict.objects.filter(Exists(reviewed), policy=policy)
        if study is not None:
            rows = rows.filter(conversation__study=study)
        for conversation, results in rows.values_list("conversation_id", "rules").iterator(chunk_size=500):
            if conversation in decisions:
                for name in get_failed(results):
                    counts.add(name, decisions[conversation] == REJECTED)
    return [
        Precision(RULE, name, name.replace("_", " "), None, counts.share(name), counts.share(name))
        for name in names
    ]


def _of_findings(
    policies: list[Policy], decisions: Mapping[UUID, str], study: Study | None
) -> list[Precision]:
    rows = Finding.objects.filter(policy__in=policies)
    if study is not None:
        rows = rows.filter(conversation__study=study)
    struck = dict(rows.values_list("rule").annotate(count=Count("conversation", distinct=True)).order_by())
    rejected, agreed = _Counts(), _Counts()
    reviewed = Review.objects.filter(conversation=OuterRef("conversation"), undone_at=None)
    for conversation, name in rows.filter(Exists(reviewed)).values_list("conversation_id", "rule").distinct():
        if conversation in decisions:
            rejected.add(name, decisions[conversation] == REJECTED)
    for name, right in _get_answers(rows):
        agreed.add(name, right)
    return [
        Precision(FINDING, name, found.title, struck.get(name, 0), agreed.share(name), rejected.share(name))
        for name, found in FINDINGS.items()
        if policies
    ]


def _get_answers(findings: QuerySet[Finding]) -> list[tuple[str, bool]]:
    """What people said of the flags of these findings; of two answers on one the later counts."""
    struck = findings.filter(conversation=OuterRef("conversation"), rule=OuterRef("kind"))
    flags = Flag.objects.filter(Exists(struck), right__isnull=False).order_by("closed_at", "pk")
    answers = {
        (conversation, kind): bool(right)
        for conversation, kind, right in flags.values_list("conversation_id", "kind", "right")
    }
    return [(kind, right) for (_, kind), right in answers.items()]


def _share(share: Share) -> dict[str, Any]:
    interval = share.interval
    return {
        "hits": share.hits,
        "n": share.n,
        "value": None if share.value is None else round(share.value, 4),
        "low": None if interval is None else round(interval.low, 4),
        "high": None if interval is None else round(interval.high, 4),
    }
