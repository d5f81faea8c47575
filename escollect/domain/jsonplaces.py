"""Where a value stands in a JSON text: for errors that name a key, found only when there is one to tell."""

from __future__ import annotations

import re
from json import JSONDecoder

_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")
_BLANKS = re.compile(r"[ \t\r\n]*")
_DECODER = JSONDecoder()


def find_value(text: str, key: str) -> int:
    """The offset in `text`, one JSON value, of what stands under a key such as `dialog[3].speaker`.

    Where the key is missing it is the offset of the innermost value that is there. Members are tried in
    their order; of two of one name the last counts, as in the decoder.
    """
    at = _skip(text, 0)
    for step in _STEP.finditer(key):
        try:
            found = _element(text, at, int(step[1])) if step[1] else _member(text, at, step[2])
        except (ValueError, IndexError, RecursionError):
            found = None
        if found is None:
            break
        at = found
    return at


def _skip(text: str, at: int) -> int:
    blanks = _BLANKS.match(text, at)
    return blanks.end() if blanks else at


def _member(text: str, at: int, name: str) -> int | None:
    found = None
    if text[at] != "{":
        return found
    at = _skip(text, at + 1)
    while text[at] == '"':
        key, at = _DECODER.raw_decode(text, at)
        value = _skip(text, _skip(text, at) + 1)
        if key == name:
            found = value
        at = _skip(text, _DECODER.raw_decode(text, value)[1])
        at = _skip(text, at + 1) if text[at] == "," else at
    return found


def _element(text: str, at: int, index: int) -> int | None:
    if text[at] != "[":
        return None
    at = _skip(text, at + 1)
    for _ in range(index):
        at = _skip(text, _DECODER.raw_decode(text, at)[1])
        if text[at] != ",":
            return None
        at = _skip(text, at + 1)
    return None if text[at] == "]" else at
