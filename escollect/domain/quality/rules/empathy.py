"""How well the supporter understood, in the seeker's eyes (paper, Table 2)."""

from __future__ import annotations

from escollect.domain.quality.rules.base import Measured, Number, Options, Rule, show
from escollect.domain.transcript import Transcript


def measure(transcript: Transcript, _options: Options) -> Measured:
    """The seeker's empathy score, 1 to 5."""
    return Measured(transcript.empathy)


def say(value: Number | bool, _options: Options) -> str:
    return f"The seeker rated the supporter's empathy {show(value)} of 5."


RULE = Rule(
    name="empathy",
    measure=measure,
    say=say,
    nothing="The seeker did not rate the supporter's empathy.",
    doubt="One person's impression; some give everybody the same score.",
    unit="of 5",
)
