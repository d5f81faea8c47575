"""What is found in a file of conversations, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from escollect.domain.jsonplaces import find_value


class FileRefused(ValueError):
    """The file as a whole cannot be read; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file: the line from 1, the byte from 0."""

    line: int
    byte: int

    def __str__(self) -> str:
        return f"line {self.line}, byte {self.byte}"

    def after(self, text: str) -> Place:
        """The place right after this text."""
        return Place(self.line + text.count("\n"), self.byte + length(text))


@dataclass(frozen=True, slots=True)
class Found:
    """A record: its value, where it begins, and how it stands there (or the places of its rows)."""

    value: Any
    at: Place
    text: str = ""
    rows: tuple[Place, ...] = ()

    def find(self, key: str, row: int = 0) -> Place:
        """Where the value under a key stands; for what is missing, what should have held it."""
        if self.rows:
            return self.rows[row]
        return self.at.after(self.text[: find_value(self.text, key)])


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line or a row that cannot be read and may be skipped over; `text` is its beginning."""

    text: str
    why: str
    at: Place


def length(text: str) -> int:
    """The bytes of the text in UTF-8."""
    return len(text) if text.isascii() else len(text.encode())
