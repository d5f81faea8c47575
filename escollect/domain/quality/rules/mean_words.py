"""How long one role's utterances are on average (paper, Table 2: supporter 8 words, seeker 6)."""

from __future__ import annotations

from escollect.domain.quality.rules.base import Measured, Number, Options, Rule, show
from escollect.domain.transcript import ROLES, Transcript


def measure(transcript: Transcript, options: Options) -> Measured:
    """Words split at white space, averaged per utterance (not per turn) of the role."""
    said = transcript.by(str(options["role"]))
    if not said:
        return Measured(None)
    return Measured(sum(len(utterance.text.split()) for utterance in said) / len(said))


def say(value: Number | bool, options: Options) -> str:
    return f"The {options['role']}'s utterances are {show(value)} words long on average."


RULE = Rule(
    name="mean_words",
    measure=measure,
    say=say,
    nothing="There is no utterance of that side to measure.",
    doubt="Somebody who sends each sentence as a message of its own looks brief and is not.",
    unit="words",
    options={"role": ROLES},
)
