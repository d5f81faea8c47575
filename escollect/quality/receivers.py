"""What quality does when a study opens, and when a conversation ends or is erased."""

from __future__ import annotations

import logging
from typing import Any

from django.dispatch import receiver

from escollect.conversations.models import Conversation
from escollect.conversations.signals import conversation_erased, conversation_finished
from escollect.people.models import Participant
from escollect.people.signals import participant_blocked, participant_withdrawn
from escollect.quality.actions import adopt_policies, forget_conversation, owe_verdicts
from escollect.quality.actions.relabelling import forget_reviewer, release
from escollect.quality.selectors import PolicyUnknown
from escollect.studies.models import StudyVersion
from escollect.studies.signals import version_opened

logger = logging.getLogger(__name__)


@receiver(version_opened, dispatch_uid="quality.adopt_policies")
def adopt_on_open(version: StudyVersion, **_kwargs: Any) -> None:
    """Refuse a study version whose policies are not there; let new ones judge what was collected before."""
    try:
        adopt_policies(version.study)
    except PolicyUnknown as error:
        raise ValueError(str(error)) from error


@receiver(conversation_finished, dispatch_uid="quality.owe_verdicts")
def owe_on_finish(conversation: Conversation, **_kwargs: Any) -> None:
    """Insert the jobs in the transaction that finishes the conversation.

    A study that names a policy which is not there must not cost a participant the end of a conversation:
    readiness says so, and the policy's activation judges what was left.
    """
    if conversation.kind == Conversation.Kind.PRACTICE:
        return
    try:
        owe_verdicts(conversation.study, [conversation.pk])
    except PolicyUnknown as error:
        logger.error("%s was finished without a judge: %s", conversation.pk, error)


@receiver(conversation_erased, dispatch_uid="quality.forget_conversation")
def forget_on_erasure(conversation: Conversation, **_kwargs: Any) -> None:
    """Forget, in the transaction that erases the conversation, what was found in it."""
    forget_conversation(conversation)


@receiver(participant_withdrawn, dispatch_uid="quality.forget_reviewer")
def forget_on_withdrawal(participant: Participant, **_kwargs: Any) -> None:
    """Part what somebody relabelled from who it was, in the transaction that withdraws them."""
    forget_reviewer(participant)


@receiver(participant_blocked, dispatch_uid="quality.release_relabels")
def release_on_block(participant: Participant, **_kwargs: Any) -> None:
    """Give to others what a blocked supporter was asked to relabel."""
    release(participant)
