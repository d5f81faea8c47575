"""Reading rooms, and where a participant stands on the way."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from escollect.conversations.models import (
    Conversation,
    Event,
    Member,
    Outcome,
    SurveyResponse,
    Ticket,
)
from escollect.conversations.places import is_matched
from escollect.conversations.rules import get_settings
from escollect.conversations.waiting import is_full
from escollect.domain import outcomes
from escollect.domain.events import Role
from escollect.domain.lifecycle import (
    TICKET_ACTIVE,
    ConversationState,
    Presence,
    Step,
    TicketState,
    presence_status,
)
from escollect.domain.strategies import STRATEGIES
from escollect.infra import clock
from escollect.people.models import Participant
from escollect.training.limits import is_over
from escollect.training.selectors import get_standing_qualifications

UNUSED = (TicketState.CANCELLED, TicketState.EXPIRED, TicketState.LEFT, TicketState.NO_SHOW)
"""Ticket ends after which the pre-chat survey still waits for its conversation."""


@dataclass(frozen=True, slots=True)
class RoomView:
    """What one side of a room is told when it joins (protocol, frame `joined`)."""

    conversation: UUID
    role: Role
    state: ConversationState
    last_seq: int
    epoch: int
    now: datetime
    heartbeat: int
    text_limit: int
    utterance_limit: int
    minimum_utterances: int
    strategies: tuple[str, ...] | None
    rating: int | None
    deadlines: Mapping[str, datetime]
    partner: str
    practice: bool = False


def get_presence(member: Member) -> Presence:
    """One side's presence as the domain looks at it."""
    return Presence(
        seen=member.seen_at,
        here=member.tab is not None,
        visible=member.visible,
        away_at=member.gone_prompt_at,
        left_by=member.gone_by,
    )


def access_member(conversation_id: UUID, participant_id: UUID) -> Member | None:
    """The participant's side of a room, None when it is not theirs or was erased."""
    return (
        Member.objects.select_related("conversation__version", "participant")
        .filter(conversation=conversation_id, participant=participant_id)
        .exclude(conversation__state=ConversationState.ERASED)
        .first()
    )


def events_after(conversation_id: UUID, seq: int, limit: int = 500) -> list[Event]:
    """The events of a room after `seq`, in order, at most `limit`; who may see what is the wire's to say."""
    found = Event.objects.filter(conversation=conversation_id, seq__gt=seq).order_by("seq")
    return list(found[:limit])


def room_view(conversation_id: UUID, participant_id: UUID) -> RoomView | None:
    """The room as one side is told of it, None when it is not theirs."""
    member = access_member(conversation_id, participant_id)
    if member is None:
        return None
    partner = Member.objects.filter(conversation=conversation_id).exclude(pk=member.pk).first()
    return make_view(member.conversation, member, partner, clock.now())


def make_view(row: Conversation, member: Member, partner: Member | None, now: datetime) -> RoomView:
    """Put a room's row and its two sides into one side's view, without a query."""
    settings = get_settings(row.version)
    role, state = Role(member.role), ConversationState(row.state)
    status = "offline"
    if partner is not None:
        status = presence_status(get_presence(partner), now, settings.timers)
    return RoomView(
        conversation=row.pk,
        role=role,
        state=state,
        last_seq=row.last_seq,
        epoch=member.epoch,
        now=now,
        heartbeat=settings.timers.heartbeat,
        text_limit=settings.limits.text,
        utterance_limit=settings.limits.utterances,
        minimum_utterances=settings.minimum_utterances,
        strategies=STRATEGIES if role is Role.SUPPORTER else None,
        rating=row.open_request if role is Role.SEEKER and state is ConversationState.LIVE else None,
        deadlines=_open_deadlines(row, state),
        partner=status,
        practice=row.kind == Conversation.Kind.PRACTICE,
    )


def _open_deadlines(row: Conversation, state: ConversationState) -> dict[str, datetime]:
    columns: Mapping[ConversationState, tuple[str, ...]] = {
        ConversationState.CREATED: ("ready_by",),
        ConversationState.LIVE: ("idle_by", "max_by"),
        ConversationState.SURVEY: ("survey_by",),
    }
    found = {name: getattr(row, name) for name in columns.get(state, ())}
    return {name: at for name, at in found.items() if at is not None}


def get_ticket(participant_id: UUID) -> Ticket | None:
    """The participant's active ticket."""
    return Ticket.objects.filter(participant=participant_id, state__in=TICKET_ACTIVE).first()


def get_seat(participant_id: UUID) -> Member | None:
    """The participant's side of the room they are in, from the offer to the end of the conversation."""
    return (
        Member.objects.select_related("conversation__version")
        .filter(participant=participant_id, active=True)
        .first()
    )


def get_latest_outcome(participant_id: UUID) -> Outcome | None:
    """How the participant's last part ended, with the completion code."""
    return Outcome.objects.filter(participant=participant_id).order_by("-at", "-pk").first()


def get_open_before(participant_id: UUID) -> SurveyResponse | None:
    """The pre-chat answers that still wait for their conversation."""
    answered = SurveyResponse.objects.filter(
        participant=participant_id, kind=SurveyResponse.Kind.BEFORE, conversation=None
    )
    return (
        answered.filter(ticket=None).first()
        or answered.filter(ticket__state__in=UNUSED).order_by("-at", "-pk").first()
    )


def get_before_answers(conversation_id: UUID) -> Mapping[str, object]:
    """The seeker's pre-chat answers as both sides of the conversation may read them; empty without any."""
    found = SurveyResponse.objects.filter(
        kind=SurveyResponse.Kind.BEFORE, ticket__seats__conversation=conversation_id
    ).first()
    return {} if found is None else dict(found.answers)


def get_open_after(participant: Participant) -> Conversation | None:
    """The participant's oldest conversation whose post-chat survey is still to be answered."""
    side = "seeker" if participant.role == Role.SEEKER else "supporter"
    answered = SurveyResponse.objects.filter(
        participant=participant, kind=SurveyResponse.Kind.AFTER, conversation__isnull=False
    )
    return (
        Conversation.objects.select_related("version", "study")
        .filter(**{side: participant}, state=ConversationState.SURVEY)
        .exclude(pk__in=answered.values("conversation"))
        .order_by("created_at")
        .first()
    )


def is_qualified(participant: Participant) -> bool:
    """Whether the participant may take their role: supporters need what the study's training grants."""
    return participant.pk in get_qualified([participant])


def get_qualified(participants: Collection[Participant]) -> set[UUID]:
    """The ids of those who may take their role, in one query at most."""
    trained = [participant for participant in participants if _needs_training(participant)]
    standing = get_standing_qualifications(trained) if trained else {}
    untrained = {participant.pk for participant in participants} - {one.pk for one in trained}
    return untrained | standing.keys()


def _needs_training(participant: Participant) -> bool:
    version = participant.version
    return participant.role == Role.SUPPORTER and (version is None or get_settings(version).training.required)


def may_converse_again(participant: Participant) -> bool:
    """Whether another conversation is open to the participant; seekers have a limit per study.

    None is in a study that has all it wants.
    """
    if participant.state != Participant.State.ACTIVE or participant.version is None:
        return False
    if is_full(participant.study):
        return False
    if participant.role == Role.SUPPORTER:
        return True
    had = Conversation.objects.filter(seeker=participant, live_at__isnull=False).count()
    return had < get_settings(participant.version).seeker_conversations


def next_step(participant: Participant) -> Step:
    """Where the participant stands now; every page sends them there (contract, section 5)."""
    if participant.state != Participant.State.ACTIVE:
        return Step.ENDED
    if participant.version_id is None:
        return Step.CONSENT
    seat = get_seat(participant.pk)
    if seat is not None:
        return Step.CHAT if is_matched(seat) else Step.LOBBY
    if get_open_after(participant) is not None:
        return Step.SURVEY_AFTER
    if get_ticket(participant.pk) is not None:
        return Step.LOBBY
    return _outside_step(participant)


def _outside_step(participant: Participant) -> Step:
    """The step of somebody without a ticket, a room or an open survey.

    Whoever was still on the way when the study became full is told so in the waiting room, and gets a
    code there, instead of learning and answering for nothing.
    """
    had = set(Outcome.objects.filter(participant=participant).values_list("code", flat=True))
    if is_full(participant.study):
        return Step.DONE if had else Step.LOBBY
    if not is_qualified(participant):
        return Step.DONE if is_over(participant) else Step.TRAINING
    if participant.role == Role.SEEKER and _has_new_answers(participant):
        return Step.LOBBY
    # Whoever failed the training and was qualified by hand since has everything before them.
    if had - {outcomes.Outcome.TUTORIAL_FAILED}:
        return Step.DONE
    return Step.LOBBY if participant.role == Role.SUPPORTER else Step.SURVEY_BEFORE


def _has_new_answers(participant: Participant) -> bool:
    return SurveyResponse.objects.filter(
        participant=participant, kind=SurveyResponse.Kind.BEFORE, conversation=None, ticket=None
    ).exists()
