"""Second opinions on strategies (paper, section 4.3): what is drawn, when an utterance is settled, and who
merely guesses.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest

from escollect.domain.strategies import STRATEGIES, Strategy

LEAST_OPINIONS = 3
MOST_OPINIONS = 9
MORE_THAN = 0.75
"""An adjudicator decides where more than this share of the opinions differs from the first label."""

GOLD_EVERY = 8
"""One task in so many has a known answer, while there are any left."""

GOLD_ENOUGH = 5
GOLD_LEAST = 0.6
"""From so many known answers on, whoever gave fewer right than this share gets no further tasks."""

PRIOR_OPINIONS = 10
PRIOR_SHARE = 0.25
"""What is assumed of a strategy before anybody relabelled it: so many opinions, this share differing."""

SHORT = 4
"""Up to so many words there is little to tell a strategy by."""

RUN = 3
"""From so many utterances in a row under one strategy on, the label may only have stayed selected."""


class Settled(StrEnum):
    """What the opinions on an utterance come to; the values are stored."""

    OPEN = "open"
    ADJUDICATION = "adjudication"
    FINAL = "final"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An utterance that may be drawn. `run` counts the supporter's utterances under this strategy up to
    and including it, without another one between.
    """

    conversation: str
    seq: int
    strategy: str
    text: str
    run: int = 1

    @property
    def key(self) -> str:
        """What names the utterance."""
        return f"{self.conversation}#{self.seq}"


def get_differing(original: str, opinions: Sequence[str]) -> float:
    """The share of opinions that are not the first label, 0 of none."""
    return sum(opinion != original for opinion in opinions) / len(opinions) if opinions else 0.0


def settle(original: str, opinions: Sequence[str], wanted: int) -> Settled:
    """Whether an utterance with these opinions waits for more, for an adjudicator, or keeps its label.

    With at least three opinions, more than 75 % of which differ from the first label, a person decides
    (paper, section 4.3). Nothing is settled before all `wanted` opinions are there.
    """
    if len(opinions) < wanted:
        return Settled.OPEN
    if len(opinions) >= LEAST_OPINIONS and get_differing(original, opinions) > MORE_THAN:
        return Settled.ADJUDICATION
    return Settled.FINAL


def get_decidable(original: str, opinions: Iterable[str]) -> tuple[str, ...]:
    """The labels an adjudicator decides between: those given, in the order of the tutorial."""
    given = {original, *opinions}
    return tuple(strategy for strategy in STRATEGIES if strategy in given)


def is_guessing(right: int, answered: int) -> bool:
    """Whether somebody's answers to items with known answers look like guesses."""
    return answered >= GOLD_ENOUGH and right / answered < GOLD_LEAST


def is_gold_due(given: int) -> bool:
    """Whether the task after `given` others is one with a known answer."""
    return given % GOLD_EVERY == GOLD_EVERY // 2


def estimate_risk(candidate: Candidate, seen: Mapping[str, tuple[int, int]]) -> float:
    """How likely people are to disagree with a label, from 0 to 1; for the order of a draw, no more.

    `seen` is what earlier campaigns found by strategy: opinions that differed, and all of them. Signs in
    the text each take a third of what is left to 1: a Question that asks nothing, another strategy that
    only asks, a text too short to tell by, a strategy that did not change for a while.
    """
    differing, opinions = seen.get(candidate.strategy, (0, 0))
    risk = (differing + PRIOR_SHARE * PRIOR_OPINIONS) / (opinions + PRIOR_OPINIONS)
    text = candidate.text.strip()
    asks = text.endswith("?")
    signs = (
        candidate.strategy == Strategy.QUESTION and "?" not in text,
        candidate.strategy != Strategy.QUESTION and asks,
        len(text.split()) <= SHORT and candidate.strategy != Strategy.OTHERS,
        candidate.run >= RUN,
    )
    for sign in signs:
        if sign:
            risk += (1 - risk) / 3
    return risk


def draw_at_random(candidates: Iterable[Candidate], n: int, seed: int) -> list[Candidate]:
    """Draw n utterances, each as likely as any other, in an order that the seed decides."""
    return _mix(candidates, seed)[:n]


def draw_by_strategy(candidates: Iterable[Candidate], n: int, seed: int) -> list[Candidate]:
    """Draw n utterances with as many of every strategy as there are: rare ones are not drowned."""
    pools: dict[str, list[Candidate]] = {}
    for candidate in _mix(candidates, seed):
        pools.setdefault(candidate.strategy, []).append(candidate)
    rounds = zip_longest(*(pools[name] for name in sorted(pools)))
    dealt = [one for dealt in rounds for one in dealt if one is not None]
    return _mix(dealt[:n], seed + 1)


def draw_by_risk(
    candidates: Iterable[Candidate], n: int, seed: int, seen: Mapping[str, tuple[int, int]]
) -> list[Candidate]:
    """Draw the n utterances whose labels people are likeliest to disagree with; the seed breaks ties."""
    mixed = _mix(candidates, seed)
    mixed.sort(key=lambda candidate: estimate_risk(candidate, seen), reverse=True)
    return _mix(mixed[:n], seed + 1)


def count_runs(strategies: Iterable[str]) -> list[int]:
    """For the strategies of a supporter's utterances in order: how often each came in a row so far."""
    runs: list[int] = []
    last = ""
    for strategy in strategies:
        runs.append(runs[-1] + 1 if strategy == last else 1)
        last = strategy
    return runs


def count_differing(opinions: Iterable[tuple[str, str]]) -> dict[str, tuple[int, int]]:
    """By first label: how many opinions differed, and how many there were; takes pairs (first, opinion)."""
    given: Counter[str] = Counter()
    differing: Counter[str] = Counter()
    for first, opinion in opinions:
        given[first] += 1
        differing[first] += first != opinion
    return {first: (differing[first], given[first]) for first in given}


def _mix(candidates: Iterable[Candidate], seed: int) -> list[Candidate]:
    return sorted(candidates, key=lambda candidate: _place(seed, candidate.key))


def _place(seed: int, key: str) -> bytes:
    return hashlib.sha256(f"{seed}/{key}".encode()).digest()
