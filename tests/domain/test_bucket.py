"""The token bucket: a burst, then the rate."""

from escollect.domain.bucket import Bucket


def test_a_burst_is_allowed_and_then_the_rate() -> None:
    bucket = Bucket(rate=1, burst=5)
    assert [bucket.take(100.0) for _ in range(6)] == [True] * 5 + [False]
    assert bucket.wait(100.25) == 0.75
    assert bucket.take(100.5) is False
    assert bucket.take(101.0) is True
    assert [bucket.take(1000.0) for _ in range(6)] == [True] * 5 + [False]


def test_a_clock_that_steps_back_gives_nothing_away() -> None:
    bucket = Bucket(rate=1, burst=1)
    assert bucket.take(50.0) is True
    assert bucket.take(10.0) is False
    assert bucket.take(50.5) is False
