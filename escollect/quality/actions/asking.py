"""A reviewer who is not sure lets somebody else decide."""

from __future__ import annotations

from django.db import transaction

from escollect.accounts.models import User
from escollect.accounts.selectors import get_actor
from escollect.audit.actions import record
from escollect.conversations.models import Conversation
from escollect.infra.clock import now
from escollect.quality.actions.claiming import claim, release
from escollect.quality.actions.locking import lock_finished
from escollect.quality.actions.refusing import NotReviewable, check_reason
from escollect.quality.models import Flag, SecondOpinion
from escollect.quality.queue import SECOND_OPINION


@transaction.atomic
def ask_second_opinion(conversation: Conversation, reviewer: User, reason: str) -> SecondOpinion:
    """Hand a conversation to another reviewer, who reads the reason: from now on the asker does not get it.

    Raises NotReviewable when it has no reason, is not finished, is with somebody else, or was asked before.
    """
    problems = check_reason(reason)
    if problems:
        raise NotReviewable(problems)
    locked = lock_finished(conversation.pk, reviewer)
    if SecondOpinion.objects.filter(conversation=locked, closed_at=None).exists():
        raise NotReviewable({"reason": "Somebody asked for a second opinion already: it is yours to give."})
    row = SecondOpinion.objects.create(conversation=locked, asked_by=reviewer, reason=reason.strip())
    flag = Flag(conversation=locked, kind=SECOND_OPINION, severity=Flag.Severity.WARNING)
    Flag.objects.bulk_create([flag], ignore_conflicts=True)
    release(locked.pk, reviewer)
    record("conversation.opinion_asked", actor=get_actor(reviewer), obj=locked, why=row.reason)
    return row


@transaction.atomic
def take_question_back(conversation: Conversation, reviewer: User) -> bool:
    """Decide oneself after all; False when the question was answered or taken back meanwhile.

    Raises Taken when another reviewer works on it already; the question then stays.
    """
    locked = Conversation.objects.select_for_update(no_key=True).get(pk=conversation.pk)
    mine = SecondOpinion.objects.filter(conversation=locked, asked_by=reviewer, closed_at=None)
    if not mine.update(closed_at=now()):
        return False
    Flag.objects.filter(conversation=locked, kind=SECOND_OPINION, closed_at=None).update(closed_at=now())
    claim(locked.pk, reviewer)
    record("conversation.opinion_taken_back", actor=get_actor(reviewer), obj=locked)
    return True
