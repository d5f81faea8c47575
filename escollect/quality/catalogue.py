"""Policies as staff read them: every version, its rules and branches in words, and who is judged by it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count

from escollect.domain.quality.wording import BranchWords, say_branches
from escollect.quality.dossier import RuleWords, describe_rules
from escollect.quality.models import Policy, Verdict
from escollect.quality.selectors import get_rules
from escollect.studies.models import Study


@dataclass(frozen=True, slots=True)
class PolicyPage:
    """One version: `studies` use it now, `outcomes` counts the verdicts it gave."""

    policy: Policy
    title: str
    rules: tuple[RuleWords, ...]
    branches: tuple[BranchWords, ...]
    otherwise: str
    studies: tuple[Study, ...]
    outcomes: Mapping[str, int]


def get_catalogue(studies: list[Study]) -> list[PolicyPage]:
    """Every policy version, the active ones first; `studies` with their current versions. Two queries."""
    policies = Policy.objects.select_related("created_by").order_by("-active", "kind", "name", "-version")
    outcomes: dict[int, Counter[str]] = defaultdict(Counter)
    rows = Verdict.objects.values_list("policy", "outcome").annotate(count=Count("pk")).order_by()
    for policy_id, outcome, count in rows:
        outcomes[policy_id][outcome] = count
    users = _users(studies)
    return [_page(policy, users, outcomes[policy.pk]) for policy in policies]


def _page(policy: Policy, users: Mapping[str, list[Study]], outcomes: Mapping[str, int]) -> PolicyPage:
    rules = get_rules(policy)
    return PolicyPage(
        policy=policy,
        title=rules.title,
        rules=tuple(describe_rules(policy).values()),
        branches=tuple(say_branches(rules)),
        otherwise=rules.otherwise,
        studies=tuple(users.get(policy.name, ())) if policy.active else (),
        outcomes=dict(outcomes),
    )


def _users(studies: list[Study]) -> dict[str, list[Study]]:
    """The studies by the names of the policies that they are judged by."""
    users: dict[str, list[Study]] = defaultdict(list)
    for study in studies:
        if study.current is not None:
            choice = study.current.settings.policy
            for name in (choice.deciding, *choice.selecting):
                users[name].append(study)
    return users
