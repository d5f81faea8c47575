"""Whether the conversation was brought to an end (paper, section 4.3, preliminary filter)."""

from __future__ import annotations

from escollect.domain.quality.rules.base import Measured, Number, Options, Rule
from escollect.domain.transcript import Transcript

PROPER_ENDS = frozenset({"done", "max_time"})


def measure(transcript: Transcript, _options: Options) -> Measured:
    """Whether it ended with `done` by either side or at the time limit; an import has no end
    reason.
    """
    proper = not transcript.end_reason or transcript.end_reason in PROPER_ENDS
    return Measured(transcript.finished and proper)


def say(value: Number | bool, _options: Options) -> str:
    return (
        "The conversation was finished."
        if value
        else "The conversation broke off before either side called it done."
    )


RULE = Rule(
    name="finished",
    measure=measure,
    say=say,
    nothing="It is not known how the conversation ended.",
    doubt="Both may have said goodbye and then closed the window instead of pressing the button.",
    yes_or_no=True,
)
