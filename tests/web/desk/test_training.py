"""The page of the training's analysis."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from escollect.domain.correlation import Interval, sum_pairs
from escollect.domain.item_analysis import Warn
from escollect.ops.trainees import make_attempts
from escollect.people.imports import add_people
from escollect.people.models import Role
from escollect.studies.models import Study
from escollect.training.actions.history import PastAnswer, PastAttempt, add_history
from escollect.training.selectors import get_tutorial
from escollect.web.desk.charts import Whisker, draw_points, draw_whisker
from escollect.web.desk.training_words import ADVICE, LATER, READINGS, say_r, say_time
from tests.web.desk.conftest import Login

TUTORIAL = get_tutorial("en")
MODULE = TUTORIAL.modules[3]
ITEM = next(item for item in MODULE.items if len(item.key) == 1 and item.kind != "mark")
NOW = datetime(2024, 5, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_numbers_of_other_tests() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def train(study: Study, people: int, seed: int = 1) -> None:
    """A whole training of so many made-up trainees."""
    assert study.current is not None
    rng = random.Random(seed)
    trainees = add_people(study.current, [Role.SUPPORTER] * people)
    add_history(
        TUTORIAL, make_attempts(TUTORIAL, [(one, rng.gauss(-1, 1), True) for one in trainees], NOW, seed)
    )


def answer(study: Study, choices: list[str]) -> None:
    """One trainee for each choice, who answers one item with it."""
    assert study.current is not None
    trainees = add_people(study.current, [Role.SUPPORTER] * len(choices))
    add_history(
        TUTORIAL,
        [
            PastAttempt(
                who, MODULE.slug, 1, 1, (PastAnswer(ITEM, (choice,), NOW, NOW + timedelta(seconds=90)),)
            )
            for who, choice in zip(trainees, choices, strict=True)
        ],
    )


def read(login: Login, query: str = "") -> str:
    """The words of the page, white space evened out."""
    answer = login("researcher").get(f"/desk/training/{query}")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_before_anybody_trains_the_page_says_what_will_be_here(study: Study, login: Login) -> None:
    assert "Nobody has begun the training yet" in read(login, f"?study={study.slug}")


def test_the_page_says_what_is_odd_and_what_to_do(study: Study, login: Login) -> None:
    key, wrong = ITEM.key[0], [choice for choice in ITEM.choices if not choice.right]
    answer(study, [key] * 20 + [wrong[0].id] * 20)
    text = read(login)
    assert 'Items to look at <span class="count">1</span>' in text
    assert "Nobody takes some of the wrong choices:</strong>" in text
    assert str(ADVICE[Warn.UNUSED].todo) in text
    assert (
        f'href="?version={TUTORIAL.version}&amp;attempts=first&amp;module={MODULE.slug}#item-{ITEM.id}"'
        in text
    )
    assert "1 min 30 s" in text


def test_a_module_shows_its_items_with_the_key_and_the_share_of_every_choice(
    study: Study, login: Login
) -> None:
    answer(study, [ITEM.key[0]] * 3 + [next(c.id for c in ITEM.choices if not c.right)])
    text = read(login, f"?module={MODULE.slug}")
    assert f'id="item-{ITEM.id}"' in text
    assert text.count('<tr class="row-key">') == 1
    assert '<td class="number">3</td><td class="number">75 %</td>' in text
    assert "Too few answers to say" in text
    assert "Do scores say anything about later?" not in text


def test_filters_choose_version_and_attempts_and_strange_ones_are_not_found(
    study: Study, login: Login
) -> None:
    train(study, 8)
    client = login("reviewer")
    everything = client.get("/desk/training/?attempts=all").context["cards"]
    first = client.get("/desk/training/").context["cards"]
    assert sum(c.row.numbers.shown for c in everything) > sum(c.row.numbers.shown for c in first)
    assert client.get("/desk/training/?version=all").status_code == 200
    assert client.get("/desk/training/?version=nonsense").status_code == 404
    assert len(client.get("/desk/training/?module=nonsense").context["cards"]) == len(first)


@pytest.mark.parametrize("people", [1, 5])
def test_the_page_takes_at_most_thirteen_queries_however_many_train(
    study: Study, login: Login, people: int
) -> None:
    train(study, people)
    client = login("admin")
    client.get("/desk/training/")
    cache.clear()
    with CaptureQueriesContext(connection) as asked:
        client.get("/desk/training/")
    assert len(asked) == 13


def test_whiskers_and_points_lie_where_their_numbers_say() -> None:
    assert draw_whisker(0, Interval(-0.5, 1), -1, 1) == Whisker("60.0", "32.0", "116.0", "60.0")
    assert draw_whisker(1, None, 0, 1) == Whisker("116.0", "116.0", "116.0", "4.0")
    points = draw_points([(0.5, 1, True, "odd"), (1, -0.9, False, "fine")])
    assert [(one.x, one.y, one.odd) for one in points] == [
        ("470.0", "232.0", False),
        ("258.0", "12.0", True),
    ]


def test_every_code_has_words() -> None:
    assert set(ADVICE) == set(Warn)
    assert set(READINGS) == {type(sum_pairs([]).reading)(value) for value in READINGS}
    assert len(LATER) == 3
    assert [say_time(value) for value in (None, 9.4, 61, 3720)] == ["–", "9 s", "1 min 1 s", "1 h 2 min"]
    assert (say_r(-0.456), say_r(None)) == ("−0.46", "–")


def test_the_numbers_are_named_in_the_manual() -> None:
    manual = (Path(settings.BASE_DIR) / "docs" / "training-analysis.md").read_text("utf-8")
    for warn in Warn:
        assert f"`{warn}`" in manual
