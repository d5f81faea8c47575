"""The analysis of the training, on trainees whose answers are known one by one."""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from escollect.conversations.models import Conversation, Event
from escollect.domain.correlation import Reading, Share
from escollect.domain.quiz import Item
from escollect.domain.tutorial import EXAM
from escollect.ops.trainees import make_attempts
from escollect.people.models import Participant
from escollect.quality.training_funnel import ModuleStep, get_training_funnel
from escollect.quality.training_items import get_items
from escollect.quality.training_prediction import Later, get_prediction
from escollect.quality.training_report import VersionUnknownError, get_report
from escollect.quality.training_scope import Scope, choose_version, get_versions
from escollect.studies.models import Study
from escollect.training.actions import erase_attempts
from escollect.training.actions.history import PastAnswer, PastAttempt, add_history
from escollect.training.models import Answer, Attempt
from escollect.training.selectors import get_tutorial
from tests.quality.recounting import recompute
from tests.support.rooms import make_participant, make_study

pytestmark = pytest.mark.django_db

START = datetime(2024, 5, 1, 9, 0, tzinfo=UTC)
TUTORIAL = get_tutorial("en")
FIRST, SECOND = TUTORIAL.modules[0], TUTORIAL.modules[1]
SINGLES = [item for item in FIRST.items if len(item.key) == 1 and item.kind != "mark"]


def wrong(item: Item) -> tuple[str, ...]:
    """A wrong answer to an item with one right choice."""
    return (next(choice.id for choice in item.choices if not choice.right),)


def attempt(
    who: Participant,
    module: str,
    marks: str,
    *,
    number: int = 1,
    minutes: float = 5,
    items: Sequence[Item] = (),
) -> PastAttempt:
    """An attempt whose answers are right where `marks` has a 1; they share `minutes` evenly."""
    pool = items or SINGLES
    each = timedelta(minutes=minutes / len(marks))
    answers = tuple(
        PastAnswer(
            item,
            item.key if mark == "1" else wrong(item),
            START if at == 0 else START + each * at,
            START + each * (at + 1),
        )
        for at, (item, mark) in enumerate(zip(pool, marks, strict=False))
    )
    return PastAttempt(who, module, number, 7, answers)


def make_trainees(study: Study, count: int) -> list[Participant]:
    """Supporters in training."""
    return [make_participant(study, "supporter", qualified=False) for _ in range(count)]


@pytest.fixture
def study() -> Iterator[Study]:
    cache.clear()
    yield make_study()
    cache.clear()


def test_the_numbers_of_an_item_equal_a_hand_computed_table(study: Study) -> None:
    # Four items; the rest score of the first one is the share of the three others.
    marks = ["1111", "1111", "1110", "1011", "1100", "0110", "0100", "0001", "1000", "0000", "0110", "1111"]
    people = make_trainees(study, len(marks))
    add_history(TUTORIAL, [attempt(who, FIRST.slug, mark) for who, mark in zip(people, marks, strict=True)])
    row = {one.item: one.numbers for one in get_items(Scope(study), TUTORIAL)}[SINGLES[0].id]
    assert row.right == Share(7, 12)
    # Rest scores in thirds: right 3 3 2 2 1 0 3 (mean 2), wrong 2 1 1 0 2 (mean 1.2); all twelve: sum 20,
    # squares 46, variance 46/12 - (20/12)^2 = 1.055556; (2 - 1.2)/1.027402 * sqrt(7 * 5)/12 = .383886.
    assert row.discrimination == pytest.approx(0.383886, abs=1e-6)
    # Shares right in quarters: 4 4 3 3 2 2 1 1 1 0 2 4; the outer four, with ties: good from 3, weak up to 1.
    assert (row.good, row.weak) == (Share(5, 5), Share(1, 4))
    key, other = SINGLES[0].key, wrong(SINGLES[0])
    shares = {choice.ids: (choice.everybody, choice.good, choice.weak) for choice in row.choices}
    assert shares[key] == (Share(7, 12), Share(5, 5), Share(1, 4))
    assert shares[other] == (Share(5, 12), Share(0, 5), Share(3, 4))


@pytest.mark.parametrize("first_only", [True, False])
def test_the_database_counts_what_an_answer_by_answer_computation_counts(
    study: Study, first_only: bool
) -> None:
    rng = random.Random(3)
    people = [(who, rng.gauss(0, 1), False) for who in make_trainees(study, 40)]
    add_history(TUTORIAL, make_attempts(TUTORIAL, people, START, 3))
    scope = Scope(study, first_only=first_only)
    found = {}
    for row in get_items(scope, TUTORIAL):
        r = row.numbers.discrimination
        n = row.numbers
        found[row.module, row.item] = (
            n.shown, n.right.hits, n.good.hits, n.weak.hits, None if r is None else round(r, 9)
        )  # fmt: skip
        assert row.same
        assert sum(choice.everybody.hits for choice in n.choices) >= n.shown
    assert found == recompute(scope)
    assert len(found) > 100


def test_only_graded_first_attempts_of_this_study_and_version_count(study: Study) -> None:
    one, two = make_trainees(study, 2)
    stranger = make_participant(make_study("other"), "supporter", qualified=False)
    add_history(
        TUTORIAL,
        [
            attempt(one, FIRST.slug, "11"),
            attempt(one, FIRST.slug, "00", number=2),
            attempt(two, FIRST.slug, "01"),
            attempt(stranger, FIRST.slug, "11"),
        ],
    )
    Attempt.objects.filter(participant=two).update(tutorial_version="older")
    waiting = Attempt.objects.create(
        participant=one,
        module=SECOND.slug,
        number=1,
        tutorial_version=TUTORIAL.version,
        seed=1,
        started_at=START,
    )
    Answer.objects.create(
        attempt=waiting, item="waiting", skill="", kind="choose", position=1, shown_at=START
    )

    def shown(scope: Scope) -> list[tuple[str, int, int]]:
        return [(row.item, row.numbers.shown, row.numbers.right.hits) for row in get_items(scope, TUTORIAL)]

    a, b = SINGLES[0].id, SINGLES[1].id
    assert shown(Scope(study)) == [(a, 2, 1), (b, 2, 2)]
    assert shown(Scope(study, first_only=False)) == [(a, 3, 1), (b, 3, 2)]
    assert shown(Scope(study, "older")) == [(a, 1, 0), (b, 1, 1)]
    assert shown(Scope(study, "unheard of")) == []


def test_an_item_with_another_key_before_is_shown_by_what_was_right_then(study: Study) -> None:
    (who,) = make_trainees(study, 1)
    add_history(TUTORIAL, [attempt(who, FIRST.slug, "10")])
    Answer.objects.filter(item=SINGLES[1].id).update(right=True)
    Answer.objects.filter(item=SINGLES[0].id).update(item="gone")
    rows = {row.item: (row.content is not None, row.same) for row in get_items(Scope(study), TUTORIAL)}
    assert rows == {SINGLES[1].id: (True, False), "gone": (False, False)}


def test_the_funnel_counts_people_attempts_and_the_median_time(study: Study) -> None:
    one, two, three = make_trainees(study, 3)
    add_history(
        TUTORIAL,
        [
            attempt(one, FIRST.slug, "00000", minutes=2),
            attempt(one, FIRST.slug, "11111", number=2, minutes=4),
            attempt(two, FIRST.slug, "11111", minutes=10),
            attempt(three, FIRST.slug, "00000", minutes=3),
            attempt(two, SECOND.slug, "11111", minutes=7),
            attempt(two, EXAM, "0000", minutes=30),
        ],
    )
    Attempt.objects.create(
        participant=one,
        module=SECOND.slug,
        number=1,
        tutorial_version=TUTORIAL.version,
        seed=1,
        started_at=START,
    )
    steps = get_training_funnel(Scope(study), TUTORIAL)
    assert [step.module for step in steps] == [*(module.slug for module in TUTORIAL.modules), EXAM]
    assert [step for step in steps if step.entered] == [
        ModuleStep(FIRST.slug, entered=3, passed=2, attempts=4, graded=4, seconds=210),
        ModuleStep(SECOND.slug, entered=2, passed=1, attempts=2, graded=1, seconds=420),
        ModuleStep(EXAM, entered=1, passed=0, attempts=1, graded=1, seconds=1800),
    ]
    assert [step.stopped for step in steps[:2]] == [1, 1]


def converse(
    study: Study, supporter: Participant, verdict: str, stars: Sequence[int] = (), **extra: Any
) -> None:
    """A finished conversation of a supporter, with feedback."""
    known = {
        "state": "finished",
        "verdict": verdict,
        "version": study.current,
        "licence": "CC-BY-4.0",
        **extra,
    }
    room = Conversation.objects.create(
        study=study, seeker=make_participant(study, "seeker"), supporter=supporter, **known
    )
    for seq, value in enumerate(stars, 1):
        Event.objects.create(conversation=room, seq=seq, kind="rating", author="seeker", value=value)


def test_scores_are_set_against_what_supporters_did_later(study: Study) -> None:
    people = make_trainees(study, 12)
    exams = ["1111", "0000"] * 6
    history = [attempt(who, EXAM, mark) for who, mark in zip(people, exams, strict=True)]
    history += [attempt(who, EXAM, "1111", number=2) for who in people[1:8:2]]
    history += [attempt(who, FIRST.slug, "11000"[: at % 4 + 2]) for at, who in enumerate(people)]
    history += [attempt(who, FIRST.slug, "11111", number=2) for who in people]
    add_history(TUTORIAL, history)
    for at, who in enumerate(people):
        converse(study, who, "accepted" if at % 4 == 0 else "rejected", [5 - at % 4, 5])
    converse(study, people[0], "needs_review", [1])
    converse(study, people[0], "accepted", kind="practice")
    converse(study, people[0], "accepted", state="survey")
    found = get_prediction(Scope(study), TUTORIAL)
    by_module = {one.module: one.outcomes for one in found.predictors}
    assert next(iter(by_module)) == EXAM
    # Ten passed the examination, all with everything right: nothing that could go together.
    assert (by_module[EXAM][Later.ACCEPTANCE].n, by_module[EXAM][Later.ACCEPTANCE].reading) == (
        10,
        Reading.FLAT,
    )
    # The first attempts at the first module: 2 of 2, 2 of 3, 2 of 4, 2 of 5 right, in turns.
    scores = [2 / (at % 4 + 2) for at in range(12)]
    accepted = [float(at % 4 == 0) for at in range(12)]
    stars = [(5 - at % 4 + 5) / 2 for at in range(12)]
    stars[0] = 11 / 3
    outcomes = by_module[FIRST.slug]
    assert outcomes[Later.ACCEPTANCE].correlation == pytest.approx(statistics.correlation(scores, accepted))
    assert outcomes[Later.FEEDBACK].correlation == pytest.approx(statistics.correlation(scores, stars))
    assert (outcomes[Later.ACCEPTANCE].n, by_module[SECOND.slug][Later.FEEDBACK].n) == (12, 0)
    (band,) = found.bands
    assert (band.low, band.high, band.supporters, band.decided) == (100, 100, 10, Share(3, 10))
    assert (found.supporters, found.conversations, found.ratings) == (12, 12, 25)


def test_without_attempts_there_are_empty_numbers_and_no_errors(study: Study) -> None:
    scope = Scope(study)
    prediction = get_prediction(scope, TUTORIAL)
    assert (get_items(scope, TUTORIAL), get_versions(study), prediction.bands) == ([], [], [])
    assert {step.entered for step in get_training_funnel(scope, TUTORIAL)} == {0}
    assert {sums.reading for one in prediction.predictors for sums in one.outcomes.values()} == {Reading.FEW}


def test_the_version_to_begin_with_is_the_present_one_or_the_latest_used(study: Study) -> None:
    one, two = make_trainees(study, 2)
    add_history(TUTORIAL, [attempt(one, FIRST.slug, "1"), attempt(two, FIRST.slug, "1")])
    Attempt.objects.filter(participant=one).update(
        tutorial_version="old", started_at=START - timedelta(days=1)
    )
    used = get_versions(study)
    assert [(each.version, each.attempts) for each in used] == [(TUTORIAL.version, 1), ("old", 1)]
    assert choose_version(used, TUTORIAL.version) == TUTORIAL.version
    assert choose_version(used, "newer") == TUTORIAL.version
    assert choose_version([], "newer") == "newer"


@pytest.mark.parametrize("trainees", [1, 6])
def test_the_number_of_queries_does_not_grow_with_the_trainees(study: Study, trainees: int) -> None:
    people = [(who, 0.0, True) for who in make_trainees(study, trainees)]
    add_history(TUTORIAL, make_attempts(TUTORIAL, people, START, 1))
    for who, _ability, _stays in people:
        converse(study, who, "accepted", [4])
    with CaptureQueriesContext(connection) as asked:
        get_report(study)
    with CaptureQueriesContext(connection) as asked_again:
        get_report(study)
    assert (len(asked), len(asked_again)) == (9, 5)


def test_a_report_is_counted_again_once_something_was_graded_or_erased(study: Study) -> None:
    one, two = make_trainees(study, 2)

    def shown() -> tuple[list[int], int]:
        report = get_report(study)
        return [row.numbers.shown for row in report.items], report.steps[0].entered

    assert shown() == ([], 0)
    add_history(TUTORIAL, [attempt(one, FIRST.slug, "1")])
    assert shown() == ([1], 1)
    add_history(TUTORIAL, [attempt(two, FIRST.slug, "11")])
    assert shown() == ([2, 1], 2)
    erase_attempts(two)
    assert shown() == ([1], 1)
    Attempt.objects.create(
        participant=two, module=FIRST.slug, number=1, tutorial_version=TUTORIAL.version, seed=1
    )
    assert shown() == ([1], 2)


def test_a_version_that_nobody_used_is_refused_with_those_that_were(study: Study) -> None:
    (who,) = make_trainees(study, 1)
    add_history(TUTORIAL, [attempt(who, FIRST.slug, "1")])
    with pytest.raises(VersionUnknownError, match=TUTORIAL.version):
        get_report(study, "unheard-of")
    assert get_report(study, "all").scope == Scope(study)
    assert get_report(study).scope == Scope(study, TUTORIAL.version)


def test_history_is_graded_by_the_tutorials_own_rules(study: Study) -> None:
    (who,) = make_trainees(study, 1)
    given = attempt(who, FIRST.slug, "11110")
    assert add_history(TUTORIAL, [given, attempt(who, FIRST.slug, "11000", number=2)]) == 1
    rows = Attempt.objects.order_by("number").values_list("state", "score", "started_at", "graded_at")
    assert list(rows) == [
        ("passed", 0.8, START, START + timedelta(minutes=5)),
        ("failed", 0.4, START, START + timedelta(minutes=5)),
    ]
    answers = Answer.objects.filter(attempt__number=1).values_list(
        "item", "kind", "position", "given", "right"
    )
    assert list(answers) == [
        (one.item.id, one.item.kind, at, list(one.given), at < 5) for at, one in enumerate(given.answers, 1)
    ]
