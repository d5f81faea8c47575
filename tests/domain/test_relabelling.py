from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escollect.domain.relabelling import (
    Candidate,
    Settled,
    count_differing,
    count_runs,
    draw_at_random,
    draw_by_risk,
    draw_by_strategy,
    estimate_risk,
    get_decidable,
    is_gold_due,
    is_guessing,
    settle,
)
from escollect.domain.strategies import STRATEGIES

POOL = [
    Candidate(
        "c1", at, STRATEGIES[0] if at < 80 else STRATEGIES[1 + at % 7], f"Words of number {at} are here"
    )
    for at in range(100)
]


@pytest.mark.parametrize(
    ("opinions", "wanted", "settled"),
    [
        ("", 3, Settled.OPEN),
        ("BB", 3, Settled.OPEN),
        ("BBB", 3, Settled.ADJUDICATION),
        ("BCD", 3, Settled.ADJUDICATION),
        ("ABB", 3, Settled.FINAL),
        ("ABBB", 4, Settled.FINAL),
        ("BBBB", 4, Settled.ADJUDICATION),
        ("ABBBB", 5, Settled.ADJUDICATION),
        ("AABBB", 5, Settled.FINAL),
        ("BB", 2, Settled.FINAL),
    ],
)
def test_more_than_three_quarters_of_three_opinions_go_to_an_adjudicator(
    opinions: str, wanted: int, settled: Settled
) -> None:
    assert settle("A", list(opinions), wanted) is settled


def test_an_adjudicator_decides_between_the_labels_given() -> None:
    assert get_decidable("Others", ["Question", "Information", "Question"]) == (
        "Question",
        "Information",
        "Others",
    )


def test_a_guesser_is_caught_and_a_careful_person_is_not() -> None:
    assert not is_guessing(0, 4)
    assert is_guessing(2, 5)
    assert not is_guessing(3, 5)


def test_known_answers_come_once_in_eight_tasks_and_not_at_first() -> None:
    assert [given for given in range(30) if is_gold_due(given)] == [4, 12, 20, 28]


@given(st.integers(0, 10**6), st.integers(0, 120))
def test_a_draw_is_decided_by_its_seed_and_not_by_the_order_it_is_given(seed: int, n: int) -> None:
    shuffled = Random(seed).sample(POOL, len(POOL))
    for draw in (draw_at_random, draw_by_strategy):
        drawn = draw(POOL, n, seed)
        assert drawn == draw(shuffled, n, seed)
        assert len(set(drawn)) == len(drawn) == min(n, len(POOL))
    assert draw_by_risk(POOL, n, seed, {}) == draw_by_risk(shuffled, n, seed, {})


def test_another_seed_draws_others() -> None:
    assert draw_at_random(POOL, 10, 1) != draw_at_random(POOL, 10, 2)


def test_a_draw_by_strategy_does_not_drown_the_rare_ones() -> None:
    drawn = Counter(candidate.strategy for candidate in draw_by_strategy(POOL, 24, 5))
    available = Counter(candidate.strategy for candidate in POOL)
    assert set(drawn) == set(STRATEGIES)
    assert all(count in {min(3, available[name]), 3, 4} for name, count in drawn.items())
    assert sum(drawn.values()) == 24


@pytest.mark.parametrize(
    ("strategy", "text", "run"),
    [
        ("Question", "I see how much this weighs on you.", 1),
        ("Information", "How long has it been like this?", 1),
        ("Self-disclosure", "Me too.", 1),
        ("Providing Suggestions", "A walk in the evening may help you sleep.", 4),
    ],
)
def test_each_sign_raises_the_risk(strategy: str, text: str, run: int) -> None:
    plain = (
        "What happened on that day then?"
        if strategy == "Question"
        else "It helped me to write all of it down."
    )
    assert estimate_risk(Candidate("c", 1, strategy, text, run), {}) > estimate_risk(
        Candidate("c", 1, strategy, plain), {}
    )


def test_what_earlier_campaigns_found_raises_and_lowers_the_risk() -> None:
    one = Candidate("c", 1, "Information", "It helped me to write all of it down.")
    risks = [estimate_risk(one, {"Information": seen}) for seen in ((0, 100), (0, 0), (90, 100))]
    assert risks == sorted(risks)
    assert risks[0] < risks[1] < risks[2]


def test_a_draw_by_risk_takes_the_doubtful_ones() -> None:
    odd = [Candidate("c2", at, "Question", "That sounds like a heavy week for you") for at in range(5)]
    assert set(draw_by_risk([*POOL[80:], *odd], 5, 3, {})) == set(odd)


def test_runs_of_one_strategy_are_counted() -> None:
    assert count_runs(["a", "a", "b", "a", "a", "a"]) == [1, 2, 1, 1, 2, 3]
    assert count_differing([("a", "a"), ("a", "b"), ("b", "b")]) == {"a": (1, 2), "b": (0, 1)}
