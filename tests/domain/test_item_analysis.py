"""The item statistics against tables computed by hand."""

from __future__ import annotations

import pytest

from escollect.domain.correlation import Reading, Share, Sums, sum_pairs
from escollect.domain.item_analysis import (
    AnswerCount,
    Cuts,
    ItemContent,
    Remark,
    Warn,
    analyse_item,
    find_cuts,
)

CONTENT = ItemContent("classify", ("a", "b", "c", "d"), ("b",))


def count(given: str, n: int, good: int = 0, weak: int = 0, rest: float | None = None) -> AnswerCount:
    """So many times an answer (b is right), with the same rest score each time."""
    right = given == "b"
    sums = Sums() if rest is None else sum_pairs([(float(right), rest)] * n)
    return AnswerCount(tuple(given.split(">")), right, n, good, weak, sums)


def codes(*counts: AnswerCount, content: ItemContent | None = CONTENT) -> list[tuple[Warn, tuple[str, ...]]]:
    return [(remark.code, remark.choices) for remark in analyse_item(counts, content).warnings]


def test_the_numbers_of_an_item_equal_a_hand_computed_table() -> None:
    # Ten trainees. Right (b): rest scores 1, 1, .8, .8, .6, .4; wrong: a with .6, .4, c with .4, .2.
    # Means: 4.6/6 = .766667 and 1.6/4 = .4; all ten: mean .62, variance .0676, deviation .26.
    # Point-biserial (.766667 - .4)/.26 * sqrt(.6 * .4) = 1.410256 * .489898 = .690882.
    answers = [
        AnswerCount(("b",), True, 6, 3, 0, sum_pairs([(1, y) for y in (1, 1, 0.8, 0.8, 0.6, 0.4)])),
        AnswerCount(("a",), False, 2, 0, 1, sum_pairs([(0, 0.6), (0, 0.4)])),
        AnswerCount(("c",), False, 2, 0, 2, sum_pairs([(0, 0.4), (0, 0.2)])),
    ]
    found = analyse_item(answers, CONTENT)
    assert (found.shown, found.difficulty) == (10, 0.6)
    assert found.right.interval is not None
    assert (round(found.right.interval.low, 4), round(found.right.interval.high, 4)) == (0.3127, 0.8318)
    assert found.discrimination == pytest.approx(0.690882, abs=1e-6)
    # Fisher: atanh(.690882) = .849641, 1.959964/sqrt(7) = .740797; tanh of .108844 and 1.590438.
    assert found.rest.interval is not None
    assert (found.rest.interval.low, found.rest.interval.high) == pytest.approx(
        (0.108416, 0.920216), abs=1e-5
    )
    assert [(one.ids, one.is_key, one.everybody, one.good, one.weak) for one in found.choices] == [
        (("a",), False, Share(2, 10), Share(0, 3), Share(1, 3)),
        (("b",), True, Share(6, 10), Share(3, 3), Share(0, 3)),
        (("c",), False, Share(2, 10), Share(0, 3), Share(2, 3)),
        (("d",), False, Share(0, 10), Share(0, 3), Share(0, 3)),
    ]
    assert found.warnings == (Remark(Warn.FEW),)


def test_few_answers_and_answers_without_spread_have_no_discrimination() -> None:
    few = analyse_item([count("b", 5, rest=0.9), count("a", 4, rest=0.1)], CONTENT)
    assert (few.discrimination, few.rest.reading) == (None, Reading.FEW)
    flat = analyse_item([count("b", 20, rest=0.9)], CONTENT)
    assert (flat.discrimination, flat.rest.reading) == (None, Reading.FLAT)
    assert analyse_item([], CONTENT).difficulty is None


def test_below_thirty_answers_nothing_is_said_but_that() -> None:
    answers = [count("b", 29, good=0), count("a", 0, good=9)]
    assert codes(*answers) == [(Warn.FEW, ())]
    assert codes(count("b", 30)) == [(Warn.EASY, ())]


def test_an_item_that_nearly_everybody_passes_is_named_and_its_idle_choices_are_not() -> None:
    assert codes(count("b", 95), count("a", 5)) == [(Warn.EASY, ())]
    assert codes(count("b", 94), count("a", 2), count("c", 2), count("d", 2)) == []


def test_an_item_that_most_good_trainees_fail_is_named_once_there_are_enough_of_them() -> None:
    spread = (count("c", 10), count("d", 10))
    assert codes(count("b", 20, good=3), count("a", 20, good=3), *spread, count("c", 1, good=2)) == [
        (Warn.GOOD_FAIL, ())
    ]
    assert codes(count("b", 20, good=3), count("a", 20, good=3), *spread, count("c", 1, good=1)) == []
    assert codes(count("b", 20, good=4), count("a", 20, good=4), *spread) == []


def test_a_wrong_choice_that_draws_more_good_trainees_than_the_key_is_named() -> None:
    found = codes(count("b", 20, good=4), count("a", 20, good=5), count("c", 10), count("d", 10, good=4))
    assert found == [(Warn.GOOD_FAIL, ()), (Warn.RIVAL, ("a",))]
    assert codes(count("b", 20, good=3), count("a", 20, good=4), count("c", 10), count("d", 10)) == []


def test_wrong_choices_that_nobody_takes_are_named() -> None:
    assert codes(count("b", 20), count("a", 20)) == [(Warn.UNUSED, ("c", "d"))]


def test_an_item_that_weak_trainees_solve_and_good_ones_do_not_is_named() -> None:
    right = AnswerCount(("b",), True, 30, 4, 4, sum_pairs([(1, 0.1), (1, 0.5)] * 15))
    wrong = [AnswerCount((choice,), False, 10, 1, 1, sum_pairs([(0, 0.6), (0, 1.0)] * 5)) for choice in "acd"]
    assert codes(right, *wrong) == [(Warn.BACKWARDS, ())]


def test_an_order_is_counted_as_a_whole_and_marks_one_by_one() -> None:
    order = ItemContent("order", ("a", "b", "c"), ("a", "b", "c"))
    answers = [
        AnswerCount(("b", "a", "c"), False, 2, 0, 1, Sums()),
        AnswerCount(("a", "b", "c"), True, 1, 1, 0, Sums()),
    ]
    assert [(one.ids, one.is_key, one.everybody) for one in analyse_item(answers, order).choices] == [
        (("a", "b", "c"), True, Share(1, 3)),
        (("b", "a", "c"), False, Share(2, 3)),
    ]
    marks = ItemContent("mark", ("a", "b", "c"), ("a", "b"))
    assert [(one.ids, one.is_key, one.everybody) for one in analyse_item(answers, marks).choices] == [
        (("a",), True, Share(3, 3)),
        (("b",), True, Share(3, 3)),
        (("c",), False, Share(3, 3)),
    ]


def test_without_its_content_an_item_shows_what_was_taken_the_most_frequent_first() -> None:
    found = analyse_item([count("a", 3), count("b", 9)], None)
    assert [(one.ids, one.is_key) for one in found.choices] == [(("b",), True), (("a",), False)]
    assert codes(count("b", 20), count("a", 20), content=None) == []


def test_the_outer_groups_are_the_upper_and_lower_27_per_cent_with_ties() -> None:
    assert find_cuts([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]) == Cuts(weak=0.3, good=0.8)
    assert find_cuts([0.5, 0.5, 0.5, 0.7, 1.0, 1.0]) == Cuts(weak=0.5, good=1.0)


@pytest.mark.parametrize("shares", [[], [0.5], [0.7, 0.7, 0.7]])
def test_where_nobody_differs_there_are_no_groups(shares: list[float]) -> None:
    assert find_cuts(shares) is None
