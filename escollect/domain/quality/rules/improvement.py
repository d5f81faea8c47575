"""How much the seeker's emotion eased (paper, Table 2: initial minus final intensity)."""

from __future__ import annotations

from escollect.domain.quality.rules.base import Measured, Number, Options, Rule, show
from escollect.domain.transcript import Transcript


def measure(transcript: Transcript, _options: Options) -> Measured:
    """Initial minus final emotion intensity, -4 to 4; nothing where one of the two is missing."""
    before, after = transcript.initial_intensity, transcript.final_intensity
    return Measured(None if before is None or after is None else before - after)


def say(value: Number | bool, _options: Options) -> str:
    if value > 0:
        return f"The seeker's emotion intensity fell by {show(value)}."
    if value < 0:
        return f"The seeker's emotion intensity rose by {show(-value)}."
    return "The seeker's emotion intensity did not change."


RULE = Rule(
    name="improvement",
    measure=measure,
    say=say,
    nothing="The seeker's emotion intensity is not known from both before and after.",
    doubt="Seekers sometimes read the scale upside down; the open answers show it.",
    unit="points",
)
