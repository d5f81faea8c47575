"""Words that may mean somebody is in danger from themselves."""

from __future__ import annotations

from escollect.domain.quality.rules.base import URGENT, Finding, Measured, Number, Options, Rule, count
from escollect.domain.quality.rules.lexicon import Lexicon
from escollect.domain.transcript import Transcript

_SELF = r"(?:myself|my self|yourself|himself|herself|themselves)"
WORDS = Lexicon(
    {
        "suicid": r"suicid(?:e|al|ality)|unalive",
        "kill": rf"(?:kill|killing|killed|hang|hanging|shoot|shooting) {_SELF}",
        "hang": rf"(?:hang|hanging) {_SELF}",
        "shoot": rf"shoot(?:ing)? {_SELF}",
        "life": (
            r"(?:end|ending|ended|take|taking|took) (?:it all|(?:my|his|her|their|your)(?: own)? life)"
            r"|(?:my )?life (?:is not|isn't|isnt|is no longer|no longer) worth (?:living|it)"
        ),
        "end it all": r"end(?:ing)? it all",
        "die": (
            r"(?:want(?:ed|s|ing)?|wish(?:ed|ing)?|wanna|rather|ready) (?:to |i could )?(?:just )?die"
            r"|better off (?:if i (?:died|die)|dead)"
        ),
        "dead": r"(?:better off|wish i (?:was|were)|want to be|rather be|be better off) dead",
        "alive": r"(?:not|don't|dont|no longer|didn't) want(?:ed)? to be alive",
        "live": r"(?:not|don't|dont|no longer|didn't) want(?:ed)? to live",
        "be here": r"(?:not|don't|dont|no longer|didn't) want(?:ed)? to be here any ?more",
        "reason": r"no (?:reason|point) (?:to|in|for) (?:live|living|going on|go on)(?: any ?more)?",
        "point": r"no point (?:to|in) (?:live|living|life|going on)",
        "harm": r"self[- ]?harm(?:s|ed|ing)?|harm(?:ed|ing)? (?:myself|yourself|herself|himself)",
        "hurt": r"hurt(?:ing)? (?:myself|yourself|herself|himself)",
        "cut": r"cut(?:ting)? (?:myself|my wrists?|my arms?|yourself|herself|himself)",
        "wrist": r"slit(?:ting)? (?:my|her|his) wrists?",
        "overdos": r"overdos(?:e|ed|ing)",
        "pills": r"(?:take|took|taking|swallow\w*) (?:all|a bunch|a lot|too many)(?: of)?(?: my| the)? pills",
        "jump": r"jump(?:ing|ed)? (?:off|from) (?:a |the )?(?:bridge|roof|building)",
    }
)


def measure(transcript: Transcript, _options: Options) -> Measured:
    """How many texts, open survey answers included, hold words of death or harm to oneself."""
    return WORDS.measure(transcript, surveys=True)


def say(value: Number | bool, _options: Options) -> str:
    rest = "words of suicide or of harming oneself."
    return count(value, f"One text holds {rest}", f"texts hold {rest}")


RULE = Rule(
    name="self_harm",
    measure=measure,
    say=say,
    nothing="There is nothing to look at.",
    doubt="It may be about somebody else, long ago, or a supporter who rightly asked: words cannot tell.",
    unit="texts",
)
FINDING = Finding(RULE, "Words of self-harm", URGENT, "minimum", 1)
