"""What relabelling changes in what is published."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

import pytest

from escollect.conversations.models import Event
from escollect.corpus.actions import publish
from escollect.corpus.selectors import get_statistics, published
from escollect.quality.actions.campaigns import adjudicate
from escollect.quality.models import Item
from escollect.studies.models import Study
from tests.quality.relabels import draw, label, make_pool, make_staff, make_supporters

pytestmark = pytest.mark.django_db
SAID = "Providing Suggestions"


@pytest.fixture
def pool(tmp_path: Path) -> Study:
    return make_pool(tmp_path, 2)


@pytest.fixture
def decided(pool: Study) -> Item:
    """Three utterances that everybody calls a suggestion; an adjudicator agrees about one of them."""
    campaign = draw(pool, 3)
    for who in make_supporters(pool, 3):
        for _ in range(3):
            label(who, SAID)
    first, second, _third = campaign.items.order_by("order")
    adjudicate(second, second.original, make_staff(), "It stays.")
    return adjudicate(first, SAID, make_staff(), "It offers a way.")


def test_the_final_label_is_published_and_the_first_one_kept(
    pool: Study, decided: Item, tmp_path: Path
) -> None:
    publish(pool, tmp_path / "out", "1")
    records = json.loads((tmp_path / "out" / "ESConv.json").read_bytes())
    changed = [
        (record["conversation_id"], turn["annotation"]["strategy"], turn["original_strategy"])
        for record in records
        for turn in record["dialog"]
        if "original_strategy" in turn
    ]
    assert changed == [(str(decided.conversation_id), SAID, decided.original)]
    statistics = json.loads((tmp_path / "out" / "statistics.json").read_bytes())
    agreement = statistics["agreement"]
    assert agreement == get_statistics(pool)["agreement"]
    numbers = ("utterances", "opinions", "alpha", "kappa", "with_first_label", "adjudicated", "changed")
    assert [agreement[key] for key in numbers] == [3, 9, None, None, 0.0, 2, 1]
    assert agreement["by_strategy"] == {SAID: {"agreement": 1.0, "opinions": 9}}
    assert agreement["random_draw"]["utterances"] == 3
    card = (tmp_path / "out" / "README.md").read_text("utf-8")
    assert "Labels that adjudicators changed: 1;" in card


def test_the_conversation_itself_stays_as_it_was(decided: Item) -> None:
    event = Event.objects.get(conversation=decided.conversation_id, seq=decided.seq)
    (transcript,) = published([UUID(str(decided.conversation_id))])
    shown = next(one for one in transcript.utterances if one.seq == decided.seq)
    assert (event.strategy, shown.strategy, shown.original) == (decided.original, SAID, decided.original)
    assert sum(one.original is not None for one in transcript.utterances) == 1


def test_without_relabels_there_is_no_agreement(pool: Study) -> None:
    draw(pool, 2)
    assert get_statistics(pool)["agreement"] is None
