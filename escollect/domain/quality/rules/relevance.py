"""How far the supporter kept to the seeker's problem, in the seeker's eyes (paper, Table 2)."""

from __future__ import annotations

from escollect.domain.quality.rules.base import Measured, Number, Options, Rule, show
from escollect.domain.transcript import Transcript


def measure(transcript: Transcript, _options: Options) -> Measured:
    """The seeker's relevance score, 1 to 5."""
    return Measured(transcript.relevance)


def say(value: Number | bool, _options: Options) -> str:
    return f"The seeker rated the supporter's relevance {show(value)} of 5."


RULE = Rule(
    name="relevance",
    measure=measure,
    say=say,
    nothing="The seeker did not rate the supporter's relevance.",
    doubt="One person's impression; some give everybody the same score.",
    unit="of 5",
)
