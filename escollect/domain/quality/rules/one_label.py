"""One strategy on nearly every utterance of the supporter."""

from __future__ import annotations

from collections import Counter

from escollect.domain.quality.rules.base import (
    WARNING,
    Finding,
    Measured,
    Number,
    Options,
    Rule,
    numbered,
    whole,
)
from escollect.domain.transcript import Transcript

LEAST_LABELS = 6


def measure(transcript: Transcript, _options: Options) -> Measured:
    """The percentage of labelled utterances that carry the commonest strategy; nothing below six labels."""
    labelled = [
        (place, utterance.strategy) for place, utterance in numbered(transcript) if utterance.strategy
    ]
    if len(labelled) < LEAST_LABELS:
        return Measured(None)
    label, often = Counter(strategy for _, strategy in labelled).most_common(1)[0]
    places = [place for place, strategy in labelled if strategy == label]
    return Measured(100 * often / len(labelled), tuple(places), whole(places))


def say(value: Number | bool, _options: Options) -> str:
    return f"The same strategy is on {value:.0f} % of the supporter's utterances."


RULE = Rule(
    name="one_label",
    measure=measure,
    say=say,
    nothing="There are too few utterances with a strategy.",
    doubt="Some conversations need little but one thing, such as questions to somebody who tells slowly.",
    unit="%",
)
FINDING = Finding(RULE, "One strategy throughout", WARNING, "minimum", 80)
