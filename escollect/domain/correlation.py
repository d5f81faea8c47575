"""How sure a share or a correlation is: intervals for counts, computed from sums alone, so that a database
can do the adding up.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from math import atanh, sqrt, tanh

Z = 1.959963984540054
"""The normal quantile of a two-sided 95 % interval."""

FISHER_LEAST = 4
"""Fisher's interval divides by the root of n - 3."""

NO_SPREAD = 1e-9
"""A variance below this share of the mean square is rounding."""

FEW = 10
"""Below so many pairs a correlation says more about the accident than about the people."""


class Reading(StrEnum):
    """What a correlation says in words."""

    FEW = "few"
    FLAT = "flat"
    UNCLEAR = "unclear"
    TOGETHER = "together"
    APART = "apart"


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval, both ends included."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `n`."""

    hits: int
    n: int

    @property
    def value(self) -> float | None:
        """The share from 0 to 1, None of nothing."""
        return self.hits / self.n if self.n else None

    @property
    def interval(self) -> Interval | None:
        """Wilson's score interval: within 0 and 1, and no mere point when all or none hit."""
        if not self.n:
            return None
        p, squared = self.hits / self.n, Z * Z
        middle = (p + squared / (2 * self.n)) / (1 + squared / self.n)
        half = Z * sqrt(p * (1 - p) / self.n + squared / (4 * self.n**2)) / (1 + squared / self.n)
        low = 0.0 if self.hits == 0 else max(0.0, middle - half)
        high = 1.0 if self.hits == self.n else min(1.0, middle + half)
        return Interval(low, high)

    def __add__(self, other: Share) -> Share:
        return Share(self.hits + other.hits, self.n + other.n)


@dataclass(frozen=True, slots=True)
class Sums:
    """The sums over n pairs (x, y) that a correlation needs."""

    n: int = 0
    x: float = 0.0
    y: float = 0.0
    xx: float = 0.0
    yy: float = 0.0
    xy: float = 0.0

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            self.n + other.n,
            self.x + other.x,
            self.y + other.y,
            self.xx + other.xx,
            self.yy + other.yy,
            self.xy + other.xy,
        )

    @property
    def correlation(self) -> float | None:
        """Pearson's r; with an x of 0 and 1 it is the point-biserial correlation.

        None where x or y does not vary: there is nothing that could go together.
        """
        across = self.n * self.xx - self.x**2
        along = self.n * self.yy - self.y**2
        if across <= NO_SPREAD * self.n * self.xx or along <= NO_SPREAD * self.n * self.yy:
            return None
        r = (self.n * self.xy - self.x * self.y) / sqrt(across * along)
        return max(-1.0, min(1.0, r))

    @property
    def interval(self) -> Interval | None:
        """Fisher's interval of r (z = atanh r, standard error 1/sqrt(n - 3)); None below four pairs.

        An r of exactly 1 or -1 has no interval: atanh is infinite there.
        """
        r = self.correlation
        if r is None or self.n < FISHER_LEAST or abs(r) >= 1:
            return None
        half = Z / sqrt(self.n - (FISHER_LEAST - 1))
        return Interval(tanh(atanh(r) - half), tanh(atanh(r) + half))

    @property
    def reading(self) -> Reading:
        """Few pairs, nothing that varies, an interval around zero, or what goes with what."""
        r, interval = self.correlation, self.interval
        if self.n < FEW:
            return Reading.FEW
        if r is None:
            return Reading.FLAT
        if interval is not None and interval.low <= 0 <= interval.high:
            return Reading.UNCLEAR
        return Reading.TOGETHER if r > 0 else Reading.APART


def sum_pairs(given: Iterable[tuple[float, float]]) -> Sums:
    """The sums over pairs (x, y)."""
    pairs = list(given)
    return Sums(
        n=len(pairs),
        x=sum(x for x, _ in pairs),
        y=sum(y for _, y in pairs),
        xx=sum(x * x for x, _ in pairs),
        yy=sum(y * y for _, y in pairs),
        xy=sum(x * y for x, y in pairs),
    )
