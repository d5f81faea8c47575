"""Made-up trainees for the demo: each has an ability, each item a difficulty, and chance does the rest.

The same seed and tutorial give the same answers. Some items are odd on purpose, so that the item
analysis has something to find.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from escollect.domain.quiz import SINGLE, Item, draw_replacement, grade_item, sum_up
from escollect.domain.tutorial import EXAM, Tutorial
from escollect.people.models import Participant
from escollect.training.actions.history import PastAnswer, PastAttempt

STEEP = 1.4
LUCK = 0.03
"""The chance to hit upon an order or a set of marks by accident."""

LEARNED = 0.4
"""How much more able an attempt that failed makes a trainee."""

GIVES_UP = 0.3
LEAVES = 0.02
MISLEADING = 25
"""One item in so many draws the able ones to a wrong choice."""

READING_S = (150, 420)
ANSWER_S = (9, 40)
PAUSE_S = (20, 600)


@dataclass
class Trainee:
    """Somebody on the way: `ability` is in standard deviations, `clock` the time it is for them."""

    participant: Participant
    ability: float
    clock: datetime
    stays: bool
    rng: random.Random = field(repr=False)

    def wait(self, seconds: tuple[int, int]) -> datetime:
        """Let some time between the two limits pass; returns when it is over."""
        self.clock += timedelta(seconds=self.rng.uniform(*seconds))
        return self.clock

    def answer(self, item: Item) -> tuple[str, ...]:
        """What they answer: the harder the item for them, the more often wrong."""
        habits = random.Random(f"item {item.id}")
        hard = habits.gauss(-1.1, 0.9)
        misleading = item.kind in SINGLE and habits.randrange(MISLEADING) == 0
        luck = 1 / len(item.choices) if item.kind in SINGLE else LUCK
        pull = STEEP * ((-self.ability if misleading else self.ability) - (0 if misleading else hard))
        if self.rng.random() < luck + (1 - luck) / (1 + math.exp(-pull)):
            return item.key
        if item.kind in SINGLE:
            wrong = sorted(choice.id for choice in item.choices if not choice.right)
            return (self.rng.choices(wrong, [0.1 + habits.random() for _ in wrong])[0],)
        return self._confuse(item)

    def _confuse(self, item: Item) -> tuple[str, ...]:
        for _ in count():
            if item.kind == "mark":
                given = tuple(choice.id for choice in item.choices if self.rng.random() < 1 / 2)
            else:
                given = tuple(self.rng.sample(item.key, len(item.key)))
            if given and not item.is_right(given):
                return given
        raise AssertionError


def train(tutorial: Tutorial, trainee: Trainee) -> Iterator[PastAttempt]:
    """Every attempt of one trainee, in order, until they pass the examination or leave."""
    for slug in (*(module.slug for module in tutorial.modules), EXAM):
        if not trainee.stays and trainee.rng.random() < LEAVES:
            return
        for number in count(1):
            attempt = _try(tutorial, trainee, slug, number)
            yield attempt
            results = [grade_item(one.item, one.given, one.replaces) for one in attempt.answers]
            if sum_up(results, tutorial.rules(slug).pass_mark).passed:
                break
            trainee.ability += LEARNED
            if not trainee.stays and trainee.rng.random() < GIVES_UP:
                return


def _try(tutorial: Tutorial, trainee: Trainee, slug: str, number: int) -> PastAttempt:
    seed = trainee.rng.getrandbits(60)
    paper = tutorial.paper(slug, seed)
    module = tutorial.module(slug)
    trainee.wait(PAUSE_S)
    shown = trainee.clock
    trainee.wait(READING_S)
    answers = []
    for item in paper:
        given = trainee.answer(item)
        answers.append(PastAnswer(item, given, shown, trainee.wait(ANSWER_S)))
        if item.is_right(given) or module is None:
            continue
        asked = {one.id for one in paper} | {one.item.id for one in answers}
        other = draw_replacement(module.items, item.skill, asked, seed)
        if other:
            at = trainee.clock
            answers.append(PastAnswer(other, trainee.answer(other), at, trainee.wait(ANSWER_S), item.id))
    return PastAttempt(trainee.participant, slug, number, seed, tuple(answers))


def make_attempts(
    tutorial: Tutorial, people: Sequence[tuple[Participant, float, bool]], end: datetime, seed: int
) -> list[PastAttempt]:
    """The attempts of `people` (participant, ability, whether they stay) in the month before `end`."""
    made: list[PastAttempt] = []
    for at, (participant, ability, stays) in enumerate(people):
        rng = random.Random(f"{seed}/{at}")
        start = end - timedelta(days=rng.uniform(2, 30))
        made.extend(train(tutorial, Trainee(participant, ability, start, stays, rng)))
    return made
