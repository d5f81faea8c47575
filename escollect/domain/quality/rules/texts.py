"""The texts of a conversation with their places: utterances, and the open answers of the surveys."""

from __future__ import annotations

from escollect.domain.quality.rules.base import Measured, Span, numbered
from escollect.domain.transcript import Transcript

SURVEY_TEXTS: tuple[str, ...] = (
    "situation",
    "seeker_question1",
    "seeker_question2",
    "supporter_question1",
    "supporter_question2",
)

Place = tuple[int | None, str]
"""The number of an utterance, or no number and the name of a survey field."""

Hit = tuple[int, int]
"""Where in a text something begins and ends."""


def get_texts(transcript: Transcript, *, surveys: bool) -> list[tuple[Place, str]]:
    """Every utterance in order, then with `surveys` what was written there, each with its place."""
    texts: list[tuple[Place, str]] = [
        ((place, ""), utterance.text) for place, utterance in numbered(transcript)
    ]
    if surveys:
        answers = ((name, getattr(transcript, name)) for name in SURVEY_TEXTS)
        texts += [((None, name), text) for name, text in answers if text]
    return texts


def measure_hits(hits: list[tuple[Place, list[Hit]]]) -> Measured:
    """How many texts were hit, with the place of each hit; texts without any do not count."""
    struck = [(place, found) for place, found in hits if found]
    spans = tuple(Span(seq, field, start, end) for (seq, field), found in struck for start, end in found)
    places = tuple(sorted({seq for (seq, _), _ in struck if seq is not None}))
    return Measured(len(struck), places, spans)
