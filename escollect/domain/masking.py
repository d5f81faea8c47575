"""Words that are hidden from what is published: which a person can choose, and what stands in their place.

Offsets count code points, as Python does; an end is exclusive.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

TOKEN = "[hidden]"
"""What stands for a hidden stretch: one word to every count of words."""

Range = tuple[int, int]

# Scripts that write without blanks are chosen sign by sign; elsewhere a word is what stands between blanks.
_SOLID = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0e7f"
_CHUNK = re.compile(rf"[{_SOLID}]|[^\s{_SOLID}]+")
_EDGE = re.compile(r"^\W+|\W+$")


@dataclass(frozen=True, slots=True)
class Word:
    """A stretch of a text that can be hidden."""

    start: int
    end: int
    text: str


def split_words(text: str) -> list[Word]:
    """The words of a text without the punctuation around them; an address or a number stays whole.

    What is nothing but punctuation is no word, unless it is a sign of its own (an emoji, say).
    """
    words = []
    for chunk in _CHUNK.finditer(text):
        start, end = chunk.span()
        head = _EDGE.match(chunk[0])
        if head and head.end() < len(chunk[0]):
            start += head.end()
        rest = text[start:end]
        tail = _EDGE.search(rest) if re.search(r"\w", rest) else None
        end -= len(rest) - tail.start() if tail and tail.start() else 0
        words.append(Word(start, end, text[start:end]))
    return words


def merge(ranges: Iterable[Range]) -> list[Range]:
    """The ranges in order, those that touch or overlap as one."""
    merged: list[Range] = []
    for start, end in sorted(ranges):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def join_words(text: str, ranges: Iterable[Range]) -> list[Range]:
    """The ranges in order, neighbours that only blanks part as one, so that a name is hidden as a whole."""
    joined: list[Range] = []
    for start, end in merge(ranges):
        if joined and not text[joined[-1][1] : start].strip():
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def hide(text: str, ranges: Iterable[Range]) -> str:
    """The text with every range replaced by the token; ranges beyond its end are cut off."""
    parts, at = [], 0
    for start, end in merge((min(start, len(text)), min(end, len(text))) for start, end in ranges):
        if end > start:
            parts += [text[at:start], TOKEN]
            at = end
    return "".join([*parts, text[at:]])
