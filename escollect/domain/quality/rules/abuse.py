"""Words that insult, threaten or harass the other person."""

from __future__ import annotations

from escollect.domain.quality.rules.base import WARNING, Finding, Measured, Number, Options, Rule, count
from escollect.domain.quality.rules.lexicon import Lexicon
from escollect.domain.transcript import Transcript

_VERY = r"(?:just |so |such |really |all |an? |complete |total |real |fucking )*"
_YOU = rf"(?:you are|you're|youre|you r|u r|ur) {_VERY}"
_ADJECTIVES = ("stupid", "dumb", "ugly", "pathetic", "worthless", "useless", "disgusting", "retarded")
_NOUNS = ("idiot", "moron", "loser", "bitch", "asshole", "cunt", "whore", "slut", "freak", "trash", "garbage")
WORDS = Lexicon(
    {word: rf"{_YOU}{word}|you {word} \w+" for word in _ADJECTIVES}
    | {word: rf"{_YOU}{word}|you {word}(?= *[.,!?]|$)" for word in _NOUNS}
    | {
        "piece of shit": r"(?:you )?piece of shit",
        "fuck": r"fuck (?:you|u|off|yourself|ya)|you fucking \w+|dumb fuck",
        "screw": r"screw (?:you|u)(?! up)|go screw yourself",
        "shut": r"shut (?:the (?:fuck|hell) )?up,? (?:you|bitch|idiot|already)|shut the (?:fuck|hell) up",
        "stfu": r"stfu",
        "kill": r"(?:go|just) kill yourself|i(?:'ll| will| am going to|'m going to| want to) kill you",
        "hurt you": r"i(?:'ll| will| am going to|'m going to| want to) hurt you",
        "beat you": r"i(?:'ll| will| am going to|'m going to| want to) beat you",
        "kys": r"kys",
        "die": r"(?:go|please) (?:and )?die|hope you die",
        "i hate you": r"i hate you",
        "nude": r"(?:send|show)(?: me)? (?:your |some )?nudes?",
        "sex with": r"(?:have|want) sex with (?:you|me)",
        "nigg": r"nigg(?:er|a)s?",
        "fag": r"fag(?:got)?s?",
        "tranny": r"tranny",
        "kike": r"kikes?",
        "chink": r"chinks?",
    }
)


def measure(transcript: Transcript, _options: Options) -> Measured:
    """How many utterances insult, threaten or harass somebody."""
    return WORDS.measure(transcript)


def say(value: Number | bool, _options: Options) -> str:
    rest = "words that insult or threaten."
    return count(value, f"One utterance holds {rest}", f"utterances hold {rest}")


RULE = Rule(
    name="abuse",
    measure=measure,
    say=say,
    nothing="There is nothing to look at.",
    doubt="People quote what was done to them: “he told me you are worthless” is no insult to the partner.",
    unit="utterances",
)
FINDING = Finding(RULE, "Abuse", WARNING, "minimum", 1)
