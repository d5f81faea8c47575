"""Campaigns for the tests of relabelling: imported conversations, and supporters with known error rates."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from escollect.accounts.models import User
from escollect.corpus.actions import import_records
from escollect.domain.strategies import STRATEGIES
from escollect.people.models import Participant
from escollect.quality.actions import judge_missing
from escollect.quality.actions.campaigns import Plan, create_campaign
from escollect.quality.actions.relabelling import give, take
from escollect.quality.models import Campaign, Item, Relabel
from escollect.quality.selectors import get_deciding_policy
from escollect.studies.models import Study
from tests.corpus.making import open_esconv, record, write
from tests.support.rooms import make_participant

Place = tuple[str, int]


def make_pool(folder: Path, conversations: int) -> Study:
    """The paper's study with accepted conversations of eight supporter utterances each."""
    study = open_esconv()
    import_records(study, write(folder / "pool.json", [record(f"cat {at}") for at in range(conversations)]))
    judge_missing(study, get_deciding_policy(study))
    return study


def make_staff(name: str = "rosa") -> User:
    return User.objects.get_or_create(username=name)[0]


def draw(
    study: Study, size: int, *, opinions: int = 3, gold: int = 0, seed: int = 7, how: str = "random"
) -> Campaign:
    plan = Plan("Second look", how, size, opinions, gold, seed)
    return create_campaign(study, plan, make_staff())


def make_supporters(study: Study, n: int) -> list[Participant]:
    return [make_participant(study, "supporter") for _ in range(n)]


def label(participant: Participant, strategy: str) -> Item:
    """Take the next task and give it this label."""
    row = take(participant)
    assert row is not None
    return give(participant, row.pk, strategy)


@dataclass
class Simulated:
    """Reviewers who know the right label of every place and err at their own rates.

    `told` is the test's own record of what was said where: nothing in it is read from the application.
    """

    truth: dict[Place, str]
    errors: dict[Participant, float]
    chance: Random
    told: dict[Place, list[str]] = field(default_factory=lambda: defaultdict(list))
    known: dict[Participant, list[bool]] = field(default_factory=lambda: defaultdict(list))

    def work(self) -> None:
        """They take turns until nobody gets a task any more."""
        waiting = list(self.errors)
        while waiting:
            who = self.chance.choice(waiting)
            row = take(who)
            if row is None:
                waiting.remove(who)
            else:
                self._answer(who, row)

    def _answer(self, who: Participant, row: Relabel) -> None:
        place = (str(row.item.conversation_id), row.item.seq)
        right = self.truth[place]
        wrong = self.chance.random() < self.errors[who]
        said = self.chance.choice([name for name in STRATEGIES if name != right]) if wrong else right
        give(who, row.pk, said)
        if row.item.is_gold:
            self.known[who].append(said == right)
        else:
            self.told[place].append(said)
