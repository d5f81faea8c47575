from __future__ import annotations

from itertools import chain
from random import Random

import krippendorff
import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escollect.domain.agreement import (
    Unit,
    count_confusion,
    describe_agreement,
    get_alpha,
    get_alpha_interval,
    get_kappa,
    get_majority,
    get_specific_agreement,
)

NONE = "*"

# Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), part C: four observers, twelve units.
OBSERVERS = (
    "1 2 3 3 2 1 4 1 2 * * *",
    "1 2 3 3 2 2 4 1 2 5 * 3",
    "* 3 3 3 2 3 4 2 2 5 1 *",
    "1 2 3 3 2 4 4 1 2 5 1 *",
)

# Fleiss' example as Wikipedia gives it: ten subjects, fourteen raters, counts of five categories.
SUBJECTS = (
    (0, 0, 0, 0, 14),
    (0, 2, 6, 4, 2),
    (0, 0, 3, 5, 6),
    (0, 3, 9, 2, 0),
    (2, 2, 8, 1, 1),
    (7, 7, 0, 0, 0),
    (3, 2, 6, 3, 0),
    (2, 5, 3, 2, 2),
    (6, 5, 2, 1, 0),
    (0, 2, 2, 3, 7),
)

LABELS = st.sampled_from("abcd")
UNITS = st.lists(
    st.builds(Unit, st.lists(LABELS, max_size=5).map(tuple), st.sampled_from("xyz")), min_size=1, max_size=12
)


def by_unit(*observers: str) -> list[Unit]:
    rows = zip(*(observer.split() for observer in observers), strict=True)
    return [
        Unit(tuple(value for value in row if value != NONE), cluster=str(at)) for at, row in enumerate(rows)
    ]


def by_counts(subjects: tuple[tuple[int, ...], ...]) -> list[Unit]:
    return [Unit(tuple(chain.from_iterable([str(at)] * n for at, n in enumerate(row)))) for row in subjects]


def ask_the_library(units: list[Unit]) -> float:
    """Alpha from the package `krippendorff`, which takes counts of each category in each unit."""
    names = sorted({label for unit in units for label in unit.labels})
    counts = numpy.array([[unit.labels.count(name) for name in names] for unit in units])
    return float(krippendorff.alpha(value_counts=counts, level_of_measurement="nominal"))


def test_alpha_is_that_of_krippendorffs_example() -> None:
    alpha = get_alpha(by_unit(*OBSERVERS))
    assert alpha is not None
    assert round(alpha, 3) == 0.743


def test_kappa_is_that_of_fleiss_example() -> None:
    kappa = get_kappa(by_counts(SUBJECTS))
    assert kappa is not None
    assert round(kappa, 3) == 0.210


def test_kappa_is_silent_where_units_have_unlike_numbers_of_labels() -> None:
    assert get_kappa(by_unit(*OBSERVERS)) is None
    assert get_kappa([Unit(("a",)), Unit(("b",))]) is None
    assert get_kappa([]) is None


def test_nothing_is_said_of_nothing_and_of_one_category() -> None:
    assert get_alpha([]) is None
    assert get_alpha([Unit(("a",)), Unit(("b",))]) is None
    assert get_alpha([Unit(("a", "a")), Unit(("a", "a"))]) is None
    assert get_kappa([Unit(("a", "a")), Unit(("a", "a"))]) is None


@given(UNITS)
def test_alpha_equals_an_independent_library(units: list[Unit]) -> None:
    ours = get_alpha(units)
    if ours is not None:
        assert ours == pytest.approx(ask_the_library(units), abs=1e-12)


@given(UNITS, st.randoms(use_true_random=False))
def test_neither_the_order_of_people_nor_that_of_units_matters(units: list[Unit], chance: Random) -> None:
    shuffled = [Unit(tuple(chance.sample(unit.labels, len(unit.labels))), unit.cluster) for unit in units]
    chance.shuffle(shuffled)
    ours, theirs = get_alpha(units), get_alpha(shuffled)
    assert (ours is None) == (theirs is None)
    if ours is not None:
        assert ours == pytest.approx(theirs, abs=1e-12)


@given(UNITS)
def test_the_names_of_the_categories_do_not_matter(units: list[Unit]) -> None:
    names = dict(zip("abcd", "ZYXW", strict=True))
    renamed = [Unit(tuple(names[label] for label in unit.labels), unit.cluster) for unit in units]
    ours, theirs = get_alpha(units), get_alpha(renamed)
    assert (ours is None) == (theirs is None)
    if ours is not None:
        assert ours == pytest.approx(theirs, abs=1e-12)


@given(st.lists(LABELS, min_size=2).filter(lambda labels: len(set(labels)) > 1), st.integers(2, 6))
def test_perfect_agreement_is_one(labels: list[str], people: int) -> None:
    units = [Unit((label,) * people) for label in labels]
    assert get_alpha(units) == 1
    assert get_kappa(units) == pytest.approx(1)
    assert {share for share, _n in get_specific_agreement(units).values()} == {1.0}


@settings(max_examples=25)
@given(UNITS, st.integers(0, 1000))
def test_the_interval_is_decided_by_the_seed_and_not_by_the_order(units: list[Unit], seed: int) -> None:
    interval = get_alpha_interval(units, seed, 50)
    again = get_alpha_interval(list(reversed(units)), seed, 50)
    assert (interval is None) == (again is None)
    if interval is not None and again is not None:
        assert interval.low <= interval.high <= 1
        assert (interval.low, interval.high) == pytest.approx((again.low, again.high))


def test_the_interval_draws_conversations_and_not_utterances() -> None:
    chance = Random(7)
    # Whole conversations are agreed on or not, so their utterances say little more than one would.
    units = [
        Unit((label, label if agreed else chance.choice("abcd")), f"c{at}")
        for at, agreed in enumerate([True, False] * 10)
        for label in "abcdabcd"
    ]
    apart = [Unit(unit.labels, f"u{at}") for at, unit in enumerate(units)]
    together, single = get_alpha_interval(units, 1), get_alpha_interval(apart, 1)
    alpha = get_alpha(units)
    assert together is not None
    assert single is not None
    assert alpha is not None
    assert together.low < alpha < together.high
    assert together.high - together.low > 1.5 * (single.high - single.low)


def test_one_conversation_has_no_interval() -> None:
    assert get_alpha_interval([Unit(("a", "b"), "x"), Unit(("b", "b"), "x")], 1) is None


def test_agreement_by_category_counts_the_partners_of_each_label() -> None:
    units = [Unit(("a", "a", "b")), Unit(("b", "b")), Unit(("c",))]
    assert get_specific_agreement(units) == {"a": (0.5, 2), "b": (pytest.approx(2 / 3), 3)}


def test_confusion_is_counted_from_first_labels_to_opinions() -> None:
    assert count_confusion([("a", "a"), ("a", "b"), ("a", "b"), ("b", "b")]) == {
        "a": {"a": 1, "b": 2},
        "b": {"b": 1},
    }


def test_a_tie_has_no_majority() -> None:
    assert [get_majority(labels) for labels in (["a", "b", "b"], ["a", "b"], ["a"], [])] == [
        "b",
        None,
        "a",
        None,
    ]


def test_the_description_leaves_the_first_label_out_of_alpha() -> None:
    units = [Unit(("a", "a"), "x"), Unit(("b", "b"), "y"), Unit(("a",), "y")]
    one = describe_agreement([("b", units[0]), ("b", units[1]), ("a", units[2])], 1)
    assert (one.units, one.labels, one.clusters, one.alpha, one.kappa) == (2, 4, 2, 1, 1)
    assert one.confusion == {"b": {"a": 2, "b": 2}, "a": {"a": 1}}
    assert one.with_first == (3, 5)
