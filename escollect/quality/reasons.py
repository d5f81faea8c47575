"""Why a policy decided as it did, for the people it was decided about."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from escollect.quality.models import Policy, Verdict
from escollect.quality.selectors import get_failed


def get_failed_rules(conversation_ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """What did not hold in the newest deciding verdict of each conversation, by what was measured.

    A policy may call its rules as it likes, so they are named by their measure, with the role before it
    where there is one: `utterances`, `seeker_mean_words`.
    """
    rows = (
        Verdict.objects.filter(conversation__in=conversation_ids, policy__kind=Policy.Kind.DECIDING)
        .order_by("at", "pk")
        .values_list("conversation", "rules", "policy__definition")
    )
    return {
        conversation: [_name(rule, definition) for rule in get_failed(rules)]
        for conversation, rules, definition in rows
    }


def _name(rule: str, definition: Mapping[str, Any]) -> str:
    use = definition.get("rules", {}).get(rule) or {}
    measure = str(use.get("measure", rule))
    return f"{use['role']}_{measure}" if "role" in use else measure
