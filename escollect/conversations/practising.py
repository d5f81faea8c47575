"""Reading practice chats: the script of a room, the one that is under way, and how the last one went."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from escollect.conversations.models import Conversation, Event, Member, PracticeChat
from escollect.domain.lifecycle import ConversationState, EndReason
from escollect.domain.practice import Choice, Comparison, compare, from_json
from escollect.domain.tutorial import Practice
from escollect.people.models import Participant, Role


@dataclass(frozen=True, slots=True)
class LookBack:
    """The participant's latest practice chat that is over, beside its script."""

    practice: Practice
    comparison: Comparison
    reason: EndReason


def get_script(conversation_id: UUID) -> Practice | None:
    """The script of a practice chat, None for any other conversation."""
    chat = PracticeChat.objects.filter(conversation=conversation_id).first()
    return None if chat is None else from_json(chat.script)


def get_open_practice(participant: Participant) -> UUID | None:
    """The practice chat that the participant is in."""
    seat = Member.objects.filter(
        participant=participant, active=True, conversation__kind=Conversation.Kind.PRACTICE
    ).first()
    return None if seat is None else seat.conversation_id


def get_had(participant: Participant) -> list[str]:
    """The scripts of the practice chats that the participant began, once for each."""
    chats = PracticeChat.objects.filter(conversation__supporter=participant)
    return [str(script) for script in chats.values_list("script__id", flat=True)]


def get_look_back(participant: Participant) -> LookBack | None:
    """How the latest practice chat that is over went; None before the first, or once it was erased."""
    chat = (
        PracticeChat.objects.select_related("conversation")
        .filter(conversation__supporter=participant, conversation__state=ConversationState.FINISHED)
        .order_by("-conversation__finished_at")
        .first()
    )
    if chat is None:
        return None
    practice = from_json(chat.script)
    said = Event.objects.filter(
        conversation=chat.conversation_id, kind=Event.Kind.MSG, author=Role.SUPPORTER
    ).order_by("seq")
    choices = [Choice(strategy, text) for strategy, text in said.values_list("strategy", "text")]
    return LookBack(practice, compare(practice, choices), EndReason(chat.conversation.end_reason))
