"""Tables of utterances, read one conversation at a time with the places of its rows."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from escollect.corpus.places import FileRefused, Found, Place, Unreadable
from escollect.domain.dialects.table import ALIASES, NEEDED

LINE_LIMIT = 16 << 20
ROWS_LIMIT = 10_000
SHOWN = 120
DELIMITERS = ",;\t"


@dataclass
class _Lines:
    """The lines of the file, for the csv module; `next` is where the next one begins."""

    file: BinaryIO
    next: Place

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        data = self.file.readline(LINE_LIMIT)
        if not data:
            raise StopIteration
        if len(data) >= LINE_LIMIT:
            raise FileRefused(f"A line is longer than 16 MiB ({self.next}); this is no table of utterances.")
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            at = Place(self.next.line, self.next.byte + error.start)
            raise FileRefused(f"The file is not UTF-8 text ({at}). Save it as UTF-8.") from error
        self.next = Place(self.next.line + 1, self.next.byte + len(data))
        return text


@dataclass
class _Group:
    """The rows of one conversation; `bad` is the first of them that cannot be read."""

    name: str
    rows: list[dict[str, str]] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    bad: Unreadable | None = None

    def add(self, columns: Sequence[str], cells: Sequence[str], at: Place) -> None:
        """Take a row in; missing cells at its end are empty."""
        if len(self.rows) >= ROWS_LIMIT:
            raise FileRefused(
                f"More than {ROWS_LIMIT} rows have the conversation {self.name[:SHOWN]!r} ({at}). "
                "Give every conversation a name of its own."
            )
        if self.bad is None:
            self.bad = _check_row(self.name, columns, cells, at)
        self.rows.append(dict(zip(columns, (*cells, *[""] * len(columns)), strict=False)))
        self.places.append(at)

    def result(self) -> Found | Unreadable:
        """The record, or why it is none."""
        return self.bad or Found(self.rows, self.places[0], rows=tuple(self.places))


def _check_row(name: str, columns: Sequence[str], cells: Sequence[str], at: Place) -> Unreadable | None:
    if not name.strip():
        return Unreadable(",".join(cells)[:SHOWN], "this row does not say which conversation it is of", at)
    if len(cells) > len(columns):
        why = f"this row has {len(cells)} cells, and the header has {len(columns)}"
        return Unreadable(",".join(cells)[:SHOWN], why, at)
    return None


def read_table(file: BinaryIO, start: int) -> Iterator[Found | Unreadable]:
    """The conversations of a table from byte `start` on: consecutive rows of one `conversation`.

    Raises FileRefused for a file without the columns that are needed, and where quotes break off.
    """
    file.seek(start)
    lines = _Lines(file, Place(1, start))
    columns, delimiter = _read_header(next(lines, ""))
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    group: _Group | None = None
    at = lines.next
    try:
        for cells in reader:
            if cells:
                name = dict(zip(columns, cells, strict=False)).get("conversation", "")
                if group is not None and group.name != name:
                    yield group.result()
                    group = None
                group = group or _Group(name)
                group.add(columns, cells, at)
            at = lines.next
    except csv.Error as error:
        raise FileRefused(f"The table breaks in the row that begins at {at}: {error}.") from error
    if group is not None:
        yield group.result()


def _read_header(line: str) -> tuple[list[str], str]:
    """The columns under our names, and what separates them."""
    for delimiter in DELIMITERS:
        try:
            cells = next(csv.reader([line], delimiter=delimiter, strict=True), [])
        except csv.Error:
            continue
        columns = [ALIASES.get(cell.strip(), cell.strip()) for cell in cells]
        if NEEDED.issubset(columns):
            return columns, delimiter
    raise FileRefused(
        "The file is neither a JSON array of records nor JSON lines, nor a table whose first line names the "
        f"columns {', '.join(sorted(NEEDED))}."
    )
