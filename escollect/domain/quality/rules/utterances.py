"""How many utterances the conversation has (paper, section 4.3, preliminary filter: at least 16)."""

from __future__ import annotations

from escollect.domain.quality.rules.base import Measured, Number, Options, Rule, show
from escollect.domain.transcript import Transcript


def measure(transcript: Transcript, _options: Options) -> Measured:
    """The number of utterances of both sides together."""
    return Measured(len(transcript.utterances))


def say(value: Number | bool, _options: Options) -> str:
    return f"The conversation has {show(value)} utterance{'' if value == 1 else 's'}."


RULE = Rule(
    name="utterances",
    measure=measure,
    say=say,
    nothing="There is nothing to count.",
    doubt="Length alone is no quality: some people write much in few messages.",
    unit="utterances",
)
