"""Answers that came sooner than the utterance before can be read."""

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
from escollect.domain.transcript import Transcript, Utterance

LEAST_WORDS = 12
"""A glance takes in less than that."""


def measure(transcript: Transcript, options: Options) -> Measured:
    """How many answers came before the partner's utterance could be read at `words_per_second`.

    Counts answers only: the utterance must have been on the writer's screen. Nothing without times.
    """
    fastest, timed, places = int(options["words_per_second"]), False, []
    before: tuple[int, Utterance] | None = None
    for place, utterance in numbered(transcript):
        if before is not None and before[1].role != utterance.role:
            took = _took(before, utterance)
            words = len(before[1].text.split())
            timed = timed or took is not None
            if took is not None and words >= LEAST_WORDS and words > fastest * took:
                places.append(place)
        before = (place, utterance)
    return Measured(len(places), tuple(places), whole(places)) if timed else Measured(None)


def _took(before: tuple[int, Utterance], utterance: Utterance) -> float | None:
    """Seconds from the utterance before to its answer; None where one of them is not known to be one."""
    place, said = before
    if said.at is None or utterance.at is None or utterance.seen is None or utterance.seen < place:
        return None
    return max(0.0, (utterance.at - said.at).total_seconds())


def say(value: Number | bool, _options: Options) -> str:
    rest = "sooner than the utterance before can be read."
    return count(value, f"One answer came {rest}", f"answers came {rest}")


RULE = Rule(
    name="speeding",
    measure=measure,
    say=say,
    nothing="It is not known when the utterances were sent.",
    doubt="Somebody who has begun to write goes on; a broken line delivers several at once.",
    options={"words_per_second": range(2, 51)},
)
FINDING = Finding(RULE, "Answers without reading", INFO, "minimum", 3, {"words_per_second": 8})
