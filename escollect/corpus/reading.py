"""Reading a file of conversations one at a time, in any dialect, without holding the file in memory."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from escollect.corpus.places import FileRefused, Found, Place, Unreadable
from escollect.corpus.reading_json import read_array, read_lines
from escollect.corpus.reading_table import read_table
from escollect.domain.dialects import Container, Dialect, recognise
from escollect.domain.esconv import RecordError, Vocabulary
from escollect.domain.transcript import Transcript

__all__ = ["FileRefused", "Read", "Refused", "read_records", "read_transcripts"]

_BLANKS = b" \t\r\n"
_PEEK = 1 << 12


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that cannot be read, with the place of what is wrong in it."""

    error: RecordError
    at: Place

    def as_dict(self) -> dict[str, Any]:
        """The error as commands print it."""
        return self.error.as_dict(str(self.at))


@dataclass(frozen=True, slots=True)
class Read:
    """A record that was read, with the place where it begins."""

    transcript: Transcript
    at: Place


def read_records(path: Path) -> Iterator[Found | Unreadable]:
    """The records of a JSON array, of JSON lines or of a table, in order; a bad line comes as Unreadable.

    Memory holds one record (16 MiB at most). Raises FileRefused for a file that is none of these, or an
    array or table that breaks off.
    """
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            raise FileRefused(f"{path.name} is no file, and must be one: it is read twice. Save it first.")
        with path.open("rb") as file:
            start, first = _first(file)
            read = {b"[": read_array, b"{": read_lines, b'"': _read_quoted}.get(first, read_table)
            yield from read(file, start)
    except OSError as error:
        raise FileRefused(f"{path} cannot be read: {error.strerror}. Check the path.") from error
    except FileRefused as error:
        raise FileRefused(f"{path.name} cannot be read. {error}") from error


def _first(file: BinaryIO) -> tuple[int, bytes]:
    """Where the text begins, after a byte order mark, and the first byte that is no blank."""
    start = len(codecs.BOM_UTF8) if file.read(3) == codecs.BOM_UTF8 else 0
    file.seek(start)
    while chunk := file.read(_PEEK):
        if rest := chunk.lstrip(_BLANKS):
            return start, rest[:1]
    return start, b""


def _read_quoted(file: BinaryIO, start: int) -> Iterator[Found | Unreadable]:
    """A first quote opens the header of a table, or a JSON string that holds a record."""
    file.seek(start)
    line = file.readline(_PEEK).lstrip()
    return (read_lines if line.startswith((b'"{', b'" ')) else read_table)(file, start)


def read_transcripts(
    path: Path, vocabulary: Vocabulary, dialect: Dialect | None = None
) -> Iterator[Read | Refused]:
    """The transcripts of a file; what cannot be read comes with its place.

    Without `dialect` every record is looked at for the one it is of. Raises FileRefused.
    """
    for index, found in enumerate(read_records(path)):
        if isinstance(found, Unreadable):
            yield Refused(RecordError(index, "", found.text, found.why), found.at)
            continue
        is_table = bool(found.rows)
        if dialect is not None and is_table != (dialect.container is Container.TABLE):
            kind = "a table" if is_table else "JSON"
            raise FileRefused(
                f"{path.name} is {kind}, and the dialect {dialect.name} is {dialect.container}."
            )
        try:
            transcript = (dialect or recognise(found.value)).read(found.value, index, vocabulary)
            yield Read(transcript, found.at)
        except RecordError as error:
            yield Refused(error, found.find(error.key, error.row))
