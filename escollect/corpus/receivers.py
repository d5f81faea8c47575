"""What the corpus does when a conversation is withdrawn."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from escollect.conversations.models import Conversation
from escollect.conversations.signals import conversation_erased
from escollect.corpus.actions import leave_tombstone


@receiver(conversation_erased, dispatch_uid="corpus.leave_tombstone")
def mark_erased(conversation: Conversation, **_kwargs: Any) -> None:
    """Leave a tombstone in the transaction that erases the conversation; practice never was in a corpus."""
    if conversation.kind != Conversation.Kind.PRACTICE:
        leave_tombstone(conversation)
