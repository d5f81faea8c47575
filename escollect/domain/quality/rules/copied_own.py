"""Long utterances that the same person has sent in an earlier conversation."""

from __future__ import annotations

from escollect.domain.quality.rules.base import INFO, Finding, Measured, Number, Options, Rule, Span, count
from escollect.domain.transcript import Transcript

COMPARED, LEFT_OUT = "compared", "left_out"
ONE_FILE = {"one_file": (COMPARED, LEFT_OUT)}
"""Whether conversations of one imported file count as copies of each other."""


def measure(transcript: Transcript, options: Options) -> Measured:
    """How many long utterances stood nearly word for word in an earlier conversation of their writer."""
    return find_copies(transcript, options, own=True)


def find_copies(transcript: Transcript, options: Options, *, own: bool) -> Measured:
    """The copies from the writer's own (or other people's) conversations; nothing where nobody searched."""
    if transcript.copies is None:
        return Measured(None)
    wide = options["one_file"] == COMPARED
    copies = [copy for copy in transcript.copies if copy.own is own and (wide or not copy.one_file)]
    places = sorted({copy.seq for copy in copies})
    spans = tuple(Span(copy.seq, other=copy.conversation, other_seq=copy.other_seq) for copy in copies)
    return Measured(len(places), tuple(places), spans)


def say(value: Number | bool, _options: Options) -> str:
    return count(
        value,
        "One long utterance stood in an earlier conversation of the same person.",
        "long utterances stood in earlier conversations of the same person.",
    )


RULE = Rule(
    name="copied_own",
    measure=measure,
    say=say,
    nothing="Nobody searched for copies.",
    doubt="People have their own way of greeting, of explaining a method and of saying goodbye.",
    options=ONE_FILE,
)
FINDING = Finding(RULE, "Own text again", INFO, "minimum", 2, {"one_file": COMPARED})
