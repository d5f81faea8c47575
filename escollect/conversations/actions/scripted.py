"""The scripted seeker of a practice chat: speaks within the locked room, like anybody else in it."""

from __future__ import annotations

from escollect.conversations.actions.locked import Room
from escollect.conversations.models import PracticeChat
from escollect.domain.events import EventKind, Role
from escollect.domain.practice import from_json
from escollect.domain.tutorial import Practice


def greet(room: Room) -> None:
    """Say the first line of the script, when the trainee has come in."""
    _speak(room, _get_script(room).opening)


def answer(room: Room) -> bool:
    """Say what follows on the trainee's latest utterance; returns whether the script is over with it."""
    steps = _get_script(room).steps
    _speak(room, steps[room.row.supporter_utterances - 1].then)
    return room.row.supporter_utterances >= len(steps)


def _get_script(room: Room) -> Practice:
    return from_json(PracticeChat.objects.get(conversation=room.row).script)


def _speak(room: Room, text: str) -> None:
    row = room.row
    room.add(EventKind.MSG, Role.SEEKER, participant=row.seeker_id, text=text)
    row.utterances += 1
    row.seeker_utterances += 1
    row.last_author = Role.SEEKER
    row.nudge_at = room.timers.after(room.now, "nudge")
    row.idle_by = room.timers.after(room.now, "idle")
