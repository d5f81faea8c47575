"""Whether the seeker answered the survey after the chat (paper, section 4.3)."""

from __future__ import annotations

from escollect.domain.quality.rules.base import Measured, Number, Options, Rule
from escollect.domain.transcript import Transcript


def measure(transcript: Transcript, _options: Options) -> Measured:
    """Whether any of empathy, relevance and final intensity was given by the seeker."""
    return Measured(transcript.seeker_answered)


def say(value: Number | bool, _options: Options) -> str:
    return (
        "The seeker answered the survey after the chat."
        if value
        else "The seeker did not answer the survey after the chat."
    )


RULE = Rule(
    name="seeker_survey",
    measure=measure,
    say=say,
    nothing="It is not known whether the survey was answered.",
    doubt="A survey can be missing because the line broke, and says nothing about the chat then.",
    yes_or_no=True,
)
