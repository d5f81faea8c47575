"""The same answer on every scale, as if nobody had read them."""

from __future__ import annotations

from escollect.domain.quality.rules.base import (
    INFO,
    Finding,
    Measured,
    Number,
    Options,
    Rule,
    count,
    numbered,
    whole,
)
from escollect.domain.transcript import Transcript

LEAST_ANSWERS = 4


def measure(transcript: Transcript, _options: Options) -> Measured:
    """How many answers of the seeker are one and the same: stars, both intensities, empathy, relevance.

    0 where two differ; nothing below four answers or without the survey after the chat. The intensities
    mean the opposite of the others, so the same number on all of them contradicts itself.
    """
    stars = [(place, u.feedback) for place, u in numbered(transcript) if u.feedback is not None]
    scales = (
        transcript.initial_intensity,
        transcript.final_intensity,
        transcript.empathy,
        transcript.relevance,
    )
    given = [score for _, score in stars] + [score for score in scales if score is not None]
    if len(given) < LEAST_ANSWERS or not transcript.seeker_answered:
        return Measured(None)
    if len(set(given)) > 1:
        return Measured(0)
    places = [place for place, _ in stars]
    return Measured(len(given), tuple(places), whole(places))


def say(value: Number | bool, _options: Options) -> str:
    if value == 0:
        return "The seeker's answers differ."
    return count(
        value, "One answer stands alone.", "answers of the seeker, stars and scales, are the same number."
    )


RULE = Rule(
    name="straight_lined",
    measure=measure,
    say=say,
    nothing="The seeker gave too few answers to compare.",
    doubt="A strong feeling that stays as strong, after a talk that was very good, looks the same.",
    unit="answers",
)
FINDING = Finding(RULE, "The same answer everywhere", INFO, "minimum", 5)
