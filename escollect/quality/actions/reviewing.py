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
from escollect.quality.actions.appealing import answer_appeals
from escollect.quality.actions.claiming import release
from escollect.quality.actions.locking import lock_finished
from escollect.quality.actions.refusing import NotReviewable, check_reason
from escollect.quality.models import Flag, Review, SecondOpinion
from escollect.quality.selectors import CORRECTABLE

DECISIONS = (ACCEPTED, REJECTED)


@transaction.atomic
def review(
    conversation: Conversation,
    reviewer: User,
    decision: str,
    reason: str,
    corrections: Mapping[str, object] | None = None,
    answer: str = "",
) -> Review:
    """Store a person's decision (accepted or rejected) with its reason, and settle the conversation by it.

    `corrections` may hold initial_emotion_intensity and final_emotion_intensity (1-5); the participant's own
    answers stay as they were, what is published is corrected. `answer` is for the participants who appealed,
    and needed when one waits. The decision closes every flag that is neither urgent nor a call for help, and
    gives the reviewer's claim back. Raises NotReviewable; nothing is stored then.
    """
    given = dict(corrections or {})
    problems = _check(decision, reason, given)
    if problems:
        raise NotReviewable(problems)
    locked = lock_finished(conversation.pk, reviewer)
    row = Review(
        conversation=locked,
        reviewer=reviewer,
        decision=decision,
        reason=reason.strip(),
        corrections=given,
        at=now(),
        before={
            "verdict": locked.verdict,
            "decided_by": locked.decided_by,
            "appeals": answer_appeals(locked, reviewer, answer),
            "flags": _close_flags(locked),
            "opinions": _close_opinions(locked),
        },
    )
    row.save(force_insert=True)
    settle_by_review(locked.pk, decision)
    release(locked.pk, reviewer)
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


def _close_flags(conversation: Conversation) -> list[int]:
    """Close what the decision answers; returns the flags. What is urgent is closed on its own."""
    flags = Flag.objects.filter(conversation=conversation, closed_at=None)
    answered = flags.exclude(severity=Flag.Severity.URGENT).exclude(kind__startswith="help_")
    keys = list(answered.order_by("pk").values_list("pk", flat=True))
    Flag.objects.filter(pk__in=keys).update(closed_at=now())
    return keys


def _close_opinions(conversation: Conversation) -> list[int]:
    """Close the question for a second opinion, which this decision is; returns what was closed."""
    rows = SecondOpinion.objects.filter(conversation=conversation, closed_at=None)
    keys = list(rows.values_list("pk", flat=True))
    SecondOpinion.objects.filter(pk__in=keys).update(closed_at=now())
    return keys


def _check(decision: str, reason: str, corrections: Mapping[str, object]) -> dict[str, str]:
    problems = check_reason(reason)
    if decision not in DECISIONS:
        problems["decision"] = "Decide accepted or rejected."
    for key, value in corrections.items():
        if key not in CORRECTABLE:
            problems["corrections"] = f"{key} cannot be corrected; {', '.join(CORRECTABLE)} can."
        elif isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 5:
            problems["corrections"] = f"{key} must be a whole number from 1 to 5."
    return problems
