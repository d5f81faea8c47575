"""What a person may write: which characters an utterance keeps, loses or is refused for."""

from __future__ import annotations

import re
import unicodedata

UTTERANCE_LIMIT = 2000
NOTE_LIMIT = 500

# A composed character stands for at most four code points, so a longer text cannot shrink enough.
_COMPOSITION = 4

_REFUSED = re.compile(
    "["
    "\x00-\x09\x0b-\x1f\x7f-\x9f"  # control characters except the newline
    "\ud800-\udfff"  # surrogates: alone, because Python joins pairs
    "\ufdd0-\ufdef"  # noncharacters, here and at the end of every plane
    + "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(17))
    + "]"
)
# Bidirectional overrides, embeddings, isolates; zero-width spaces, word joiner, byte order mark.
# The joiners U+200C and U+200D stay: Persian, Hindi and many emoji need them.
_STRIPPED = re.compile("[\u202a-\u202e\u2066-\u2069\u200b\u2060\ufeff]")
_VISIBLE = re.compile(r"[^\s\u200c\u200d\u200e\u200f\u00ad\u3164\u115f\u1160\u2800]")


class TextError(ValueError):
    """A text that cannot be stored; `code` is text_empty, text_too_long or text_chars."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def clean(raw: str, limit: int) -> str:
    """The text as it is stored: harmful invisible characters stripped, composed (NFC).

    The result may be empty. `limit` counts code points after cleaning.
    Raises TextError (text_chars, text_too_long).
    """
    if len(raw) <= limit and raw.isascii() and raw.isprintable():
        return raw
    if _REFUSED.search(raw):
        raise TextError("text_chars")
    stripped = _STRIPPED.sub("", raw)
    if len(stripped) > limit * _COMPOSITION:
        raise TextError("text_too_long")
    text = unicodedata.normalize("NFC", stripped)
    if len(text) > limit:
        raise TextError("text_too_long")
    return text


def clean_utterance(raw: str) -> str:
    """An utterance of 1 to 2,000 code points with something to see in it; spaces around it stay.

    Raises TextError (text_chars, text_too_long, text_empty).
    """
    text = clean(raw, UTTERANCE_LIMIT)
    if not _VISIBLE.search(text):
        raise TextError("text_empty")
    return text
