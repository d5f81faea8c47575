"""Policies: versions are added and activated, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.db import transaction

from escollect.accounts.models import User
from escollect.accounts.selectors import get_actor
from escollect.audit.actions import record
from escollect.domain.quality.reading import PolicyError, read_policy
from escollect.quality.actions.jobs import owe_study
from escollect.quality.actions.judging import resettle
from escollect.quality.models import Policy
from escollect.quality.selectors import PolicyUnknown, get_rules, get_study_policies
from escollect.studies.models import Study


class ActivationRefused(ValueError):
    """A version that was not activated; the message says why and what is the case now."""


def load_policies(**_kwargs: Any) -> list[Policy]:
    """Add the policies that come with the code and are not there yet; the first version of each is active.

    Takes any keywords, so that it can run after every migrate. Raises PolicyError for a bad file.
    """
    folder = Path(settings.FIXTURES_DIR) / "policies"
    loaded = []
    for path in sorted(folder.glob("*.yaml")):
        definition = yaml.safe_load(path.read_text("utf-8"))
        rules = read_policy(definition)
        if Policy.objects.filter(name=rules.name, version=rules.version).exists():
            continue
        first = not Policy.objects.filter(name=rules.name).exists()
        policy, _ = Policy.objects.get_or_create(
            name=rules.name,
            version=rules.version,
            defaults={"kind": rules.kind, "definition": definition, "active": first},
        )
        loaded.append(policy)
    return loaded


def add_policy(definition: Mapping[str, Any], by: User | None) -> Policy:
    """Add the next version of the policy that the definition names (its `version` is set here), inactive.

    Raises PolicyError naming every mistake, and when the kind differs from that of earlier versions.
    """
    rules = read_policy({**definition, "version": 1})
    with transaction.atomic():
        earlier = list(Policy.objects.select_for_update(no_key=True).filter(name=rules.name))
        if earlier and earlier[0].kind != rules.kind:
            raise PolicyError([f"kind: {rules.name} is {earlier[0].kind}; a new version cannot change that."])
        number = 1 + max((policy.version for policy in earlier), default=0)
        policy, made = Policy.objects.get_or_create(
            name=rules.name,
            version=number,
            defaults={
                "kind": rules.kind,
                "definition": {**definition, "version": number},
                "created_by": by,
            },
        )
        if not made:
            # A name that was new to both of us: there was no row yet that could have been locked.
            raise PolicyError([f"name: somebody has just added {policy}. Look at it, then send yours again."])
        record("policy.added", actor=get_actor(by), obj=policy, new=str(policy))
    return policy


def activate_policy(policy: Policy, by: User | None, why: str = "", *, instead_of: str | None = None) -> int:
    """Make this the version that judges; returns how many conversations it now owes a verdict.

    Verdicts of earlier versions stay. Studies that use the policy are judged again by jobs; a study that
    pins another version stays with that. `instead_of` is the version that the person saw as the active one
    ("" where there was none, None: does not matter). Raises ActivationRefused when another one is active
    meanwhile, or when the definition cannot be read by this release of the code.
    """
    try:
        get_rules(policy)
    except PolicyError as error:
        raise ActivationRefused(f"{policy} cannot judge; nothing was changed. {error}") from error
    with transaction.atomic():
        # With the key locked, whoever finishes a conversation meanwhile would wait to the end of all this.
        rows = Policy.objects.select_for_update(no_key=True).filter(name=policy.name)
        versions = list(rows.order_by("pk"))
        old = next((str(one) for one in versions if one.active), "")
        if instead_of is not None and old != instead_of:
            raise ActivationRefused(
                f"{old or 'No version'} is active now; it was {instead_of or 'none'} when you looked. "
                "Nothing was changed. Look at what is active, then decide again."
            )
        if old != str(policy):
            Policy.objects.filter(name=policy.name, active=True).update(active=False)
            Policy.objects.filter(pk=policy.pk).update(active=True)
            record(
                "policy.activated",
                actor=get_actor(by),
                obj=policy,
                old=old or None,
                new=str(policy),
                why=why.strip(),
            )
        policy.active = True
        return sum(_take_over(study, policy) for study in _users(policy))


def adopt_policies(study: Study) -> int:
    """Let the policies that the study's current version names judge it; returns how many verdicts are owed.

    Raises PolicyUnknown when one is not there or is of the wrong kind.
    """
    policies = get_study_policies(study)
    kinds = [policy.kind for policy in policies]
    if kinds != [Policy.Kind.DECIDING, *[Policy.Kind.SELECTING] * (len(kinds) - 1)]:
        listed = ", ".join(f"{policy} is {policy.kind}" for policy in policies)
        raise PolicyUnknown(f"A study has one deciding policy, and the others are selecting; {listed}.")
    return sum(_take_over(study, policy) for policy in policies)


def _take_over(study: Study, policy: Policy) -> int:
    if policy.kind == Policy.Kind.DECIDING:
        resettle(study, policy)
    return owe_study(study, policy)


def _users(policy: Policy) -> list[Study]:
    found = []
    for study in Study.objects.filter(current__isnull=False).select_related("current"):
        try:
            if policy in get_study_policies(study):
                found.append(study)
        except PolicyUnknown:
            continue
    return found
