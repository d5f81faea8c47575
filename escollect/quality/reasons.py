"""Why a policy decided as it did, for the people it was decided about."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

from escollect.quality.models import Policy, Verdict
from escollect.quality.selectors import PolicyUnknown, get_deciding_policy, get_failed
from escollect.studies.models import Study


def get_failed_rules(conversation_ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """What did not hold in the verdict that decided on each conversation, by what was measured.

    That is the verdict of the version that decides for the study, else the newest of a deciding one. A policy
    may call its rules as it likes, so they are named by their measure, with the role before it where there
    is one: `utterances`, `seeker_mean_words`.
    """
    rows = list(
        Verdict.objects.filter(conversation__in=conversation_ids, policy__kind=Policy.Kind.DECIDING)
        .order_by("at", "pk")
        .values_list("conversation", "conversation__study", "policy", "rules", "policy__definition")
    )
    deciding = _get_deciding({study for _, study, *_ in rows})
    # Of a conversation the last one counts; verdicts of versions that decide nothing come first.
    rows.sort(key=lambda row: deciding.get(row[1]) == row[2])
    return {
        conversation: [_name(rule, definition) for rule in get_failed(rules)]
        for conversation, _, _, rules, definition in rows
    }


def _get_deciding(study_ids: Collection[int]) -> dict[int, int]:
    """The policy version that decides for each of these studies."""
    found = {}
    for study in Study.objects.filter(pk__in=study_ids).select_related("current"):
        with suppress(PolicyUnknown):
            found[study.pk] = get_deciding_policy(study).pk
    return found


def _name(rule: str, definition: Mapping[str, Any]) -> str:
    use = definition.get("rules", {}).get(rule) or {}
    measure = str(use.get("measure", rule))
    return f"{use['role']}_{measure}" if "role" in use else measure
