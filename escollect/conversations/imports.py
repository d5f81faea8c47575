"""Conversations that come from a file: stored as if they had been held here, without times."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from escollect.conversations.models import Conversation, Event, SurveyResponse
from escollect.conversations.transcripts import AFTER_FIELDS, BEFORE_FIELDS
from escollect.domain.transcript import RATING, SEEKER, SUPPORTER, Transcript, entries_from
from escollect.infra.sets import insert_objects, insert_rows
from escollect.people.models import Participant
from escollect.studies.models import StudyVersion

BATCH = 2000
EVENT_COLUMNS = (
    "conversation",
    "seq",
    "kind",
    "author",
    "participant",
    "text",
    "strategy",
    "value",
    "payload",
)
NO_PAYLOAD = "{}"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a file's conversations belong, where they are from, and under which licence."""

    version: StudyVersion
    source: str
    licence: str


def add_imported(
    origin: Origin, transcripts: Sequence[Transcript], pairs: Sequence[tuple[Participant, Participant]]
) -> list[Conversation]:
    """Store finished conversations, one for each transcript with its pair (seeker, supporter).

    A rating becomes an event right before the seeker utterance that carries it. Runs in the
    caller's transaction; five queries and a few more for every thousand events.
    """
    conversations: list[Conversation] = []
    events: list[Sequence[Any]] = []
    surveys: list[SurveyResponse] = []
    for transcript, (seeker, supporter) in zip(transcripts, pairs, strict=True):
        conversation = _conversation(origin, transcript, seeker, supporter)
        conversations.append(conversation)
        events.extend(_events(conversation.id, transcript, seeker.id, supporter.id))
        surveys.extend(_surveys(conversation, transcript, seeker, supporter))
    insert_objects(conversations)
    for start in range(0, len(events), BATCH):
        insert_rows(Event, EVENT_COLUMNS, events[start : start + BATCH])
    insert_objects(surveys)
    return conversations


def _conversation(
    origin: Origin, transcript: Transcript, seeker: Participant, supporter: Participant
) -> Conversation:
    by_seeker, by_supporter = len(transcript.by(SEEKER)), len(transcript.by(SUPPORTER))
    ratings = sum(utterance.feedback is not None for utterance in transcript.utterances)
    return Conversation(
        id=uuid.uuid4(),
        study_id=origin.version.study_id,
        version=origin.version,
        kind=Conversation.Kind.IMPORTED,
        state=Conversation.State.FINISHED,
        seeker=seeker,
        supporter=supporter,
        source=origin.source,
        licence=origin.licence,
        last_seq=by_seeker + by_supporter + ratings,
        utterances=by_seeker + by_supporter,
        seeker_utterances=by_seeker,
        supporter_utterances=by_supporter,
        last_author=transcript.utterances[-1].role if transcript.utterances else "",
    )


def _events(
    conversation: UUID, transcript: Transcript, seeker: UUID, supporter: UUID
) -> Iterator[Sequence[Any]]:
    """Rows in the order of EVENT_COLUMNS."""
    for entry in entries_from(transcript.utterances):
        kind = Event.Kind.RATING if entry.kind == RATING else Event.Kind.MSG
        participant = seeker if entry.role == SEEKER else supporter
        yield (
            conversation,
            entry.seq,
            kind.value,
            entry.role,
            participant,
            entry.text,
            entry.strategy or "",
            entry.value,
            NO_PAYLOAD,
        )


def _surveys(
    conversation: Conversation, transcript: Transcript, seeker: Participant, supporter: Participant
) -> Iterator[SurveyResponse]:
    before, after = SurveyResponse.Kind.BEFORE, SurveyResponse.Kind.AFTER
    for kind, who, names in (
        (before, seeker, BEFORE_FIELDS),
        (after, seeker, AFTER_FIELDS[SEEKER]),
        (after, supporter, AFTER_FIELDS[SUPPORTER]),
    ):
        answers: dict[str, Any] = {
            key: getattr(transcript, field)
            for key, field in names.items()
            if getattr(transcript, field) is not None
        }
        own = f"extra_{kind if kind == before else who.role}_"
        answers.update({key.removeprefix(own): text for key, text in transcript.extra if key.startswith(own)})
        if answers:
            yield SurveyResponse(
                participant=who,
                version=conversation.version,
                kind=kind,
                conversation=conversation,
                answers=answers,
            )
