"""The numbers that a release carries (the paper's tables): counted one transcript at a time, in
constant memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from escollect.domain.strategies import STRATEGIES
from escollect.domain.transcript import ROLES, SUPPORTER, Transcript, Utterance

SIXTHS = 6
THIRDS = 3
SCALE = range(1, 6)
LENGTHS = 5
"""Width of a class of conversation lengths, in utterances."""


@dataclass
class Mean:
    """A running mean of whole numbers."""

    total: int = 0
    count: int = 0

    def add(self, value: int | None) -> None:
        """Count a value in; None is passed over."""
        if value is not None:
            self.total += value
            self.count += 1

    @property
    def value(self) -> float | None:
        """The mean to four decimals, None where nothing was counted."""
        return round(self.total / self.count, 4) if self.count else None

    def as_json(self) -> dict[str, Any]:
        """The mean with the number of values it rests on."""
        return {"count": self.count, "mean": self.value}


def part_of(k: int, length: int, parts: int) -> int:
    """Which of `parts` equal parts (from 1) the k-th of `length` utterances falls into: ceil(parts
    k / length).
    """
    return -(-parts * k // length)


@dataclass
class Statistics:
    """Add transcripts, then ask for `result`. Lengths are words split at white space, per
    utterance.
    """

    conversations: int = 0
    lengths: dict[str, Mean] = field(default_factory=lambda: {role: Mean() for role in ROLES})
    problems: Counter[str] = field(default_factory=Counter)
    emotions: Counter[str] = field(default_factory=Counter)
    experiences: Counter[str] = field(default_factory=Counter)
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    classes: Counter[int] = field(default_factory=Counter)
    intensities: Counter[tuple[str, int]] = field(default_factory=Counter)
    strategies: Counter[str] = field(default_factory=Counter)
    sixths: dict[int, Counter[str]] = field(
        default_factory=lambda: {part: Counter() for part in range(1, SIXTHS + 1)}
    )
    feedback: dict[int, Mean] = field(default_factory=lambda: {part: Mean() for part in range(1, THIRDS + 1)})
    before: Mean = field(default_factory=Mean)
    after: Mean = field(default_factory=Mean)
    fall: Mean = field(default_factory=Mean)
    empathy: Mean = field(default_factory=Mean)
    relevance: Mean = field(default_factory=Mean)
    detail: Mean = field(default_factory=Mean)

    def add(self, transcript: Transcript) -> None:
        """Count one conversation in."""
        self.conversations += 1
        for counter, word in (
            (self.problems, transcript.problem_type),
            (self.emotions, transcript.emotion_type),
            (self.experiences, transcript.experience_type),
        ):
            if word:
                counter[word] += 1
        if transcript.problem_type and transcript.emotion_type:
            self.pairs[transcript.problem_type, transcript.emotion_type] += 1
        length = len(transcript.utterances)
        self.classes[-(-length // LENGTHS)] += 1
        for k, utterance in enumerate(transcript.utterances, 1):
            self._add_utterance(utterance, k, length)
        self._add_surveys(transcript)

    def _add_utterance(self, utterance: Utterance, k: int, length: int) -> None:
        self.lengths[utterance.role].add(len(utterance.text.split()))
        self.feedback[part_of(k, length, THIRDS)].add(utterance.feedback)
        if utterance.role == SUPPORTER and utterance.strategy:
            self.strategies[utterance.strategy] += 1
            self.sixths[part_of(k, length, SIXTHS)][utterance.strategy] += 1

    def _add_surveys(self, transcript: Transcript) -> None:
        before, after = transcript.initial_intensity, transcript.final_intensity
        for when, value in (("before", before), ("after", after)):
            if value is not None:
                self.intensities[when, value] += 1
        self.before.add(before)
        self.after.add(after)
        self.fall.add(None if before is None or after is None else before - after)
        self.empathy.add(transcript.empathy)
        self.relevance.add(transcript.relevance)
        self.detail.add(transcript.supporter_relevance)

    def result(self) -> dict[str, Any]:
        """The numbers as JSON values; shares and means to four decimals, None where nothing was
        counted.
        """
        every = _sum(self.lengths.values())
        by_role = {"all": every, **self.lengths}
        return {
            "conversations": self.conversations,
            "utterances": every.count,
            "utterances_per_conversation": {
                who: _share(mean.count, self.conversations) for who, mean in by_role.items()
            },
            "words_per_utterance": {who: mean.value for who, mean in by_role.items()},
            "lengths": self._lengths(),
            "problems": _ranked(self.problems),
            "emotions": _ranked(self.emotions),
            "experiences": _ranked(self.experiences),
            "problems_by_emotion": self._crossed(),
            "strategies": _shares(self.strategies),
            "strategies_by_sixth": [_shares(self.sixths[part]) for part in self.sixths],
            "feedback": {
                **_sum(self.feedback.values()).as_json(),
                "by_third": [mean.as_json() for mean in self.feedback.values()],
            },
            "intensity": {
                "before": self.before.as_json(),
                "after": self.after.as_json(),
                "fall": self.fall.as_json(),
            },
            "intensity_counts": {
                when: [self.intensities[when, value] for value in SCALE] for when in ("before", "after")
            },
            "surveys": {
                "empathy": self.empathy.as_json(),
                "relevance": self.relevance.as_json(),
                "supporter_relevance": self.detail.as_json(),
            },
        }

    def _lengths(self) -> list[dict[str, int]]:
        """How many conversations have so many utterances, from the shortest class to the longest."""
        found = range(min(self.classes), max(self.classes) + 1) if self.classes else range(0)
        return [
            {"from": LENGTHS * (k - 1) + 1, "to": LENGTHS * k, "conversations": self.classes[k]}
            for k in found
        ]

    def _crossed(self) -> dict[str, dict[str, int]]:
        """Problem → emotion → conversations, both with the most frequent first; zeros are left out."""
        return {
            problem: {
                emotion: self.pairs[problem, emotion]
                for emotion in _ranked(self.emotions)
                if self.pairs[problem, emotion]
            }
            for problem in _ranked(self.problems)
        }


def _sum(means: Iterable[Mean]) -> Mean:
    listed = list(means)
    return Mean(sum(mean.total for mean in listed), sum(mean.count for mean in listed))


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _ranked(counter: Counter[str]) -> dict[str, int]:
    return dict(sorted(counter.items(), key=lambda item: (-item[1], item[0])))


def _shares(counter: Counter[str]) -> dict[str, dict[str, Any]]:
    whole = counter.total()
    return {
        strategy: {"count": counter[strategy], "share": _share(counter[strategy], whole)}
        for strategy in STRATEGIES
    }
