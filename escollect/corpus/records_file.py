"""Writing a file of conversations in any dialect, one record at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from escollect.domain.dialects import Container, Dialect
from escollect.domain.transcript import Transcript

NOTHING: Mapping[str, str] = MappingProxyType({})


class Writable(Protocol):
    """What takes texts: a hashed file of a release, or any text file."""

    def write(self, text: str, /) -> object:
        """Append a text."""


@dataclass
class RecordsFile:
    """A file in a dialect; `count` records are in it so far."""

    file: Writable
    dialect: Dialect
    count: int = 0

    def add(
        self, transcript: Transcript, extras: Mapping[str, str] = NOTHING, utterance_ids: Sequence[str] = ()
    ) -> None:
        """Append a record. Raises ValueError when the dialect cannot hold it; nothing was written then."""
        text = self.dialect.write(transcript, extras, utterance_ids)
        if self.dialect.container is Container.ARRAY:
            self.file.write(",\n" if self.count else "[\n")
        elif not self.count:
            self.file.write(self.dialect.header)
        self.file.write(text)
        self.count += 1

    def close(self) -> None:
        """End the file; one without records is an empty array, an empty file or a header."""
        if self.dialect.container is Container.ARRAY:
            self.file.write("\n]\n" if self.count else "[]\n")
        elif not self.count:
            self.file.write(self.dialect.header)
