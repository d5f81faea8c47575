"""A campaign of 200 utterances by simulated reviewers of known error, over the real actions."""

from __future__ import annotations

from pathlib import Path
from random import Random

import krippendorff
import numpy
import pytest

from escollect.domain.strategies import STRATEGIES
from escollect.quality.actions.campaigns import adjudicate, give_known_answer
from escollect.quality.models import Item
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


@pytest.mark.timeout(900)
@pytest.mark.django_db
def test_a_simulated_campaign_ends_with_the_adjudications_and_the_alpha_it_must(tmp_path: Path) -> None:
    study = make_pool(tmp_path, 27)
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

    sample = {place_of(item): item for item in Item.objects.filter(campaign=campaign, is_gold=False)}
    assert set(simulated.told) == set(sample)
    assert {len(labels) for labels in simulated.told.values()} == {3}
    expected = {
        place
        for place, labels in simulated.told.items()
        if sum(said != sample[place].original for said in labels) / len(labels) > 0.75
    }
    waiting = {place for place, item in sample.items() if item.state == Item.State.ADJUDICATION}
    assert waiting == expected
    assert len(expected) > 20

    found = get_agreement(campaign)
    alpha = ask_the_library(simulated.told)
    assert found.alpha == pytest.approx(alpha, abs=1e-12)
    assert found.interval is not None
    assert found.interval.low < alpha < found.interval.high
    assert (found.units, found.labels) == (200, 600)

    people = {row.participant: row for row in get_reviewers(campaign)}
    assert {who.pk: [people[who.pk].gold.hits, people[who.pk].gold.n] for who in reviewers} == {
        who.pk: [sum(simulated.known[who]), len(simulated.known[who])] for who in reviewers
    }
    assert [people[who.pk].guessing for who in reviewers] == [False] * 5 + [True]
    assert people[reviewers[-1].pk].given < min(people[who.pk].given for who in reviewers[:-1])

    decide(sample, expected, truth)
    changed = {
        place for place in expected if truth[place] in (sample[place].original, *simulated.told[place])
    }
    finals = {
        (str(key), seq): label
        for key, labels in get_finals([item.conversation_id for item in items]).items()
        for seq, label in labels.items()
    }
    assert finals == {
        place: truth[place] if place in changed else sample[place].original for place in expected
    }
    progress = get_progress([campaign])[campaign.pk]
    assert (progress.items, progress.open, progress.adjudication, progress.final) == (200, 0, 0, 200)
    assert progress.changed == sum(label != sample[place].original for place, label in finals.items())


def decide(sample: dict[Place, Item], waiting: set[Place], truth: dict[Place, str]) -> None:
    """An adjudicator who knows the truth takes it where it was given, and the first label elsewhere."""
    staff = make_staff()
    for place in waiting:
        item = sample[place]
        given = set(item.relabels.values_list("strategy", flat=True))
        adjudicate(item, truth[place] if truth[place] in given else item.original, staff, "Read it again.")
