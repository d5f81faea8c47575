"""The verdict that a conversation ends up with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from uuid import UUID

from escollect.conversations.models import Conversation

POLICY = "policy"
REVIEW = "review"


def settle_many(outcomes: Mapping[UUID, str]) -> None:
    """Set what a deciding policy says of these conversations; what a person decided stays as it is.

    At most one query an outcome. Runs in the caller's transaction.
    """
    by_outcome: dict[str, list[UUID]] = defaultdict(list)
    for conversation_id, outcome in outcomes.items():
        by_outcome[outcome].append(conversation_id)
    for outcome, ids in sorted(by_outcome.items()):
        Conversation.objects.filter(pk__in=sorted(ids)).exclude(decided_by=REVIEW).update(
            verdict=outcome, decided_by=POLICY
        )


def settle_by_review(conversation_id: UUID, decision: str) -> None:
    """Set a reviewer's decision; it stands above every policy. Runs in the caller's transaction."""
    Conversation.objects.filter(pk=conversation_id).update(verdict=decision, decided_by=REVIEW)


def settle_again(conversation_id: UUID, verdict: str, decided_by: str) -> None:
    """Set the verdict that stood before a review that was undone. Runs in the caller's transaction."""
    Conversation.objects.filter(pk=conversation_id).update(verdict=verdict, decided_by=decided_by)
