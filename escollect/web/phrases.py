"""Codes in words for participants: outcomes, pay, verdicts and their reasons.

Reasons never carry a number: a score was given by the partner, and is not the reader's to see.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from escollect.domain.outcomes import TEXTS, Outcome

Words = Mapping[str, Promise]

PAY: Words = {
    "full": gettext_lazy("This counts in full."),
    "part": gettext_lazy("This counts in part."),
    "waiting": gettext_lazy("The time you waited counts."),
    "none": gettext_lazy("There is no payment for this part."),
}
VERDICTS: Words = {
    "accepted": gettext_lazy("accepted"),
    "rejected": gettext_lazy("not taken into the collection"),
    "needs_review": gettext_lazy("a person will look at it"),
    "": gettext_lazy("not decided yet"),
}
VERDICT_KINDS: Mapping[str, str] = {"accepted": "good", "needs_review": "warn"}
STATES: Words = {
    "live": gettext_lazy("under way"),
    "survey": gettext_lazy("waiting for the closing questions"),
    "finished": gettext_lazy("finished"),
    "abandoned": gettext_lazy("broken off"),
    "aborted": gettext_lazy("never began"),
    "erased": gettext_lazy("erased"),
}
REASONS: Words = {
    "finished": gettext_lazy("It broke off before either side said that it was done."),
    "utterances": gettext_lazy("It was shorter than this study needs."),
    "both_spoke": gettext_lazy("Only one side wrote."),
    "supporter_mean_words": gettext_lazy("The supporter's messages were very short."),
    "seeker_mean_words": gettext_lazy("The seeker's messages were very short."),
}
OTHER_REASON = gettext_lazy("The answers given about the conversation stayed below what this study needs.")
BY_REVIEW = gettext_lazy("A person of the study read it and decided.")


def say(words: Words, code: str) -> str:
    """The words for a code; a code without any is said as it is."""
    return str(words.get(code, code.replace("_", " ")))


def say_outcome(code: str) -> str:
    """What an outcome means, in one or two sentences."""
    return _(TEXTS[Outcome(code)]) if code in set(Outcome) else ""


def say_reasons(verdict: str, decided_by: str, failed: Collection[str]) -> list[str]:
    """Why a conversation was not accepted, each reason once; nothing for an accepted or open one."""
    if verdict in {"", "accepted"}:
        return []
    if decided_by == "review":
        return [str(BY_REVIEW)]
    return list(dict.fromkeys(str(REASONS.get(rule, OTHER_REASON)) for rule in failed))
