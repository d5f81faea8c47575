"""The answers of the surveys: before the conversation to the ticket, after it to the conversation."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from escollect.conversations.actions import ending
from escollect.conversations.actions.deadlines import enforce
from escollect.conversations.actions.locked import lock_rooms, store
from escollect.conversations.actions.outcomes import give_for_conversation
from escollect.conversations.models import Conversation, SurveyResponse
from escollect.conversations.rules import get_survey_after, get_survey_before
from escollect.conversations.selectors import get_seat, get_ticket, may_converse_again
from escollect.domain.events import Refused, Role
from escollect.domain.lifecycle import ConversationState
from escollect.domain.surveys import check_answers
from escollect.infra import clock
from escollect.people.models import Participant


def answer_survey_before(participant: Participant, answers: Mapping[str, object]) -> SurveyResponse:
    """Keep a seeker's pre-chat answers until `hello` ties them to a ticket; new answers replace unused ones.

    Raises Refused: forbidden (no seeker, no consent), not_ready (already waiting or in a room, or no
    further conversation is open), survey_invalid with `fields`.
    """
    version = participant.version
    if participant.role != Role.SEEKER or version is None:
        raise Refused("forbidden")
    checked = check_answers(get_survey_before(version), answers)
    with transaction.atomic():
        locked = Participant.objects.select_for_update(no_key=True).get(pk=participant.pk)
        # Asked under the lock: a withdrawal that came first has erased already, and nothing may follow it.
        if locked.state != Participant.State.ACTIVE:
            raise Refused("forbidden")
        busy = get_ticket(participant.pk) is not None or get_seat(participant.pk) is not None
        if busy or not may_converse_again(participant):
            raise Refused("not_ready")
        kept, _new = SurveyResponse.objects.update_or_create(
            participant=participant,
            kind=SurveyResponse.Kind.BEFORE,
            ticket=None,
            conversation=None,
            defaults={"version": version, "answers": checked, "at": clock.now()},
        )
    return kept


def answer_survey_after(
    participant: Participant, conversation: Conversation | UUID, answers: Mapping[str, object]
) -> SurveyResponse:
    """Store the post-chat answers of one side and give it its outcome; the second one finishes.

    Raises Refused: forbidden (not this participant's), state (no survey is due), deadline (its time is
    over), survey_done, survey_invalid with `fields`.
    """
    pk = conversation if isinstance(conversation, UUID) else conversation.pk
    with transaction.atomic():
        room = lock_rooms([pk]).get(pk)
        side = room.get_side(participant.pk) if room is not None else None
        if room is None or side is None or participant.state != Participant.State.ACTIVE:
            raise Refused("forbidden")
        over = enforce(room)
        given = SurveyResponse.objects.filter(conversation=room.row, kind=SurveyResponse.Kind.AFTER)
        problem = None
        if given.filter(participant=participant).exists():
            problem = "survey_done"
        elif room.state is not ConversationState.SURVEY:
            problem = "deadline" if over and room.state is ConversationState.FINISHED else "state"
        if problem is None:
            checked = check_answers(get_survey_after(room.row.version, Role(side.role)), answers)
            response = SurveyResponse.objects.create(
                participant=participant,
                version=room.row.version,
                kind=SurveyResponse.Kind.AFTER,
                conversation=room.row,
                answers=checked,
                at=room.now,
            )
            give_for_conversation(room, Role(side.role))
            if given.count() == len(room.sides):
                ending.finish(room, why="both_surveys")
        store([room])
    if problem is not None:
        # Raised after the commit: what the clock asked for stays done.
        raise Refused(problem)
    return response
