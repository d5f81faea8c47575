"""Talk about the task instead of the problem: the survey, the pay, the button."""

from __future__ import annotations

from escollect.domain.quality.rules.base import INFO, Finding, Measured, Number, Options, Rule, count
from escollect.domain.quality.rules.lexicon import Lexicon
from escollect.domain.transcript import Transcript

WORDS = Lexicon(
    {
        "survey": r"(?:the|this|that|a|my|your|exit|post|end) survey|survey (?:link|code|page|question)s?",
        "hit": r"(?:this|another|my|your|next) hits?(?= (?:is|was|will|on|for|and|to|before)|\s*[.,!?]|$)",
        "turk": r"m?-?turk(?:ers?|ing)?|mechanical turk",
        "prolific": r"on prolific|prolific id",
        "worker": r"worker ?id|other workers?",
        "requester": r"requesters?",
        "code": r"(?:completion|survey|secret) code",
        "paid": r"(?:get|getting|got|be|being|been|are) paid for (?:this|chatting|the chat|the task|talking)",
        "bonus": r"(?:the|a|our|my|your) bonus(?= (?:for|is|if))",
        "click": r"click(?:ed|ing)? (?:on )?(?:the|that|quit|end|finish|done|submit|next|leave|exit)",
        "button": r"(?:quit|end|exit|finish|done|submit|leave|next) (?:chat )?button",
        "quit": r"(?:press|hit|click|push) (?:the )?quit",
        "task": r"(?:this|the) task (?:is|was|says|asks|needs|wants|requires)|finish (?:this|the) task",
        "minimum": r"minimum (?:number|amount|of \d+|messages|utterances|turns)",
        "messages": r"\d+ more messages|\d+ messages (?:to go|left|needed)",
        "utterances": r"\d+ (?:more )?utterances",
        "chatbot": r"(?:are|r) (?:you|u) (?:a )?chatbot",
        " bot": r"(?:are|r) (?:you|u) (?:a )?(?:chat ?)?bot",
        "experiment": r"(?:this|the) experiment",
    }
)


def measure(transcript: Transcript, _options: Options) -> Measured:
    """How many utterances speak of the survey, the work, the pay or the buttons."""
    return WORDS.measure(transcript)


def say(value: Number | bool, _options: Options) -> str:
    rest = "of the task instead of the problem."
    return count(value, f"One utterance speaks {rest}", f"utterances speak {rest}")


RULE = Rule(
    name="task_talk",
    measure=measure,
    say=say,
    nothing="There is nothing to look at.",
    doubt="Some ask at the end how to leave, and a seeker's own work may be surveys or tasks.",
    unit="utterances",
)
FINDING = Finding(RULE, "Talk about the task", INFO, "minimum", 2)
