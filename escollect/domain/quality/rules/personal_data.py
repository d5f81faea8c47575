"""What tells who somebody is: names, handles, addresses and numbers to reach them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from escollect.domain.quality.rules.base import WARNING, Finding, Measured, Number, Options, Rule, count
from escollect.domain.quality.rules.texts import Hit, get_texts, measure_hits
from escollect.domain.transcript import Transcript

_NAME = r"[A-Z][a-z'\u2019-]{1,24}(?: [A-Z][a-z'\u2019-]{1,24})?"
_NO_NAME = r"(?!(?:on|not|in|the|a|an|also|too|mud|his|her|being|used|never|known|like|and)\b)"
_WHICH = r"(?:full |first |last |real )"
_NUMBER = r"\+?(?:\d{1,2}[ .-])?\(?\d{2,4}\)?[ ./-]?\d{3}[ .-]?\d{3,4}(?:[ .-]?\d{2,4})?"
_STREET = r"(?:street|st|avenue|ave|road|rd|lane|ln|drive|boulevard|blvd)"
_ENDINGS = (".com", ".org", ".net", ".edu", ".gov", ".co.uk")
_SITES = ("instagram", "insta", "snapchat", "telegram", "whatsapp", "discord", "skype", "facebook")

# By a stem that every match holds, in small letters; the name, where there is one, is the first group.
PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("@", re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")),
    ("@", re.compile(r"(?<![\w.@])@[A-Za-z_][\w.]{2,30}")),
    ("http", re.compile(r"https?://\S{3,}", re.IGNORECASE)),
    ("www.", re.compile(r"(?<!\w)www\.\S{3,}", re.IGNORECASE)),
    *(
        (
            ending,
            re.compile(rf"(?<![\w@./])[a-z0-9-]{{2,63}}{re.escape(ending)}(?:/\S*)?(?!\w)", re.IGNORECASE),
        )
        for ending in _ENDINGS
    ),
    ("name", re.compile(rf"\bmy {_WHICH}?name(?: is|'s) {_NO_NAME}([a-z][\w'-]+)", re.IGNORECASE)),
    ("call me", re.compile(rf"\b(?:[Yy]ou can |[Pp]lease |[Jj]ust )?[Cc]all me ({_NAME})")),
    *(
        (f"my {site}", re.compile(rf"\bmy {site}(?: (?:is|name is|handle is)|:) (\S{{3,}})", re.IGNORECASE))
        for site in _SITES
    ),
)
NUMBERS: tuple[re.Pattern[str], ...] = (
    re.compile(rf"(?<![\w.,/$\u20ac\u00a3-]){_NUMBER}(?![\w,/%])"),
    re.compile(rf"\b\d{{1,5}} (?-i:[A-Z])[\w'-]+ {_STREET}\b", re.IGNORECASE),
)
"""Tried where there is a digit."""

_DIGIT = re.compile(r"\d")


def measure(transcript: Transcript, _options: Options) -> Measured:
    """How many texts, open survey answers included, hold a name, a handle, an address or a number."""
    texts = get_texts(transcript, surveys=True)
    everything = "\n".join(text for _, text in texts).lower()
    patterns = [pattern for stem, pattern in PATTERNS if stem in everything]
    return measure_hits([(place, _find(text, patterns)) for place, text in texts])


def _find(text: str, patterns: Sequence[re.Pattern[str]]) -> list[Hit]:
    """The places of what tells who somebody is; of two that overlap the one that begins first."""
    tried = (*patterns, *NUMBERS) if _DIGIT.search(text) else patterns
    found = sorted(match.span(match.lastindex or 0) for pattern in tried for match in pattern.finditer(text))
    kept: list[Hit] = []
    for start, end in found:
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
