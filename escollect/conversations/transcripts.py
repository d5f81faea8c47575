"""Conversations as transcripts, for the stages that judge, count and publish them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.db.models import CharField
from django.db.models.functions import Cast

from escollect.conversations.models import Conversation, Event, SurveyResponse
from escollect.domain.frames import TELEMETRY
from escollect.domain.transcript import SEEKER, SUPPORTER, Entry, Telemetry, Transcript, utterances_from

BATCH = 250
_NUMBER = re.compile(r"[\d\s.,+-]+")

# The form's field and the transcript's, by the survey that asks for it.
BEFORE_FIELDS: Mapping[str, str] = {
    "experience_type": "experience_type",
    "emotion_type": "emotion_type",
    "problem_type": "problem_type",
    "situation": "situation",
    "initial_emotion_intensity": "initial_intensity",
}
AFTER_FIELDS: Mapping[str, Mapping[str, str]] = {
    SEEKER: {
        "final_emotion_intensity": "final_intensity",
        "empathy": "empathy",
        "relevance": "relevance",
        "question1": "seeker_question1",
        "question2": "seeker_question2",
    },
    SUPPORTER: {
        "relevance": "supporter_relevance",
        "question1": "supporter_question1",
        "question2": "supporter_question2",
    },
}


def get_transcript(conversation_id: UUID) -> Transcript:
    """The transcript of one conversation. Raises Conversation.DoesNotExist."""
    for transcript in get_transcripts([conversation_id]):
        return transcript
    raise Conversation.DoesNotExist(f"There is no conversation {conversation_id}.")


def get_transcripts(conversation_ids: Iterable[UUID], *, with_writing: bool = False) -> Iterator[Transcript]:
    """The transcripts of these conversations in the order of the ids; ids that are unknown are
    left out. `with_writing` adds when and how each utterance was written.

    Reads batches of 250 with four queries each, so that memory does not grow with the number of
    ids.
    """
    remaining = iter(conversation_ids)
    while batch := list(islice(remaining, BATCH)):
        yield from _read(batch, with_writing)


def _read(ids: Sequence[UUID], with_writing: bool) -> Iterator[Transcript]:
    columns = ("state", "end_reason", "seeker_id")
    rows = Conversation.objects.filter(pk__in=ids).values_list("pk", *columns)
    rooms = {pk: (state, end_reason, seeker) for pk, state, end_reason, seeker in rows}
    entries = _entries(ids, with_writing)
    surveys = _surveys(ids, {pk: seeker for pk, (_state, _reason, seeker) in rooms.items()})
    for conversation_id in ids:
        if conversation_id in rooms:
            state, end_reason, _seeker = rooms[conversation_id]
            yield Transcript(
                id=str(conversation_id),
                finished=state == Conversation.State.FINISHED,
                end_reason=end_reason or None,
                utterances=utterances_from(entries.get(conversation_id, ())),
                **surveys[conversation_id],
            )


def _entries(ids: Sequence[UUID], with_writing: bool) -> dict[UUID, list[Entry]]:
    """The entries by conversation. Its id comes as text, so that one is made of it once a conversation."""
    written = ("at", "payload") if with_writing else ()
    events = (
        Event.objects.filter(conversation_id__in=ids, kind__in=(Event.Kind.MSG, Event.Kind.RATING))
        .order_by("conversation_id", "seq")
        .annotate(room=Cast("conversation_id", CharField()))
        .values_list("room", "kind", "author", "text", "strategy", "value", "seq", *written)
    )
    make = _entry_as_written if with_writing else _entry
    by_room = groupby(events, itemgetter(0))
    return {UUID(room): list(map(make, rows)) for room, rows in by_room}


def _entry(row: tuple[Any, ...]) -> Entry:
    _room, kind, author, text, strategy, value, seq = row
    return Entry(kind, author, text, strategy or None, value, seq)


def _entry_as_written(row: tuple[Any, ...]) -> Entry:
    *known, at, payload = row
    seen, counts = payload.get("seen"), payload.get("tele")
    tele = None if counts is None else Telemetry(*(counts.get(name) for name in TELEMETRY))
    return _entry(tuple(known))._replace(at=at, seen=seen, tele=tele)


def _surveys(ids: Sequence[UUID], seekers: Mapping[UUID, UUID]) -> dict[UUID, dict[str, Any]]:
    """The survey fields of each conversation, under the transcript's names.

    A survey before the chat belongs to the ticket it was given with; an import has no ticket.
    """
    found: dict[UUID, dict[str, Any]] = defaultdict(dict)
    extra: dict[UUID, dict[str, list[tuple[str, str]]]] = defaultdict(dict)
    tickets = SurveyResponse.objects.filter(
        kind=SurveyResponse.Kind.BEFORE, ticket__seats__conversation_id__in=ids
    ).values_list("ticket__seats__conversation_id", "answers")
    for conversation_id, answers in tickets.order_by("at"):
        found[conversation_id].update(_named(answers, BEFORE_FIELDS))
        extra[conversation_id]["before"] = _extra(answers, BEFORE_FIELDS, "extra_before")
    own = SurveyResponse.objects.filter(conversation_id__in=ids).values_list(
        "conversation_id", "kind", "participant_id", "answers"
    )
    for conversation_id, kind, participant_id, answers in own:
        if kind == SurveyResponse.Kind.BEFORE:
            names, survey = BEFORE_FIELDS, "before"
        else:
            survey = SEEKER if seekers[conversation_id] == participant_id else SUPPORTER
            names = AFTER_FIELDS[survey]
        found[conversation_id].update(_named(answers, names))
        extra[conversation_id][survey] = _extra(answers, names, f"extra_{survey}")
    for conversation_id, by_survey in extra.items():
        kept = [pair for survey in sorted(by_survey) for pair in by_survey[survey]]
        found[conversation_id]["extra"] = tuple(kept)
    return found


def _named(answers: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {field: answers[key] for key, field in names.items() if key in answers}


def _extra(answers: Mapping[str, Any], names: Mapping[str, str], survey: str) -> list[tuple[str, str]]:
    """The answers to a study's own questions; a number says of what, because records hold no bare numbers."""
    found = []
    for key, value in sorted(answers.items()):
        text = f"{value} of 5" if isinstance(value, int) else str(value or "").strip()
        if key not in names and text:
            found.append((f"{survey}_{key}", f"answer: {text}" if _NUMBER.fullmatch(text) else text))
    return found
