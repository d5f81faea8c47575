"""The door that every act of a reviewer on a finished conversation goes through."""

from __future__ import annotations

from uuid import UUID

from escollect.accounts.models import User
from escollect.conversations.models import Conversation
from escollect.quality.actions.claiming import Taken, require_free
from escollect.quality.actions.refusing import NotReviewable


def lock_finished(conversation_id: UUID, reviewer: User) -> Conversation:
    """The conversation, locked, when this reviewer may work on it now. Raises NotReviewable."""
    locked = Conversation.objects.select_for_update(no_key=True).get(pk=conversation_id)
    if locked.state != Conversation.State.FINISHED:
        raise NotReviewable({"conversation": f"The conversation is {locked.state}, not finished."})
    try:
        require_free(locked.pk, reviewer)
    except Taken as taken:
        raise NotReviewable({"conversation": f"{taken} Nothing was stored."}) from taken
    return locked
