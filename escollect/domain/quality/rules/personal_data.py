"""What tells who somebody is: names, handles, addresses and numbers to reach them."""

from __future__ import annotations

import re

from escollect.domain.quality.rules.base import WARNING, Finding, Measured, Number, Options, Rule, Span, count
from escollect.domain.quality.rules.texts import get_texts
from escollect.domain.transcript import Transcript

_NAME = r"[A-Z][a-z'\u2019-]{1,24}(?: [A-Z][a-z'\u2019-]{1,24})?"
_NO_NAME = r"(?!(?:on|not|in|the|a|an|also|too|mud|his|her|being|used|never|known|like|and)\b)"
_NUMBER = r"\+?(?:\d{1,2}[ .-])?\(?\d{2,4}\)?[ ./-]?\d{3}[ .-]?\d{3,4}(?:[ .-]?\d{2,4})?"
_STREET = r"(?:street|st|avenue|ave|road|rd|lane|ln|drive|boulevard|blvd)"
_ENDING = r"(?:com|org|net|edu|gov|co\.uk)"
_WHICH = r"(?:full |first |last |real )"
_SITES = r"(?:instagram|insta|snapchat|telegram|whatsapp|discord|skype|facebook)"

# By a stem that every match holds, in small letters; the name, where there is one, is the first group.
PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("@", re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")),
    ("@", re.compile(r"(?<![\w.@])@[A-Za-z_][\w.]{2,30}")),
    ("http", re.compile(r"https?://\S{3,}", re.IGNORECASE)),
    ("www.", re.compile(r"(?<!\w)www\.\S{3,}", re.IGNORECASE)),
    (".", re.compile(rf"(?<![\w@./])[a-z0-9-]{{2,63}}\.{_ENDING}(?:/\S*)?(?!\w)", re.IGNORECASE)),
    ("name", re.compile(rf"\bmy {_WHICH}?name(?: is|'s) {_NO_NAME}([a-z][\w'-]+)", re.IGNORECASE)),
    ("call me", re.compile(rf"\b(?:[Yy]ou can |[Pp]lease |[Jj]ust )?[Cc]all me ({_NAME})")),
    ("", re.compile(rf"(?<![\w.,/$\u20ac\u00a3-]){_NUMBER}(?![\w,/%])")),
    ("", re.compile(rf"\b\d{{1,5}} (?-i:[A-Z])[\w'-]+ {_STREET}\b", re.IGNORECASE)),
    (" ", re.compile(rf"\bmy {_SITES}(?: (?:is|name is|handle is)|:) (\S{{3,}})", re.IGNORECASE)),
)
_DIGITS = re.compile(r"\d")


def measure(transcript: Transcript, _options: Options) -> Measured:
    """How many texts, open survey answers included, hold a name, a handle, an address or a number."""
    spans: list[Span] = []
    struck = 0
    for place, text in get_texts(transcript, surveys=True):
        found = _find(text)
        struck += bool(found)
        spans.extend(Span(place.seq, place.field, start, end) for start, end in found)
    places = sorted({span.seq for span in spans if span.seq is not None})
    return Measured(struck, tuple(places), tuple(spans))


def _find(text: str) -> list[tuple[int, int]]:
    """The places of what tells who somebody is; of two that overlap the one that begins first."""
    lowered = text.lower()
    digits = _DIGITS.search(text) is not None
    found: list[tuple[int, int]] = []
    for stem, pattern in PATTERNS:
        if stem in lowered if stem else digits:
            found.extend(match.span(match.lastindex or 0) for match in pattern.finditer(text))
    kept: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept


def say(value: Number | bool, _options: Options) -> str:
    rest = "something that tells who a person is."
    return count(value, f"One text seems to hold {rest}", f"texts seem to hold {rest}")


RULE = Rule(
    name="personal_data",
    measure=measure,
    say=say,
    nothing="There is nothing to look at.",
    doubt="A help line's number, a well-known website or a made-up name may be published.",
    unit="texts",
)
FINDING = Finding(RULE, "Personal data", WARNING, "minimum", 1)
