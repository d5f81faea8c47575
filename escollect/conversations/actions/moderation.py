"""What moderators do to a live room: hold it, let it go on, end it, say something (protocol, section 4).

A hold lets people write on. Only the clocks of silence and of the longest conversation rest; who is gone is
gone, hold or no hold, and either side may still end it.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from escollect.accounts.models import User
from escollect.accounts.permissions import Thing
from escollect.accounts.selectors import get_actor, may
from escollect.audit.actions import record
from escollect.conversations.actions import ending
from escollect.conversations.actions.deadlines import enforce
from escollect.conversations.actions.locked import Room, lock_rooms, refresh, store
from escollect.conversations.models import Conversation
from escollect.domain.events import Author, EventKind, Refused
from escollect.domain.lifecycle import ConversationState, EndReason
from escollect.domain.moderation import (
    HOTLINES,
    PROBLEMS,
    TOLD,
    WITH_HOTLINES,
    Act,
    get_problem,
    list_hotlines,
)
from escollect.domain.text import TextError, clean_utterance

RESTING = {"nudge_at": "nudge", "idle_by": "idle", "max_by": "max_time"}
"""The deadlines that rest while a room is on hold, and the timers they were started with."""


def hold(conversation: UUID, by: User | None, reason: str) -> None:
    """Look into a live room: both are told calmly, with help lines, and no time runs out until `clear`.

    Like its sisters below it takes a staff login that may moderate (None: the command line) and a reason for
    the audit trail, and raises PermissionDenied or Refused (a key of domain.moderation.PROBLEMS, forbidden).
    """
    _act(Act.HOLD, conversation, by, reason)


def clear(conversation: UUID, by: User | None, reason: str) -> None:
    """Let a room that is on hold go on, with as much time left as it had."""
    _act(Act.CLEAR, conversation, by, reason)


def stop_for_crisis(conversation: UUID, by: User | None, reason: str) -> None:
    """End a room that is on hold, for safety: both get the outcome crisis_stop."""
    _act(Act.CRISIS_STOP, conversation, by, reason)


def moderator_stop(conversation: UUID, by: User | None, reason: str) -> None:
    """End a live room, on hold or not: both get the outcome moderator_stop."""
    _act(Act.MODERATOR_STOP, conversation, by, reason)


def tell(conversation: UUID, by: User | None, text: str) -> None:
    """Say something to both, as the moderator. What was said is the reason that the audit trail keeps.

    Raises Refused also with text_empty, text_too_long or text_chars.
    """
    try:
        words = clean_utterance(text)
    except TextError as error:
        raise Refused(error.code) from error
    _act(Act.TELL, conversation, by, words)


def _act(act: Act, conversation: UUID, by: User | None, reason: str) -> None:
    if by is not None and not may(by, Thing.MODERATION):
        raise PermissionDenied
    if not reason.strip():
        raise Refused("no_reason", PROBLEMS["no_reason"])
    with transaction.atomic():
        room = lock_rooms([conversation]).get(conversation)
        if room is None or room.row.kind != Conversation.Kind.COLLECTED:
            raise Refused("forbidden")
        enforce(room)
        live, held = room.state is ConversationState.LIVE, room.row.held_at is not None
        problem = get_problem(act, live=live, held=held)
        if problem is None:
            _tell_both(room, act, reason)
            _do(room, act, get_actor(by))
            record("conversation.moderated", actor=get_actor(by), obj=room.row, new=act, why=reason)
        store([room])
    if problem is not None:
        # Raised after the commit: what the clock asked for stays done.
        raise Refused(problem, PROBLEMS[problem])


def _tell_both(room: Room, act: Act, words: str) -> None:
    if act in TOLD:
        with translation.override(room.settings.language):
            words = gettext(TOLD[act])
            lines = list_hotlines(room.settings.resources.hotlines) if act in WITH_HOTLINES else ""
            if lines:
                words = f"{words}\n{gettext(HOTLINES)}\n{lines}"
    room.add(EventKind.MODERATOR, Author.MODERATOR, text=words)


def _do(room: Room, act: Act, actor: str) -> None:
    if act is Act.HOLD:
        refresh(room.row, held_at=room.now)
    elif act is Act.CLEAR and room.row.held_at is not None:
        _let_time_go_on(room, room.row.held_at)
    elif act in {Act.CRISIS_STOP, Act.MODERATOR_STOP}:
        ending.end(room, EndReason(act), None, actor=actor)


def _let_time_go_on(room: Room, since: datetime) -> None:
    """Give back the time of the hold; what was started afresh meanwhile gets no more than its whole timer."""
    rested = room.now - since
    columns: dict[str, datetime] = {}
    for name, timer in RESTING.items():
        at: datetime | None = getattr(room.row, name)
        if at is not None:
            columns[name] = min(at + rested, room.timers.after(room.now, timer))
    refresh(room.row, held_at=None, **columns)
