"""Utterances labelled as a question that ask nothing."""

from __future__ import annotations

from escollect.domain.quality.rules.base import (
    INFO,
    Finding,
    Measured,
    Number,
    Options,
    Rule,
    numbered,
    whole,
)
from escollect.domain.strategies import Strategy
from escollect.domain.transcript import Transcript

LEAST_LABELS = 3
MARKS = ("?", "\uff1f", "\u061f", "\u037e")
"""The question marks of the scripts that have their own; the last is the Greek one."""


def measure(transcript: Transcript, _options: Options) -> Measured:
    """The percentage of utterances labelled Question without a question mark; nothing below three labels."""
    asked = [
        (place, utterance.text)
        for place, utterance in numbered(transcript)
        if utterance.strategy == Strategy.QUESTION
    ]
    if len(asked) < LEAST_LABELS:
        return Measured(None)
    places = [place for place, text in asked if not any(mark in text for mark in MARKS)]
    return Measured(100 * len(places) / len(asked), tuple(places), whole(places))


def say(value: Number | bool, _options: Options) -> str:
    return f"Of the utterances labelled Question, {value:.0f} % have no question mark."


RULE = Rule(
    name="question_unasked",
    measure=measure,
    say=say,
    nothing="There are too few utterances labelled Question.",
    doubt="Many leave out the mark when they chat, and “tell me more” asks without one.",
    unit="%",
)
FINDING = Finding(RULE, "Questions that ask nothing", INFO, "minimum", 60)
