"""The seeker's last feedback scores in the chat (paper, section 4.3: where the survey is missing)."""

from __future__ import annotations

from escollect.domain.quality.rules.base import Measured, Number, Options, Rule, seqs, show
from escollect.domain.transcript import Transcript


def measure(transcript: Transcript, options: Options) -> Measured:
    """The lowest of the last `count` feedback scores, 1 to 5; nothing where there are fewer."""
    count = int(options["count"])
    last = [u for u in transcript.utterances if u.feedback is not None][-count:]
    if len(last) < count:
        return Measured(None, seqs(last))
    return Measured(min(u.feedback for u in last if u.feedback is not None), seqs(last))


def say(value: Number | bool, options: Options) -> str:
    if options["count"] == 1:
        return f"The last feedback in the chat is {show(value)} of 5."
    return f"The lowest of the last {options['count']} feedback scores is {show(value)} of 5."


RULE = Rule(
    name="last_feedback",
    measure=measure,
    say=say,
    nothing="The seeker gave too few feedback scores in the chat.",
    doubt="The stars ask for the latest utterances only; the end of a chat is often small talk.",
    unit="of 5",
    options={"count": range(1, 11)},
)
