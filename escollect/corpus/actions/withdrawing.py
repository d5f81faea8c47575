"""What the corpus keeps of a conversation that was withdrawn."""

from __future__ import annotations

from escollect.conversations.models import Conversation
from escollect.corpus.models import Tombstone
from escollect.infra.clock import now


def leave_tombstone(conversation: Conversation) -> None:
    """Note the id and the date of an erased conversation, once; later releases list it as withdrawn."""
    Tombstone.objects.get_or_create(
        conversation=conversation, defaults={"study_id": conversation.study_id, "at": now()}
    )
