"""Whether both roles said something (the corpus authors' rule for failed conversations)."""

from __future__ import annotations

from escollect.domain.quality.rules.base import Measured, Number, Options, Rule
from escollect.domain.transcript import ROLES, Transcript


def measure(transcript: Transcript, _options: Options) -> Measured:
    """Whether there is at least one utterance of each role."""
    spoke = {utterance.role for utterance in transcript.utterances}
    return Measured(spoke.issuperset(ROLES))


def say(value: Number | bool, _options: Options) -> str:
    return "Both sides wrote." if value else "One side never wrote."


RULE = Rule(
    name="both_spoke",
    measure=measure,
    say=say,
    nothing="There is nothing to look at.",
    doubt="A single greeting counts as having written.",
    yes_or_no=True,
)
