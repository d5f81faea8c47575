"""Policies as staff read them: every version, who is judged by it, and one version in full."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count

from escollect.audit.models import AuditRow
from escollect.audit.selectors import get_rows
from escollect.domain.quality.findings import DEFAULTS, FindingUse
from escollect.domain.quality.policy import Policy as Rules
from escollect.domain.quality.policy import RuleUse
from escollect.domain.quality.reading import PolicyError
from escollect.domain.quality.wording import BranchOutline, outline_branches, say_rule
from escollect.quality.models import Policy, Simulation, Verdict
from escollect.quality.precision import FINDING, Precision, get_precision
from escollect.quality.selectors import get_rules
from escollect.studies.models import Study

RECENT = 5


@dataclass(frozen=True, slots=True)
class PolicyUse:
    """A study that is judged by a version; `pinned` when it names the version and stays with it."""

    study: Study
    pinned: bool


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """One version: `uses` are the studies it judges now, `outcomes` counts the verdicts it gave.

    `trouble` says why this release of the code cannot read it.
    """

    policy: Policy
    title: str
    uses: tuple[PolicyUse, ...]
    outcomes: Mapping[str, int]
    trouble: str


@dataclass(frozen=True, slots=True)
class RulePage:
    """A rule as a version uses it, in words, and how often reviewers agreed with it (None: not known)."""

    use: RuleUse
    asks: str
    precision: Precision | None


@dataclass(frozen=True, slots=True)
class FindingPage:
    """A finding as a version uses it, or that it does not look for it (`on` False)."""

    use: FindingUse
    on: bool
    precision: Precision | None


@dataclass(frozen=True, slots=True)
class PolicyPage:
    """One version in full. `elsewhere` are the studies that pin another version of the name."""

    row: PolicyRow
    rules: tuple[RulePage, ...]
    branches: tuple[BranchOutline, ...]
    otherwise: str
    findings: tuple[FindingPage, ...]
    versions: tuple[Policy, ...]
    elsewhere: tuple[PolicyUse, ...]
    audit: tuple[AuditRow, ...]
    simulations: tuple[Simulation, ...]

    @property
    def active(self) -> str:
        """The version of this name that is active now, "" for none."""
        return next((str(one) for one in self.versions if one.active), "")


def get_catalogue(studies: Sequence[Study]) -> list[PolicyRow]:
    """Every policy version, deciding ones first; `studies` with their current versions. Two queries."""
    policies = list(Policy.objects.select_related("created_by").order_by("kind", "name", "-version"))
    counted = _count_outcomes(policies)
    uses = _get_uses(policies, studies)
    return [_row(policy, uses, counted[policy.pk]) for policy in policies]


def get_policy_page(policy: Policy, studies: Sequence[Study]) -> PolicyPage:
    """Everything about one version. A version that cannot be read has no rules, and its row says why."""
    versions = list(Policy.objects.filter(name=policy.name).order_by("-version"))
    uses = _get_uses(versions, studies)
    row = _row(policy, uses, _count_outcomes([policy])[policy.pk])
    rules = None if row.trouble else get_rules(policy)
    precision = {} if rules is None else _get_precision(policy)
    recent = Simulation.objects.filter(version=policy).select_related("study", "created_by")
    return PolicyPage(
        row=row,
        rules=() if rules is None else tuple(_rule_page(use, precision) for use in rules.rules),
        branches=() if rules is None else tuple(outline_branches(rules)),
        otherwise="" if rules is None else rules.otherwise,
        findings=() if rules is None else tuple(_finding_pages(rules, precision)),
        versions=tuple(versions),
        elsewhere=tuple(
            use for key, found in uses.items() if key != policy.pk for use in found if use.pinned
        ),
        audit=tuple(get_rows(policy)),
        simulations=tuple(recent.order_by("-created_at")[:RECENT]),
    )


def _row(policy: Policy, uses: Mapping[int, list[PolicyUse]], outcomes: Mapping[str, int]) -> PolicyRow:
    try:
        get_rules(policy)
        trouble = ""
    except PolicyError as error:
        trouble = str(error)
    title = str(policy.definition.get("title", ""))
    return PolicyRow(policy, title, tuple(uses.get(policy.pk, ())), dict(outcomes), trouble)


def _count_outcomes(policies: Iterable[Policy]) -> dict[int, Counter[str]]:
    counted: dict[int, Counter[str]] = defaultdict(Counter)
    rows = Verdict.objects.filter(policy__in=policies).values_list("policy", "outcome")
    for policy_id, outcome, count in rows.annotate(count=Count("pk")).order_by("policy", "outcome"):
        counted[policy_id][outcome] = count
    return counted


def _get_uses(policies: Sequence[Policy], studies: Sequence[Study]) -> dict[int, list[PolicyUse]]:
    """The studies by the key of the version that judges them, as `get_policy` finds it for a name."""
    uses: dict[int, list[PolicyUse]] = defaultdict(list)
    for study in studies:
        choice = study.current.settings.policy if study.current is not None else None
        for words in (choice.deciding, *choice.selecting) if choice else ():
            name, _, version = words.partition("@")
            named = [one for one in policies if one.name == name and version in ("", str(one.version))]
            if named:
                best = max(named, key=lambda one: (one.active, one.version))
                uses[best.pk].append(PolicyUse(study, bool(version)))
    return uses


def _get_precision(policy: Policy) -> dict[tuple[str, str], Precision]:
    if policy.kind != Policy.Kind.DECIDING:
        return {}
    return {(one.kind, one.name): one for one in get_precision(policy=policy)}


def _rule_page(use: RuleUse, precision: Mapping[tuple[str, str], Precision]) -> RulePage:
    return RulePage(use, say_rule(use), precision.get(("rule", use.name)))


def _finding_pages(rules: Rules, precision: Mapping[tuple[str, str], Precision]) -> Iterable[FindingPage]:
    if rules.kind != Policy.Kind.DECIDING:
        return []
    on = {use.name: use for use in rules.findings}
    return [
        FindingPage(on.get(one.name, one), one.name in on, precision.get((FINDING, one.name)))
        for one in DEFAULTS
    ]
