"""Words that are looked for in a conversation, quickly: a pattern is tried only where its stem stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from escollect.domain.quality.rules.base import Measured, Span
from escollect.domain.quality.rules.texts import get_texts
from escollect.domain.transcript import Transcript


class Lexicon:
    """Patterns by a stem that every match holds, in small letters; case never counts.

    A typographic apostrophe is read as a plain one. Offsets are those of the original text.
    """

    def __init__(self, patterns: Mapping[str, str]) -> None:
        self.patterns = dict(patterns)

    def measure(self, transcript: Transcript, *, surveys: bool = False) -> Measured:
        """How many texts hold any of the words, with the place of each."""
        texts = [(place, fold(text)) for place, text in get_texts(transcript, surveys=surveys)]
        everything = "\n".join(text for _, text in texts)
        patterns = [pattern for stem, pattern in self.patterns.items() if stem in everything]
        if not patterns:
            return Measured(0)
        words = _compile("|".join(patterns))
        spans: list[Span] = []
        struck = 0
        for place, text in texts:
            found = [Span(place.seq, place.field, *match.span()) for match in words.finditer(text)]
            struck += bool(found)
            spans.extend(found)
        places = sorted({span.seq for span in spans if span.seq is not None})
        return Measured(struck, tuple(places), tuple(spans))


@lru_cache(maxsize=256)
def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)")


def fold(text: str) -> str:
    """The text in small letters with plain apostrophes, at the same length."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(low if len(low := one.lower()) == 1 else one for one in text)
    return lowered.replace("\u2019", "'")
