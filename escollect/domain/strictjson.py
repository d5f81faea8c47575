"""JSON from strangers: decoded strictly or refused, never an exception of another kind."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

FRAME_LIMIT = 16 * 1024
MAX_DEPTH = 6
MAX_DIGITS = 15

_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)


class JsonError(ValueError):
    """A frame that is not what we read; `code` is too_large or bad_json."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _read_int(digits: str) -> int:
    if len(digits.lstrip("-")) > MAX_DIGITS:
        raise ValueError("integer too long")
    return int(digits)


def _read_float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("number out of range")
    return number


def _read_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("duplicate key")
    return found


def _check_size(raw: str) -> None:
    try:
        size = len(raw.encode())
    except UnicodeEncodeError:
        raise JsonError("bad_json") from None
    if size > FRAME_LIMIT:
        raise JsonError("too_large")


def _check_depth(raw: str) -> None:
    depth = 0
    for token in _TOKENS.finditer(raw):
        if token[0] in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise JsonError("bad_json")
        elif token[0] in "]}":
            depth -= 1


_DECODER = json.JSONDecoder(
    object_pairs_hook=_read_object,
    parse_constant=_refuse_constant,
    parse_float=_read_float,
    parse_int=_read_int,
)


def decode(raw: str) -> Any:
    """The value of a JSON text of at most 16 KiB (UTF-8), with at most six levels and no integer of
    more than 15 digits, no NaN or infinity, no duplicate key. Raises JsonError."""
    if len(raw) > FRAME_LIMIT:
        raise JsonError("too_large")
    if not raw.isascii():
        _check_size(raw)
    if raw.count("{") + raw.count("[") > MAX_DEPTH:
        _check_depth(raw)
    try:
        return _DECODER.decode(raw)
    except (ValueError, RecursionError):
        raise JsonError("bad_json") from None
