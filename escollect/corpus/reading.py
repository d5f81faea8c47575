"""Reading a file of records one at a time: a JSON array or JSON lines, without holding the file in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, TextIO

CHUNK = 1 << 20
RECORD_LIMIT = 16 << 20
_BLANKS = " \t\r\n"


class FileRefused(ValueError):
    """The file as a whole cannot be read; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line of a JSON lines file that is no JSON; `text` is its beginning."""

    text: str
    why: str


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def read_records(path: Path) -> Iterator[Any]:
    """The records of a JSON array or of JSON lines, in order; a bad line comes as Unreadable.

    Memory holds one record (16 MiB at most). Raises FileRefused for a file that is neither, is not UTF-8,
    or an array that breaks off: after a broken record nothing that follows in an array can be trusted.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            first = _first(file)
            if first == "[":
                yield from _read_array(file)
            elif first == "{":
                yield from _read_lines(file)
            else:
                raise FileRefused(f"{path.name} is neither a JSON array of records nor JSON lines.")
    except OSError as error:
        raise FileRefused(f"{path} cannot be read: {error.strerror}. Check the path.") from error
    except UnicodeDecodeError as error:
        raise FileRefused(
            f"{path.name} is not UTF-8 text (byte {error.start} of a block). Save it as UTF-8."
        ) from error


def _first(file: TextIO) -> str:
    """The first character that is no blank, with the file wound back to its start."""
    while (char := file.read(1)) and char in _BLANKS:
        pass
    file.seek(0)
    return char


def _read_lines(file: TextIO) -> Iterator[Any]:
    while line := file.readline(RECORD_LIMIT):
        if not line.strip():
            continue
        if len(line) >= RECORD_LIMIT:
            raise FileRefused("A line is longer than 16 MiB; this is no file of conversations.")
        try:
            yield _DECODER.decode(line)
        except (ValueError, RecursionError) as error:
            yield Unreadable(line[:120].strip(), f"this line is no JSON: {_why(error)}")


def _why(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at character {error.colno}"
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)


@dataclass
class _Array:
    """A window on the file: `text` from `at` on is what is not read yet."""

    file: TextIO
    text: str = ""
    at: int = 0
    index: int = 0

    def more(self) -> bool:
        """Read another chunk, doubling what is held; False at the end of the file."""
        chunk = self.file.read(max(CHUNK, len(self.text) - self.at))
        self.text, self.at = self.text[self.at :] + chunk, 0
        return bool(chunk)

    def char(self) -> str:
        """The next character that is no blank, without taking it; "" at the end."""
        while True:
            while self.at < len(self.text) and self.text[self.at] in _BLANKS:
                self.at += 1
            if self.at < len(self.text) or not self.more():
                return self.text[self.at : self.at + 1]

    def take(self, wanted: str) -> None:
        found = self.char()
        if found not in wanted or not found:
            shown = repr(found) if found else "the end of the file"
            raise FileRefused(
                f"The array breaks at record {self.index}: {' or '.join(wanted)} was expected, "
                f"{shown} was found."
            )
        self.at += 1

    def value(self) -> Any:
        """The next value. What looks broken may only be cut off, so more is read before it is refused."""
        while True:
            self.char()
            try:
                value, end = _DECODER.raw_decode(self.text, self.at)
            except (ValueError, RecursionError) as error:
                cut_off = isinstance(error, json.JSONDecodeError) and len(self.text) - self.at < RECORD_LIMIT
                if cut_off and self.more():
                    continue
                raise FileRefused(f"The array breaks at record {self.index}: {_why(error)}.") from error
            # A number at the very end of the window may go on in the next chunk.
            if end == len(self.text) and self.more():
                continue
            self.at = end
            return value


def _read_array(file: TextIO) -> Iterator[Any]:
    window = _Array(file)
    window.take("[")
    if window.char() == "]":
        window.take("]")
    else:
        while True:
            yield window.value()
            window.index += 1
            last = window.char() == "]"
            window.take(",]")
            if last:
                break
    rest = window.char()
    if rest:
        raise FileRefused(f"After the array there is more: {rest!r}. The file must hold one array.")
