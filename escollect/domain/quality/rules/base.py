"""What a rule is: a measurement of a transcript, with its words for people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from escollect.domain.transcript import Transcript, Utterance

Number = int | float
Options = Mapping[str, str | int]
OptionValues = tuple[str, ...] | range


@dataclass(frozen=True, slots=True)
class Measured:
    """The value a rule found (None: there was nothing to measure) and the utterances it rests on."""

    value: Number | bool | None
    evidence: tuple[int, ...] = ()


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


def seqs(utterances: Iterable[Utterance]) -> tuple[int, ...]:
    """The sequence numbers of these utterances, where they have one."""
    return tuple(utterance.seq for utterance in utterances if utterance.seq is not None)


def show(value: Number) -> str:
    """A number for people: at most two decimals, none where it is whole."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
