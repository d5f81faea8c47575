"""What a rule is: a measurement of a transcript, with its words for people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from escollect.domain.transcript import Transcript, Utterance

Number = int | float
Options = Mapping[str, str | int]
OptionValues = tuple[str, ...] | range


INFO = "info"
WARNING = "warning"
URGENT = "urgent"
SEVERITIES: tuple[str, ...] = (INFO, WARNING, URGENT)


@dataclass(frozen=True, slots=True)
class Span:
    """Where a rule saw something: an utterance by its number, or a survey field by its name.

    `start` and `end` count characters of that text; without them all of it is meant. A copy names the
    earlier conversation (`other`) and the utterance there.
    """

    seq: int | None = None
    field: str = ""
    start: int | None = None
    end: int | None = None
    other: str = ""
    other_seq: int | None = None

    def as_json(self) -> dict[str, str | int]:
        """The place as it is stored: only what it has."""
        pairs = {
            "seq": self.seq,
            "field": self.field or None,
            "start": self.start,
            "end": self.end,
            "conversation": self.other or None,
            "other_seq": self.other_seq,
        }
        return {key: value for key, value in pairs.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Measured:
    """The value a rule found (None: there was nothing to measure) and the utterances it rests on.

    `spans` says for findings where in the text.
    """

    value: Number | bool | None
    evidence: tuple[int, ...] = ()
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A measurement that policies compare with a threshold, or take as it is when it is yes or no.

    `say` puts a measured value in words, `nothing` says why there is none, and `doubt` tells a
    reviewer how the rule can be wrong. `options` lists the values that each option may have; all
    options must be given.
    """

    name: str
    measure: Callable[[Transcript, Options], Measured]
    say: Callable[[Number | bool, Options], str]
    nothing: str
    doubt: str
    yes_or_no: bool = False
    unit: str = ""
    options: Mapping[str, OptionValues] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that points something out to a person and decides nothing.

    It strikes where the measured value is on that side of the number (`comparison` as in a policy);
    `severity` says how soon somebody should look. A policy may set all of these otherwise.
    """

    rule: Rule
    title: str
    severity: str
    comparison: str
    number: float
    options: Options = field(default_factory=dict)


def numbered(transcript: Transcript) -> Iterator[tuple[int, Utterance]]:
    """The utterances with their sequence numbers, or their places from 1 where they have none."""
    for place, utterance in enumerate(transcript.utterances, 1):
        yield (place if utterance.seq is None else utterance.seq), utterance


def whole(places: Iterable[int]) -> tuple[Span, ...]:
    """Spans over whole utterances."""
    return tuple(Span(seq=place) for place in places)


def count(value: Number | bool, one: str, many: str) -> str:
    """A sentence about a number of things: `one` where it is one, else `many` with the number in front."""
    return one if value == 1 else f"{show(value)} {many}"


def seqs(utterances: Iterable[Utterance]) -> tuple[int, ...]:
    """The sequence numbers of these utterances, where they have one."""
    return tuple(utterance.seq for utterance in utterances if utterance.seq is not None)


def show(value: Number) -> str:
    """A number for people: at most two decimals, none where it is whole."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
