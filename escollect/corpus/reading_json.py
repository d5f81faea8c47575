"""JSON arrays and JSON lines, read one record at a time with their places."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, NoReturn

from escollect.corpus.places import FileRefused, Found, Place, Unreadable

CHUNK = 1 << 20
RECORD_LIMIT = 16 << 20
SHOWN = 120
_BLANKS = " \t\r\n"


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def _why(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return error.msg
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)


def read_lines(file: BinaryIO, start: int) -> Iterator[Found | Unreadable]:
    """The records of JSON lines from byte `start` on; blank lines are passed over."""
    file.seek(start)
    at = Place(1, start)
    while data := file.readline(RECORD_LIMIT):
        if len(data) >= RECORD_LIMIT:
            raise FileRefused(f"A line is longer than 16 MiB ({at}); this is no file of conversations.")
        if data.strip():
            yield _read_line(data, at)
        at = Place(at.line + 1, at.byte + len(data))


def _read_line(data: bytes, at: Place) -> Found | Unreadable:
    try:
        text = data.decode()
        return Found(_DECODER.decode(text), at, text)
    except UnicodeDecodeError as error:
        shown, place = data.decode(errors="backslashreplace"), Place(at.line, at.byte + error.start)
        why = "this line is not UTF-8 text"
    except (ValueError, RecursionError) as error:
        shown, why = text, f"this line is no JSON: {_why(error)}"
        place = at.after(text[: error.pos]) if isinstance(error, json.JSONDecodeError) else at
    return Unreadable(shown[:SHOWN].strip(), why, place)


@dataclass
class _Array:
    """A window on the file: `text` from `at` on is what is not read yet; at `mark` stands `base`."""

    file: BinaryIO
    base: Place
    text: str = ""
    at: int = 0
    mark: int = 0
    index: int = 0
    undecoded: bytes = b""

    def more(self) -> bool:
        """Read another chunk, doubling what is held; False at the end of the file."""
        self.place()
        rest = self.text[self.at :]
        chunk = self.file.read(max(CHUNK, len(rest)))
        data = self.undecoded + chunk
        try:
            text, used = codecs.utf_8_decode(data, "strict", not chunk)
        except UnicodeDecodeError as error:
            where = self.base.after(rest + data[: error.start].decode())
            raise FileRefused(f"The file is not UTF-8 text ({where}). Save it as UTF-8.") from error
        self.text, self.at, self.mark, self.undecoded = rest + text, 0, 0, data[used:]
        return bool(chunk)

    def place(self) -> Place:
        """Where the window stands."""
        self.base = self.base.after(self.text[self.mark : self.at])
        self.mark = self.at
        return self.base

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
            raise self.broken(f"{' or '.join(wanted)} was expected, {shown} was found", self.place())
        self.at += 1

    def broken(self, why: str, at: Place) -> FileRefused:
        return FileRefused(f"The array breaks at record {self.index} ({at}): {why}.")

    def value(self) -> Found:
        """The next value. What looks broken may only be cut off, so more is read before it is refused."""
        while True:
            self.char()
            try:
                value, end = _DECODER.raw_decode(self.text, self.at)
            except (ValueError, RecursionError) as error:
                broken = error.pos - self.at if isinstance(error, json.JSONDecodeError) else None
                if broken is not None and len(self.text) - self.at < RECORD_LIMIT and self.more():
                    continue
                at = self.place().after(self.text[self.at : self.at + (broken or 0)])
                raise self.broken(_why(error), at) from error
            # A number at the very end of the window may go on in the next chunk.
            if end == len(self.text) and self.more():
                continue
            found = Found(value, self.place(), self.text[self.at : end])
            self.at = end
            return found


def read_array(file: BinaryIO, start: int) -> Iterator[Found]:
    """The records of a JSON array from byte `start` on. Raises FileRefused where it breaks off: after a
    broken record nothing that follows can be trusted.
    """
    file.seek(start)
    window = _Array(file, Place(1, start))
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
        raise FileRefused(
            f"After the array there is more ({window.place()}): {rest!r}. The file must hold one array."
        )
