"""Near-copies: sketches that an index can find, and the comparison that decides.

A text is the set of its pairs of neighbouring words. A sketch is MinHash in bands (Broder 1997): two texts
share the key of a band with a probability that rises steeply with the share of pairs that both have.
"""

from __future__ import annotations

import re
import struct
from functools import lru_cache
from hashlib import blake2b
from itertools import pairwise

LEAST_WORDS = 12
"""Shorter utterances are alike by nature: greetings, thanks, goodbyes."""

BANDS = 6
ROWS = 4
ALIKE = 0.6
"""From this share of common pairs on it is a copy: one word in twelve may differ."""

_WORDS = re.compile(r"[^\W_]+")
_HASHES = struct.Struct(f"<{BANDS * ROWS}H")
_KEYS = struct.Struct(f"<{BANDS}q")


def get_pairs(text: str) -> frozenset[str]:
    """The pairs of neighbouring words, without case and punctuation."""
    words = _WORDS.findall(text.lower().replace("'", "").replace("\u2019", ""))
    return frozenset(map(" ".join, pairwise(words)))


def sketch(text: str) -> tuple[int, ...] | None:
    """The keys of the six bands, as signed numbers of 64 bits; None for a text that is too short."""
    if text.count(" ") + 1 < LEAST_WORDS:
        return None
    pairs = get_pairs(text)
    if len(pairs) + 1 < LEAST_WORDS:
        return None
    smallest = [min(column) for column in zip(*map(_hash, pairs), strict=True)]
    return _KEYS.unpack(_HASHES.pack(*smallest))


def get_likeness(one: str, other: str) -> float:
    """The share of word pairs that both texts have, of all that either has: 0 to 1."""
    mine, theirs = get_pairs(one), get_pairs(other)
    return len(mine & theirs) / len(mine | theirs) if mine or theirs else 0.0


@lru_cache(maxsize=8192)
def _hash(pair: str) -> tuple[int, ...]:
    return _HASHES.unpack(blake2b(pair.encode(), digest_size=_HASHES.size).digest())
