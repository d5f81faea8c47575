"""A drawing as plain marks, and how it is written as SVG.

A chart is made of marks once and then written as SVG, or drawn as pixels by whoever can; the same marks
always give the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

INK = "#1f2933"
QUIET = "#667085"
GRID = "#d9dee5"
PAPER = "#ffffff"
FONT = "Helvetica, Arial, sans-serif"

Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle; x and y are its upper left corner."""

    x: float
    y: float
    width: float
    height: float
    fill: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    stroke: str = GRID
    width: float = 1


@dataclass(frozen=True, slots=True)
class Label:
    """A line of text; `y` is its baseline, `x` where `anchor` says."""

    x: float
    y: float
    text: str
    anchor: Anchor = "start"
    size: float = 12
    fill: str = INK
    bold: bool = False


Mark = Box | Rule | Label


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture of marks on white paper; `name` is that of its files, `title` says what it shows."""

    name: str
    title: str
    width: int
    height: int
    marks: tuple[Mark, ...]


def write_svg(drawing: Drawing) -> str:
    """The drawing as an SVG file that needs nothing besides itself."""
    size = f'width="{drawing.width}" height="{drawing.height}" viewBox="0 0 {drawing.width} {drawing.height}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family={quoteattr(FONT)}>',
        f"<title>{escape(drawing.title)}</title>",
        f'<rect width="{drawing.width}" height="{drawing.height}" fill="{PAPER}"/>',
        *map(_write_mark, drawing.marks),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _write_mark(mark: Mark) -> str:
    if isinstance(mark, Box):
        place = f'x="{_n(mark.x)}" y="{_n(mark.y)}" width="{_n(mark.width)}" height="{_n(mark.height)}"'
        return f'<rect {place} fill="{mark.fill}"/>'
    if isinstance(mark, Rule):
        ends = f'x1="{_n(mark.x1)}" y1="{_n(mark.y1)}" x2="{_n(mark.x2)}" y2="{_n(mark.y2)}"'
        return f'<line {ends} stroke="{mark.stroke}" stroke-width="{_n(mark.width)}"/>'
    weight = ' font-weight="bold"' if mark.bold else ""
    anchor = "" if mark.anchor == "start" else f' text-anchor="{mark.anchor}"'
    look = f'font-size="{_n(mark.size)}" fill="{mark.fill}"{anchor}{weight}'
    return f'<text x="{_n(mark.x)}" y="{_n(mark.y)}" {look}>{escape(mark.text)}</text>'


def _n(number: float) -> str:
    """A number with at most two decimals, and no more than it needs."""
    return f"{number:.2f}".rstrip("0").rstrip(".")


def shade(share: float, full: str = "#2f6f8f") -> str:
    """A colour between paper (0) and `full` (1)."""
    channels = (int(full[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(255 + (channel - 255) * share):02x}" for channel in channels)


def tick_step(most: float, ticks: int = 5) -> int:
    """A whole step of 1, 2 or 5 times a power of ten with which `most` is reached in about `ticks` steps."""
    step = 1
    for factor in _factors():
        step = factor
        if factor * ticks >= most:
            break
    return step


def _factors() -> Sequence[int]:
    return [base * 10**power for power in range(10) for base in (1, 2, 5)]
