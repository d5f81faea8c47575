"""The practice chat: a scripted seeker, and how a trainee's choices compare with the script's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from escollect.domain.strategies import STRATEGIES
from escollect.domain.tutorial import STAGES, Practice, PracticeStep, Situation


@dataclass(frozen=True, slots=True)
class Choice:
    """What a trainee wrote, and the strategy it was declared with."""

    strategy: str
    text: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """One step of the script: what the seeker `said`, what the trainee made of it, what the script does."""

    said: str
    choice: Choice
    step: PracticeStep

    @property
    def fitting(self) -> bool:
        """Whether the trainee's strategy is one of those that suit here."""
        return self.choice.strategy in self.step.fits


@dataclass(frozen=True, slots=True)
class StageMix:
    """The strategies that a trainee chose in one stage of the script, in the canonical order."""

    stage: str
    chosen: tuple[tuple[str, int], ...]
    fitting: int

    @property
    def total(self) -> int:
        """How many choices there were in this stage."""
        return sum(count for _strategy, count in self.chosen)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A practice chat looked back at: every exchange that was had, and the choices by stage."""

    exchanges: tuple[Exchange, ...]
    steps: int
    mix: tuple[StageMix, ...]
    farewell: str

    @property
    def whole(self) -> bool:
        """Whether every step of the script was answered."""
        return len(self.exchanges) >= self.steps

    @property
    def fitting(self) -> int:
        """How many choices are among the fitting ones."""
        return sum(exchange.fitting for exchange in self.exchanges)


def compare(practice: Practice, choices: Sequence[Choice]) -> Comparison:
    """Lay a trainee's choices beside the script, step by step; what comes after its end is left out.

    `farewell` is the seeker's line after the last exchange.
    """
    lines = [practice.opening, *(step.then for step in practice.steps)]
    pairs = zip(lines, choices, practice.steps, strict=False)
    exchanges = tuple(Exchange(said, choice, step) for said, choice, step in pairs)
    stages = {exchange.step.stage for exchange in exchanges}
    return Comparison(
        exchanges=exchanges,
        steps=len(practice.steps),
        mix=tuple(_mix(stage, exchanges) for stage in STAGES if stage in stages),
        farewell=lines[len(exchanges)],
    )


def _mix(stage: str, exchanges: Sequence[Exchange]) -> StageMix:
    here = [exchange for exchange in exchanges if exchange.step.stage == stage]
    counts = Counter(exchange.choice.strategy for exchange in here)
    chosen = tuple((name, counts[name]) for name in STRATEGIES if counts[name])
    return StageMix(stage, chosen, sum(exchange.fitting for exchange in here))


def draw_practice(practices: Sequence[Practice], had: Sequence[str], seed: int) -> Practice:
    """The script of a new practice chat: one of those had least often, chosen by the seed.

    `had` are the ids of the scripts of earlier chats. Raises ValueError without any script.
    """
    if not practices:
        raise ValueError("This tutorial has no practice chats.")
    times = Counter(had)
    least = min(times[practice.id] for practice in practices)
    fresh = [practice for practice in practices if times[practice.id] == least]
    return fresh[seed % len(fresh)]


def to_json(practice: Practice) -> dict[str, Any]:
    """The script as JSON values; `from_json` gives back an equal one."""
    return asdict(practice)


def from_json(data: Mapping[str, Any]) -> Practice:
    """A script that `to_json` wrote."""
    steps = tuple(PracticeStep(**{**step, "fits": tuple(step["fits"])}) for step in data["steps"])
    return Practice(data["id"], Situation(**data["situation"]), data["opening"], steps)
