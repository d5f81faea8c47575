"""The eight support strategies of the ESC framework: canonical spelling, order, and what public
files call them.

The spelling is that of the published corpus, "Reflection of feelings" with a lower-case f
included: it is what the database, the wire, the API and every release hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Strategy(StrEnum):
    """A supporter's declared strategy, in the order in which the tutorial and the composer show
    them.
    """

    QUESTION = "Question"
    RESTATEMENT = "Restatement or Paraphrasing"
    REFLECTION = "Reflection of feelings"
    SELF_DISCLOSURE = "Self-disclosure"
    AFFIRMATION = "Affirmation and Reassurance"
    SUGGESTIONS = "Providing Suggestions"
    INFORMATION = "Information"
    OTHERS = "Others"


STRATEGIES: tuple[str, ...] = tuple(strategy.value for strategy in Strategy)

ALIASES: Mapping[str, Strategy] = MappingProxyType(
    {
        "Questions": Strategy.QUESTION,
        "Other": Strategy.OTHERS,
        "Greeting": Strategy.OTHERS,
        "Greetings": Strategy.OTHERS,
        "Direct Guidance": Strategy.SUGGESTIONS,
        "Approval and Reassurance": Strategy.AFFIRMATION,
        "Restatement": Strategy.RESTATEMENT,
        "Reflection of Feelings": Strategy.REFLECTION,
    }
)


def get_strategy(label: str) -> Strategy | None:
    """The strategy that a label of a public file means, or None when it means none of the eight.

    Takes the canonical spelling, a known alias, or either of them in square brackets; surrounding
    blanks do not count. Anything else is not guessed.
    """
    bare = label.strip()
    if bare.startswith("[") and bare.endswith("]"):
        bare = bare[1:-1].strip()
    if bare in STRATEGIES:
        return Strategy(bare)
    return ALIASES.get(bare)
