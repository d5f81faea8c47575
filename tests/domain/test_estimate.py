from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escollect.domain.estimate import PATIENCE, SAMPLES, WINDOW, Recent, estimate_wait


@pytest.mark.parametrize(
    ("position", "waited", "recent", "seconds"),
    [
        (1, 0, Recent(6, 6), 300),
        (3, 0, Recent(6, 9), 900),
        (1, 0, Recent(30, 10), 180),
        (2, 0, Recent(7, 7), 515),
        (1, 600, Recent(6, 6), 300),
    ],
)
def test_the_queue_moves_with_those_who_come_and_stay(
    position: int, waited: float, recent: Recent, seconds: int
) -> None:
    assert estimate_wait(position, waited, recent) == seconds


@pytest.mark.parametrize(
    ("position", "waited", "recent"),
    [
        (1, 0, Recent(0, 0)),
        (1, 0, Recent(4, 50)),
        (1, 0, Recent(50, 4)),
        (7, 0, Recent(6, 6)),
        (1, 601, Recent(6, 6)),
    ],
    ids=["nobody came", "few came", "few stayed", "beyond what was watched", "was wrong already"],
)
def test_nothing_is_said_without_reason(position: int, waited: float, recent: Recent) -> None:
    assert estimate_wait(position, waited, recent) is None


@given(st.integers(1, 400), st.floats(0, 4000), st.integers(0, 400), st.integers(0, 400))
def test_an_estimate_stays_within_what_was_watched(
    position: int, waited: float, arrivals: int, paired: int
) -> None:
    seconds = estimate_wait(position, waited, Recent(arrivals, paired))
    assert seconds is None or (0 < seconds <= WINDOW and waited <= PATIENCE * seconds)
    assert seconds is None or min(arrivals, paired) >= SAMPLES
    if seconds is not None and position > 1:
        earlier = estimate_wait(position - 1, 0, Recent(arrivals, paired))
        assert earlier is not None
        assert earlier <= seconds
