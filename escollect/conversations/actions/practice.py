"""Beginning a practice chat: a room of the trainee with a scripted seeker, outside the waiting room."""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID

from django.db import transaction

from escollect.audit.actions import record
from escollect.conversations.actions.locked import actor_of
from escollect.conversations.actions.rooms import WITHOUT_SOCKET
from escollect.conversations.models import Conversation, Member, PracticeChat
from escollect.conversations.practising import get_had, get_open_practice
from escollect.conversations.rules import get_settings
from escollect.conversations.selectors import get_seat, get_ticket
from escollect.domain.events import Refused, Role
from escollect.domain.practice import draw_practice, to_json
from escollect.infra import clock
from escollect.people.models import Participant
from escollect.people.practice import add_seeker
from escollect.studies.models import StudyVersion
from escollect.training.practising import may_practise
from escollect.training.selectors import get_tutorial_for

SEEDS = 2**62


def begin_practice(participant: Participant) -> UUID:
    """Make a room with a scripted seeker of its own, and return its id; one that is under way goes on.

    The script is drawn by a stored seed among those that the participant had least often, and kept with
    the room, so that a revised tutorial changes no chat. Raises Refused: forbidden (no supporter, or the
    examination is not passed), not_ready (waiting, or in another room).
    """
    with transaction.atomic():
        locked = (
            Participant.objects.select_for_update(of=("self",), no_key=True)
            .select_related("version", "study")
            .get(pk=participant.pk)
        )
        if locked.version is None or not may_practise(locked):
            raise Refused("forbidden")
        under_way = get_open_practice(locked)
        if under_way is not None:
            return under_way
        if get_seat(locked.pk) is not None or get_ticket(locked.pk) is not None:
            raise Refused("not_ready")
        return _make_room(locked, locked.version).pk


def _make_room(trainee: Participant, version: StudyVersion) -> Conversation:
    now, settings, seed = clock.now(), get_settings(version), secrets.randbelow(SEEDS)
    tutorial = get_tutorial_for(trainee)
    script = draw_practice(tutorial.practices, get_had(trainee), seed)
    seeker = add_seeker(version)
    ready_by = settings.timers.after(now, "offer")
    room = Conversation.objects.create(
        study_id=version.study_id,
        version=version,
        kind=Conversation.Kind.PRACTICE,
        seeker=seeker,
        supporter=trainee,
        licence=settings.licence,
        created_at=now,
        ready_by=ready_by,
    )
    PracticeChat.objects.create(
        conversation=room, script=to_json(script), tutorial_version=tutorial.version, seed=seed
    )
    Member.objects.bulk_create(
        [
            Member(conversation=room, participant=trainee, role=Role.SUPPORTER, ready_at=now),
            _seat_seeker(room, seeker, now, settings.timers.after(ready_by, "max_time")),
        ]
    )
    record("conversation.created", actor=actor_of(trainee.pk), obj=room, new=room.state, why="practice")
    return room


def _seat_seeker(room: Conversation, seeker: Participant, now: datetime, until: datetime) -> Member:
    """A side that is there from the start and for as long as the room can last: nobody waits for it."""
    return Member(
        conversation=room,
        participant=seeker,
        role=Role.SEEKER,
        tab=WITHOUT_SOCKET,
        ready_at=now,
        joined_at=now,
        seen_at=until,
    )
