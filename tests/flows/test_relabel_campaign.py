"""A campaign of 200 utterances by simulated reviewers of known error, over the real actions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random

import krippendorff
import numpy
import pytest

from escollect.domain.strategies import STRATEGIES
from escollect.people.models import Participant
from escollect.quality.actions.campaigns import adjudicate, give_known_answer
from escollect.quality.models import Campaign, Item
from escollect.quality.relabel_report import get_agreement, get_progress, get_reviewers
from escollect.quality.relabelling import get_finals
from tests.quality.relabels import Place, Simulated, draw, make_pool, make_staff, make_supporters

ERRORS = (0.05, 0.05, 0.1, 0.1, 0.2, 0.875)
"""The last one guesses: seven times in eight a guess among eight is wrong."""

WRONG_AT_FIRST = 0.2


def place_of(item: Item) -> Place:
    return str(item.conversation_id), item.seq


def ask_the_library(told: dict[Place, list[str]]) -> float:
    counts = numpy.array([[labels.count(name) for name in STRATEGIES] for labels in told.values()])
    return float(krippendorff.alpha(value_counts=counts, level_of_measurement="nominal"))


@dataclass
class Played:
    """A campaign that was played to its end, and what the test knows of it by itself."""

    campaign: Campaign
    reviewers: list[Participant]
    simulated: Simulated

    @property
    def sample(self) -> dict[Place, Item]:
        """The utterances that are no gold, as they are stored now."""
        return {place_of(item): item for item in Item.objects.filter(campaign=self.campaign, is_gold=False)}


def play(folder: Path) -> Played:
    """200 utterances, some of them labelled wrongly at first, and 12 with known answers."""
    study = make_pool(folder, 27)
    campaign, staff, chance = draw(study, 200, gold=12), make_staff(), Random(3)
    items = list(Item.objects.filter(campaign=campaign))
    truth = {
        place_of(item): chance.choice([name for name in STRATEGIES if name != item.original])
        if chance.random() < WRONG_AT_FIRST
        else item.original
        for item in items
    }
    for item in items:
        if item.is_gold:
            give_known_answer(item, truth[place_of(item)], staff)
    reviewers = make_supporters(study, len(ERRORS))
    simulated = Simulated(truth, dict(zip(reviewers, ERRORS, strict=True)), chance)
    simulated.work()
    return Played(campaign, reviewers, simulated)


@pytest.mark.timeout(900)
@pytest.mark.django_db
def test_a_simulated_campaign_ends_with_the_adjudications_and_the_alpha_it_must(tmp_path: Path) -> None:
    played = play(tmp_path)
    told, sample = played.simulated.told, played.sample
    assert set(told) == set(sample)
    assert {len(labels) for labels in told.values()} == {3}
    expected = {
        place
        for place, labels in told.items()
        if sum(said != sample[place].original for said in labels) / len(labels) > 0.75
    }
    assert {place for place, item in sample.items() if item.state == Item.State.ADJUDICATION} == expected
    assert len(expected) > 20

    found, alpha = get_agreement(played.campaign), ask_the_library(told)
    assert found.alpha == pytest.approx(alpha, abs=1e-12)
    assert found.interval is not None
    assert found.interval.low < alpha < found.interval.high
    assert (found.units, found.labels) == (200, 600)

    check_people(played)
    check_decisions(played, expected)


def check_people(played: Played) -> None:
    """Known answers are counted as the test counted them, and the one who guesses was stopped early."""
    people = {row.participant: row for row in get_reviewers(played.campaign)}
    rows = [people[who.pk] for who in played.reviewers]
    known = [played.simulated.known[who] for who in played.reviewers]
    assert [(row.gold.hits, row.gold.n) for row in rows] == [(sum(right), len(right)) for right in known]
    assert [row.guessing for row in rows] == [False] * 5 + [True]
    assert rows[-1].given < min(row.given for row in rows[:-1])


def check_decisions(played: Played, waiting: set[Place]) -> None:
    """An adjudicator who knows the truth takes it where it was given, and the first label elsewhere."""
    staff, truth, sample = make_staff(), played.simulated.truth, played.sample
    expected = {}
    for place in waiting:
        item = sample[place]
        known = truth[place] in (item.original, *played.simulated.told[place])
        expected[place] = truth[place] if known else item.original
        adjudicate(item, expected[place], staff, "Read it again.")
    finals = {
        (str(key), seq): label
        for key, labels in get_finals([item.conversation_id for item in sample.values()]).items()
        for seq, label in labels.items()
    }
    assert finals == expected
    progress = get_progress([played.campaign])[played.campaign.pk]
    assert (progress.items, progress.open, progress.adjudication, progress.final) == (200, 0, 0, 200)
    assert progress.changed == sum(label != sample[place].original for place, label in finals.items())
