"""The scripted seeker of a practice chat: speaks within the locked room, like anybody else in it."""

from __future__ import annotations

from escollect.conversations.actions.locked import Room
from escollect.conversations.models import PracticeChat
from escollect.domain.events import Role
from escollect.domain.practice import from_json
from escollect.domain.tutorial import Practice


def greet(room: Room) -> None:
    """Say the first line of the script, when the trainee has come in."""
    room.say(Role.SEEKER, room.row.seeker_id, _get_script(room).opening)


def answer(room: Room) -> bool:
    """Say what follows on the trainee's latest utterance; returns whether the script is over with it."""
    steps = _get_script(room).steps
    room.say(Role.SEEKER, room.row.seeker_id, steps[room.row.supporter_utterances - 1].then)
    return room.row.supporter_utterances >= len(steps)


def _get_script(room: Room) -> Practice:
    return from_json(PracticeChat.objects.get(conversation=room.row).script)
