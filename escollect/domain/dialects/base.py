"""What a dialect is: one way in which public files spell the conversations of a corpus."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from escollect.domain.esconv import Vocabulary
from escollect.domain.transcript import Transcript


class Container(StrEnum):
    """How the records of a file stand in it."""

    ARRAY = "a JSON array"
    LINES = "JSON lines"
    TABLE = "a table"


@dataclass(frozen=True, slots=True)
class Dialect:
    """A slice: its name, a sentence for people, and the two ways between a transcript and a record.

    `read` takes a record (a JSON value; in a table the rows of one conversation), its index and the words
    that are accepted; it raises RecordError. `write` gives the record as it stands in the file, from a
    transcript, extra keys for the record and an id for each utterance (none of both if there are none); it
    raises ValueError for what `lacks` names. `recognises` says whether a record of a file whose dialect
    nobody named is of this one; `header` is the first line of a table.
    """

    name: str
    about: str
    suffix: str
    container: Container
    read: Callable[[Any, int, Vocabulary], Transcript]
    write: Callable[[Transcript, Mapping[str, str], Sequence[str]], str]
    lacks: Callable[[Transcript], tuple[str, ...]]
    recognises: Callable[[object], bool]
    header: str = ""


def lacks_words(transcript: Transcript) -> tuple[str, ...]:
    """What a dialect needs that can say of everything else that it is not known."""
    return () if transcript.utterances else ("nothing was said",)


def get_turns(record: object) -> list[Mapping[str, object]]:
    """The turns of a record, as far as they are objects."""
    if not isinstance(record, Mapping):
        return []
    turns = record.get("dialog")
    return [turn for turn in turns if isinstance(turn, Mapping)] if isinstance(turns, list) else []
