from __future__ import annotations

import random
import statistics
from math import sqrt

import pytest

from escollect.domain.correlation import Interval, Reading, Share, Sums, sum_pairs


def near(interval: Interval | None) -> tuple[float, float] | None:
    return (round(interval.low, 4), round(interval.high, 4)) if interval else None


@pytest.mark.parametrize(
    ("hits", "n", "expected"),
    [
        # Published examples: Newcombe 1998, table I, method 3 (score interval without continuity correction).
        (81, 263, (0.2553, 0.3662)),
        (15, 148, (0.0624, 0.1605)),
        (0, 20, (0.0, 0.1611)),
        (1, 29, (0.0061, 0.1718)),
        (20, 20, (0.8389, 1.0)),
    ],
)
def test_wilsons_interval_equals_published_examples(hits: int, n: int, expected: tuple[float, float]) -> None:
    assert near(Share(hits, n).interval) == expected


def test_nothing_has_neither_a_share_nor_an_interval() -> None:
    assert (Share(0, 0).value, Share(0, 0).interval) == (None, None)
    assert Share(1, 2) + Share(2, 2) == Share(3, 4)


def test_a_correlation_equals_the_standard_librarys_and_survives_being_added_in_parts() -> None:
    rng = random.Random(4)
    x = [rng.random() for _ in range(500)]
    y = [0.4 * value + rng.random() for value in x]
    pairs = list(zip(x, y, strict=True))
    whole, parts = sum_pairs(pairs), sum_pairs(pairs[:123]) + sum_pairs(pairs[123:])
    for sums in (whole, parts):
        assert sums.correlation == pytest.approx(statistics.correlation(x, y), abs=1e-12)


def test_with_a_right_or_wrong_x_it_is_the_point_biserial_correlation() -> None:
    rng = random.Random(5)
    scores = [rng.random() for _ in range(200)]
    right = [rng.random() < 0.2 + 0.6 * score for score in scores]
    hit = [score for score, won in zip(scores, right, strict=True) if won]
    missed = [score for score, won in zip(scores, right, strict=True) if not won]
    p = len(hit) / len(scores)
    spread = statistics.pstdev(scores)
    textbook = (statistics.mean(hit) - statistics.mean(missed)) / spread * sqrt(p * (1 - p))
    pairs = [(float(won), score) for won, score in zip(right, scores, strict=True)]
    assert sum_pairs(pairs).correlation == pytest.approx(textbook, abs=1e-12)


def test_fishers_interval_equals_a_hand_computed_one() -> None:
    # r = 0.6, n = 28: z = 0.693147, standard error 1/5, so 0.301154 to 1.085140; back through tanh.
    sums = Sums(n=28, x=0, y=0, xx=28, yy=28, xy=16.8)
    assert sums.correlation == pytest.approx(0.6)
    assert near(sums.interval) == (0.2924, 0.7951)


@pytest.mark.parametrize(
    "pairs",
    [
        [],
        [(1.0, 2.0)],
        [(1.0, 0.1)] * 50,
        [(1.0, 0.1), (0.0, 0.1)] * 50,
        [(1.0, 0.7), (1.0, 0.3)] * 50,
    ],
)
def test_where_nothing_varies_there_is_no_correlation(pairs: list[tuple[float, float]]) -> None:
    sums = sum_pairs(pairs)
    assert (sums.correlation, sums.interval) == (None, None)


def test_a_perfect_correlation_has_no_interval_and_three_pairs_have_none() -> None:
    assert sum_pairs([(0, 0), (1, 1), (2, 2), (3, 3)]).correlation == pytest.approx(1)
    assert sum_pairs([(0, 0), (1, 1), (2, 2), (3, 3)]).interval is None
    assert sum_pairs([(0, 0), (1, 2), (2, 1)]).interval is None


UP = [(float(value), float(value % 7)) for value in range(7)]


@pytest.mark.parametrize(
    ("pairs", "reading"),
    [
        (UP, Reading.FEW),
        ([(float(value), 1.0) for value in range(20)], Reading.FLAT),
        ([(float(value), float(value % 2)) for value in range(20)], Reading.UNCLEAR),
        ([(float(value), float(value + value % 3)) for value in range(20)], Reading.TOGETHER),
        ([(float(value), float(value % 3 - value)) for value in range(20)], Reading.APART),
        ([(float(value), float(value)) for value in range(20)], Reading.TOGETHER),
    ],
)
def test_a_correlation_is_read_with_its_numbers(pairs: list[tuple[float, float]], reading: Reading) -> None:
    assert sum_pairs(pairs).reading is reading
