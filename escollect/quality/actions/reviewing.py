"""People decide: the newest review stands above every policy."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from escollect.accounts.models import User
from escollect.accounts.selectors import get_actor
from escollect.audit.actions import record
from escollect.conversations.models import Conversation
from escollect.conversations.settling import settle_by_review
from escollect.domain.quality.verdicts import ACCEPTED, REJECTED
from escollect.infra.clock import now
from escollect.quality.models import Flag, Review
from escollect.quality.selectors import CORRECTABLE

DECISIONS = (ACCEPTED, REJECTED)
REASON_LIMIT = 2000
REVIEW_FLAGS = ("needs_review", "judging_failed")


class NotReviewable(ValueError):
    """The review cannot be stored; `fields` says what is wrong with which field."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.fields = dict(fields)
        super().__init__(" ".join(fields.values()))


def review(
    conversation: Conversation,
    reviewer: User,
    decision: str,
    reason: str,
    corrections: Mapping[str, object] | None = None,
) -> Review:
    """Store a person's decision (accepted or rejected) with its reason, and settle the conversation by it.

    `corrections` may hold initial_emotion_intensity and final_emotion_intensity (1-5); the participant's own
    answers stay as they were, what is published is corrected. Raises NotReviewable; nothing is stored then.
    """
    given = dict(corrections or {})
    problems = _check(decision, reason, given)
    if problems:
        raise NotReviewable(problems)
    with transaction.atomic():
        locked = Conversation.objects.select_for_update(no_key=True).get(pk=conversation.pk)
        if locked.state != Conversation.State.FINISHED:
            raise NotReviewable({"conversation": f"The conversation is {locked.state}, not finished."})
        row = Review.objects.create(
            conversation=locked,
            reviewer=reviewer,
            decision=decision,
            reason=reason.strip(),
            corrections=given,
        )
        settle_by_review(locked.pk, decision)
        Flag.objects.filter(conversation=locked, kind__in=REVIEW_FLAGS, closed_at=None).update(
            closed_at=now()
        )
        record(
            "conversation.reviewed",
            actor=get_actor(reviewer),
            obj=locked,
            old={"verdict": locked.verdict, "decided_by": locked.decided_by},
            new={"verdict": decision, "corrections": given},
            why=row.reason,
        )
    conversation.verdict, conversation.decided_by = decision, "review"
    return row


def _check(decision: str, reason: str, corrections: Mapping[str, object]) -> dict[str, str]:
    problems = {}
    if decision not in DECISIONS:
        problems["decision"] = "Decide accepted or rejected."
    if not reason.strip():
        problems["reason"] = "Give a reason: the audit and the participant need it."
    elif len(reason) > REASON_LIMIT:
        problems["reason"] = f"Shorten the reason to {REASON_LIMIT:,} characters."
    for key, value in corrections.items():
        if key not in CORRECTABLE:
            problems["corrections"] = f"{key} cannot be corrected; {', '.join(CORRECTABLE)} can."
        elif isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 5:
            problems["corrections"] = f"{key} must be a whole number from 1 to 5."
    return problems
