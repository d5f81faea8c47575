"""Words that are looked for in a conversation, quickly: a pattern is tried only where its stem stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from escollect.domain.quality.rules.base import Measured
from escollect.domain.quality.rules.texts import Hit, get_texts, measure_hits
from escollect.domain.transcript import Transcript


class Lexicon:
    """Patterns by a stem that every match holds, in small letters; case never counts.

    A typographic apostrophe is read as a plain one. Offsets are those of the original text.
    """

    def __init__(self, patterns: Mapping[str, str]) -> None:
        self.patterns = dict(patterns)

    def measure(self, transcript: Transcript, *, surveys: bool = False) -> Measured:
        """How many texts hold any of the words, with the place of each."""
        texts = get_texts(transcript, surveys=surveys)
        everything = fold("\n".join(text for _, text in texts))
        stems = tuple(stem for stem in self.patterns if stem in everything)
        return measure_hits(
            [(place, self._find(fold(text), stems)) for place, text in texts] if stems else []
        )

    def _find(self, text: str, stems: tuple[str, ...]) -> list[Hit]:
        mine = tuple(stem for stem in stems if stem in text)
        if not mine:
            return []
        words = _compile("|".join(self.patterns[stem] for stem in mine))
        return [match.span() for match in words.finditer(text)]


@lru_cache(maxsize=256)
def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)")


def fold(text: str) -> str:
    """The text in small letters with plain apostrophes, at the same length."""
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(low if len(low := one.lower()) == 1 else one for one in text)
    return lowered.replace("\u2019", "'")
