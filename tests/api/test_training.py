"""The analysis of a training over REST."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from escollect.training.actions.history import PastAnswer, PastAttempt, add_history
from escollect.training.selectors import get_tutorial
from tests.api.conftest import World
from tests.support.rooms import make_participant

pytestmark = pytest.mark.django_db

TUTORIAL = get_tutorial("en")
MODULE = TUTORIAL.modules[3]
ITEM = next(item for item in MODULE.items if len(item.key) == 1 and item.kind != "mark")
NOW = datetime(2024, 5, 1, tzinfo=UTC)
ADDRESS = "studies/calm/training/"


@pytest.fixture
def trained(world: World) -> World:
    """Three who were right, one who was wrong; the supporter of the accepted conversation is among them."""
    others = [make_participant(world.study, "supporter") for _ in range(3)]
    wrong = next(choice.id for choice in ITEM.choices if not choice.right)
    answers = [ITEM.key[0]] * 3 + [wrong]
    add_history(
        TUTORIAL,
        [
            PastAttempt(
                who,
                MODULE.slug,
                1,
                1,
                (PastAnswer(ITEM, (choice,), NOW, NOW + timedelta(seconds=40)),),
            )
            for who, choice in zip([world.pair.supporter, *others], answers, strict=True)
        ],
    )
    return world


def test_an_analysis_is_what_the_manual_says(trained: World) -> None:
    found = trained.api("researcher").get(ADDRESS).json()
    assert list(found) == [
        "study", "version", "attempts", "versions", "funnel", "items", "prediction", "bands",
    ]  # fmt: skip
    assert (found["study"], found["version"], found["attempts"]) == ("calm", TUTORIAL.version, "first")
    assert found["versions"] == [{"version": TUTORIAL.version, "attempts": 4}]
    assert [step for step in found["funnel"] if step["entered"]] == [
        {
            "module": MODULE.slug,
            "entered": 4,
            "passed": 3,
            "stopped": 1,
            "attempts": 4,
            "graded": 4,
            "median_s": 40.0,
        }
    ]
    (item,) = found["items"]
    choices = item.pop("choices")
    assert item == {
        "module": MODULE.slug,
        "item": ITEM.id,
        "shown": 4,
        "right": {"hits": 3, "n": 4, "share": 0.75, "low": 0.3006, "high": 0.9544},
        "good": {"hits": 0, "n": 0, "share": None, "low": None, "high": None},
        "weak": {"hits": 0, "n": 0, "share": None, "low": None, "high": None},
        "discrimination": {"n": 0, "r": None, "low": None, "high": None, "reading": "few"},
        "warnings": [{"code": "few", "choices": []}],
    }
    assert [one["choice"] for one in choices if one["key"]] == [list(ITEM.key)]
    module = next(one for one in found["prediction"] if one["module"] == MODULE.slug)
    assert module["acceptance"] == {"n": 1, "r": None, "low": None, "high": None, "reading": "few"}
    assert (found["prediction"][0]["module"], found["bands"]) == ("exam", [])


def test_the_filters_choose_and_refuse(trained: World) -> None:
    api = trained.api("reviewer")
    assert api.get(ADDRESS, version="all", attempts="all").json()["version"] == "all"
    assert len(api.get(ADDRESS, module=MODULE.slug).json()["items"]) == 1
    assert api.get(ADDRESS, module="exam").json()["items"] == []
    for wrong in ({"module": "none"}, {"version": "none"}, {"attempts": "none"}, {"modul": "exam"}):
        answer = api.get(ADDRESS, **wrong)
        assert (answer.status_code, list(answer.json()["fields"])) == (400, list(wrong))
