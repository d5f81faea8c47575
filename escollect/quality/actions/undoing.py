"""A minute to think again: a decision is taken back, with all that it closed."""

from __future__ import annotations

import datetime
from contextlib import suppress

from django.db import transaction

from escollect.accounts.models import User
from escollect.accounts.selectors import get_actor
from escollect.audit.actions import record
from escollect.conversations.models import Conversation
from escollect.conversations.settling import settle_again, settle_by_review
from escollect.domain.quality.verdicts import NEEDS_REVIEW
from escollect.infra.clock import now
from escollect.quality.actions.claiming import Taken, claim
from escollect.quality.actions.refusing import NotReviewable
from escollect.quality.models import Appeal, Flag, Review, SecondOpinion, Verdict
from escollect.quality.selectors import PolicyUnknown, get_deciding_policy
from escollect.quality.undo import UNDO


@transaction.atomic
def undo_review(row: Review, by: User) -> Review:
    """Take one's own newest decision back within a minute: verdict, flags, second opinion, appeals and claim
    are as they were before; the row stays and says so.

    Raises NotReviewable with the reason why it cannot be undone; nothing is changed then.
    """
    locked = Conversation.objects.select_for_update(no_key=True).get(pk=row.conversation_id)
    row.refresh_from_db()
    moment = now()
    problem = _find_obstacle(locked, row, by, moment)
    if problem:
        raise NotReviewable({"undo": problem})
    Review.objects.filter(pk=row.pk).update(undone_at=moment)
    verdict = _restore_verdict(locked, row)
    _reopen(locked, row, verdict)
    # Whoever took it meanwhile keeps it: the decision is theirs to make now.
    with suppress(Taken):
        claim(locked.pk, by)
    record(
        "conversation.review_undone",
        actor=get_actor(by),
        obj=locked,
        old={"verdict": row.decision, "review": row.pk},
        new={"verdict": verdict},
        why="Undone within a minute.",
    )
    row.undone_at = moment
    return row


def _find_obstacle(locked: Conversation, row: Review, by: User, moment: datetime.datetime) -> str:
    """Why this decision cannot be undone; "" when it can."""
    newer = Review.objects.filter(conversation=locked, undone_at=None, pk__gt=row.pk)
    if row.reviewer_id != by.pk:
        return "Only who decided can undo it. Decide yourself, with a reason."
    if row.undone_at is not None:
        return "This decision was undone already."
    if locked.state != Conversation.State.FINISHED:
        return "The conversation was erased meanwhile; there is nothing to go back to."
    if newer.exists():
        return "Somebody decided after you, and that decision stands. Decide again, with a reason."
    if moment - row.at > UNDO:
        return "The minute is over, so the decision stands. Decide again, with a reason."
    return ""


def _restore_verdict(locked: Conversation, row: Review) -> str:
    """Set the verdict that holds without this review: an earlier review's, else the policy's."""
    earlier = Review.objects.filter(conversation=locked, undone_at=None).order_by("-pk").first()
    if earlier is not None:
        settle_by_review(locked.pk, earlier.decision)
        return earlier.decision
    with suppress(PolicyUnknown):
        policy = get_deciding_policy(locked.study)
        verdicts = Verdict.objects.filter(conversation=locked, policy=policy)
        outcome = verdicts.values_list("outcome", flat=True).first()
        if outcome is not None:
            settle_again(locked.pk, outcome, "policy")
            return outcome
    before = str(row.before.get("verdict", ""))
    settle_again(locked.pk, before, str(row.before.get("decided_by", "")))
    return before


def _reopen(locked: Conversation, row: Review, verdict: str) -> None:
    """Open again what the decision closed, unless its like was opened since."""
    standing = Flag.objects.filter(conversation=locked, closed_at=None).values_list("kind", flat=True)
    closed = Flag.objects.filter(conversation=locked, pk__in=row.before.get("flags", []))
    # Whether a person is needed says the verdict that holds now: a policy may have judged anew meanwhile.
    over = [] if verdict == NEEDS_REVIEW else [NEEDS_REVIEW]
    closed.exclude(kind__in=[*standing, *over]).update(closed_at=None)
    if verdict == NEEDS_REVIEW:
        flag = Flag(conversation=locked, kind=NEEDS_REVIEW, severity=Flag.Severity.WARNING)
        Flag.objects.bulk_create([flag], ignore_conflicts=True)
    if not SecondOpinion.objects.filter(conversation=locked, closed_at=None).exists():
        SecondOpinion.objects.filter(pk__in=row.before.get("opinions", [])).update(closed_at=None)
    Appeal.objects.filter(pk__in=row.before.get("appeals", [])).update(
        answered_at=None, answered_by=None, answer=""
    )
