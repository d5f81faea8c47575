"""Long utterances that somebody else has sent in an earlier conversation."""

from __future__ import annotations

from escollect.domain.quality.rules.base import WARNING, Finding, Measured, Number, Options, Rule, count
from escollect.domain.quality.rules.copied_own import COMPARED, ONE_FILE, find_copies
from escollect.domain.transcript import Transcript


def measure(transcript: Transcript, options: Options) -> Measured:
    """How many long utterances stood nearly word for word in an earlier conversation of somebody else."""
    return find_copies(transcript, options, own=False)


def say(value: Number | bool, _options: Options) -> str:
    return count(
        value,
        "One long utterance stood in an earlier conversation of somebody else.",
        "long utterances stood in earlier conversations of other people.",
    )


RULE = Rule(
    name="copied_between",
    measure=measure,
    say=say,
    nothing="Nobody searched for copies.",
    doubt="Both may quote the same thing: the tutorial, a proverb, a help line's own words.",
    options=ONE_FILE,
)
FINDING = Finding(RULE, "Somebody else's text", WARNING, "minimum", 1, {"one_file": COMPARED})
