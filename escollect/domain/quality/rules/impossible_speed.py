"""Utterances that appeared faster than anybody types, by the composer's clock."""

from __future__ import annotations

from escollect.domain.quality.rules.base import (
    WARNING,
    Finding,
    Measured,
    Number,
    Options,
    Rule,
    count,
    numbered,
    whole,
)
from escollect.domain.transcript import Transcript, Utterance

LEAST_CHARACTERS = 40
"""A short phrase can come from the keyboard's suggestions in one tap."""


def measure(transcript: Transcript, options: Options) -> Measured:
    """How many utterances were written at more than `per_second` characters a second, pasted ones aside."""
    per_second, counted, places = int(options["per_second"]), False, []
    for place, utterance in numbered(transcript):
        if utterance.tele is None or utterance.tele.ms is None:
            continue
        counted = True
        typed = _typed(utterance)
        if typed >= LEAST_CHARACTERS and typed * 1000 > per_second * utterance.tele.ms:
            places.append(place)
    return Measured(len(places), tuple(places), whole(places)) if counted else Measured(None)


def _typed(utterance: Utterance) -> int:
    pasted = utterance.tele.paste_chars if utterance.tele else None
    return len(utterance.text) - (pasted or 0)


def say(value: Number | bool, options: Options) -> str:
    speed = f"faster than {options['per_second']} characters a second."
    return count(value, f"One utterance appeared {speed}", f"utterances appeared {speed}")


RULE = Rule(
    name="impossible_speed",
    measure=measure,
    say=say,
    nothing="It was not counted how the utterances were written.",
    doubt="A draft that came back after a reload, dictation and completed words look faster than they were.",
    options={"per_second": range(5, 101)},
)
FINDING = Finding(RULE, "Faster than typing", WARNING, "minimum", 2, {"per_second": 20})
