"""Where the marks of the small charts go. Their numbers always stand beside them in a table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from escollect.domain.correlation import Interval

WIDE = 120
INSET = 4
MAP_LEFT, MAP_RIGHT, MAP_TOP, MAP_BOTTOM = 46.0, 470.0, 12.0, 232.0


@dataclass(frozen=True, slots=True)
class Whisker:
    """A value with its interval on a line of 120 units; numbers as SVG wants them."""

    dot: str
    low: str
    high: str
    zero: str


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the map of items; `odd` ones are drawn as diamonds."""

    x: str
    y: str
    odd: bool
    title: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the grid with its label."""

    at: str
    label: str


def draw_whisker(value: float, interval: Interval | None, least: float, most: float) -> Whisker:
    """A value between `least` and `most` with its interval; without one both ends are the value."""

    def place(number: float) -> str:
        share = (min(most, max(least, number)) - least) / (most - least)
        return f"{INSET + share * (WIDE - 2 * INSET):.1f}"

    ends = interval or Interval(value, value)
    return Whisker(place(value), place(ends.low), place(ends.high), place(max(least, 0)))


def draw_points(points: Iterable[tuple[float, float, bool, str]]) -> list[Point]:
    """Points (share right, discrimination, whether odd, title) on the map; odd ones last, so on top."""
    ordered = sorted(points, key=lambda point: point[2])
    return [Point(_across(share), _up(r), odd, title) for share, r, odd, title in ordered]


def draw_grid() -> tuple[list[Tick], list[Tick]]:
    """The lines for shares (from left to right) and for correlations (from the bottom up)."""
    shares = [Tick(_across(percent / 100), f"{percent} %") for percent in (0, 25, 50, 75, 100)]
    return shares, [Tick(_up(r), f"{r:+.1f}" if r else "0") for r in (-0.5, 0.0, 0.5, 1.0)]


def _across(share: float) -> str:
    return f"{MAP_LEFT + share * (MAP_RIGHT - MAP_LEFT):.1f}"


def _up(r: float) -> str:
    height = (max(-0.5, r) + 0.5) / 1.5
    return f"{MAP_BOTTOM - height * (MAP_BOTTOM - MAP_TOP):.1f}"
