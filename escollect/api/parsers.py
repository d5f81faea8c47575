from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from escollect.api.errors import TooLarge

BODY_LIMIT = 1024 * 1024


class StrictJSONParser(BaseParser):
    """One JSON object in UTF-8 of at most 1 MiB: no NaN or infinity, no key twice, no text that no
    database stores."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,  # noqa: ARG002  the framework's signature
        parser_context: Mapping[str, Any] | None = None,  # noqa: ARG002
    ) -> dict[str, Any]:
        raw = stream.read(BODY_LIMIT + 1)
        if len(raw) > BODY_LIMIT:
            raise TooLarge(f"The body is larger than {BODY_LIMIT} bytes. Nothing was stored.")
        try:
            value = _DECODER.decode(raw.decode())
            _check_text(value)
        except (ValueError, RecursionError) as error:
            raise ParseError(f"This is not valid JSON: {error}. Nothing was stored.") from error
        if not isinstance(value, dict):
            raise ParseError("The body must be one JSON object. Nothing was stored.")
        return value


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits} is out of range")
    return number


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key occurs twice in an object")
    return found


def _check_text(value: Any) -> None:
    """Raise ValueError for a lone surrogate or a NUL anywhere in the value."""
    if isinstance(value, str):
        value.encode()
        if "\0" in value:
            raise ValueError("a text holds the character NUL")
    elif isinstance(value, dict):
        for key, inner in value.items():
            _check_text(key)
            _check_text(inner)
    elif isinstance(value, list):
        for inner in value:
            _check_text(inner)


_DECODER = json.JSONDecoder(parse_constant=_refuse, parse_float=_float, object_pairs_hook=_unique)
