"""The texts of a conversation with their places: utterances, and the open answers of the surveys."""

from __future__ import annotations

from collections.abc import Iterator

from escollect.domain.quality.rules.base import Span, numbered
from escollect.domain.transcript import Transcript

SURVEY_TEXTS: tuple[str, ...] = (
    "situation",
    "seeker_question1",
    "seeker_question2",
    "supporter_question1",
    "supporter_question2",
)


def get_texts(transcript: Transcript, *, surveys: bool) -> Iterator[tuple[Span, str]]:
    """Every utterance in order, then with `surveys` what was written there, each with its place."""
    for place, utterance in numbered(transcript):
        yield Span(seq=place), utterance.text
    if surveys:
        for name in SURVEY_TEXTS:
            text = getattr(transcript, name)
            if text:
                yield Span(field=name), text
