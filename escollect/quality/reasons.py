"""Why a policy decided as it did, for the people it was decided about."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from escollect.quality.models import Policy, Verdict
from escollect.quality.selectors import get_failed


def get_failed_rules(conversation_ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """The rules that did not hold in the newest deciding verdict of each conversation, by name."""
    rows = (
        Verdict.objects.filter(conversation__in=conversation_ids, policy__kind=Policy.Kind.DECIDING)
        .order_by("at", "pk")
        .values_list("conversation", "rules")
    )
    return {conversation: get_failed(rules) for conversation, rules in rows}
