"""Utterances that were pasted, by the composer's count of pasted characters."""

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
from escollect.domain.transcript import Transcript


def measure(transcript: Transcript, options: Options) -> Measured:
    """How many utterances of `characters` or more were at least half pasted; nothing without any count."""
    least, counted, places = int(options["characters"]), False, []
    for place, utterance in numbered(transcript):
        if utterance.tele is None or utterance.tele.paste_chars is None:
            continue
        counted = True
        pasted = utterance.tele.paste_chars
        if pasted >= least and pasted * 2 >= len(utterance.text):
            places.append(place)
    return Measured(len(places), tuple(places), whole(places)) if counted else Measured(None)


def say(value: Number | bool, _options: Options) -> str:
    return count(value, "One utterance was at least half pasted.", "utterances were at least half pasted.")


RULE = Rule(
    name="pasted",
    measure=measure,
    say=say,
    nothing="It was not counted how the utterances were written.",
    doubt="Some write in another program first, for its spelling or because a hand or eye asks for it.",
    options={"characters": range(1, 2001)},
)
FINDING = Finding(RULE, "Pasted text", WARNING, "minimum", 1, {"characters": 60})
