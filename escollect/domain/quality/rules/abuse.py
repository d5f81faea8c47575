"""Words that insult, threaten or harass the other person."""

from __future__ import annotations

from escollect.domain.quality.rules.base import WARNING, Finding, Measured, Number, Options, Rule, count
from escollect.domain.quality.rules.lexicon import Lexicon
from escollect.domain.transcript import Transcript

_INSULT = (
    r"(?:stupid|an? (?:fucking |complete |total |real )?"
    r"(?:idiot|moron|loser|bitch|asshole|cunt|whore|slut|pig|retard|freak|piece of shit)"
    r"|pathetic|disgusting|worthless|retarded|useless|dumb|ugly|trash|garbage)"
)
WORDS = Lexicon(
    {
        "fuck": r"(?:fuck|screw) (?:you|u|off|yourself)|fuck ya|go fuck yourself|stfu",
        "screw": r"screw (?:you|u)(?! up)",
        "shut": r"shut (?:the (?:fuck|hell) )?up,? (?:you|bitch|idiot|already)|^shut up[.! ]*$",
        "stfu": r"stfu",
        "you": (
            rf"(?:you are|you're|youre|you r|u r|ur) (?:just |so |such |really |a |all )*{_INSULT}"
            r"|you (?:stupid|fucking|dumb|ugly) \w+"
        ),
        "u r": rf"u r (?:just |so |such |really )*{_INSULT}",
        "kill": r"(?:go|just) kill yourself",
        "i": r"i(?:'ll| will| am going to|'m going to| want to) (?:kill|hurt|beat) you",
        "kys": r"kys",
        "die": r"(?:go|just|please) (?:and )?die|hope you die",
        "hate": r"i hate you",
        "nude": r"(?:send|show)(?: me)? (?:your |some )?(?:nudes?|tits|boobs)",
        "sex": r"(?:have|want) sex with (?:you|me)|sexy? (?:pics?|photos?|chat)",
        "nigg": r"nigg(?:er|a)s?",
        "fag": r"fag(?:got)?s?",
        "tranny": r"trann(?:y|ies)",
        "kike": r"kikes?",
        "paki": r"pakis?",
        "spic": r"spics?",
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
