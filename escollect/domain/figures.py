"""The paper's figures, drawn from the content of statistics.json (corpus format, section 5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import ceil
from typing import Any

from escollect.domain.drawing import INK, QUIET, Box, Drawing, Label, Mark, Rule, shade, tick_step
from escollect.domain.strategies import STRATEGIES

WIDTH = 760
LEFT, TOP, BOTTOM = 56, 64, 44
PLOT = 280
FLOOR = TOP + PLOT
HEIGHT = FLOOR + BOTTOM
PALETTE = ("#0072b2", "#56b4e9", "#009e73", "#b5a800", "#d55e00", "#cc79a7", "#8c6bb1", "#9aa5b1")
"""One colour a strategy; neighbours differ in lightness too, so that they can be told apart in grey."""

FIRST, SECOND = PALETTE[0], PALETTE[4]
ROW = 26
SIXTHS = ("first", "second", "third", "fourth", "fifth", "last")
THIRDS = ("first third", "middle third", "last third")
STEPS: Mapping[str, str] = {
    "arrived": "people arrived",
    "consented": "people consented",
    "qualified": "supporters qualified",
    "conversations": "conversations began",
    "long_enough": "finished and long enough",
    "accepted": "accepted",
    "released": "in this release",
}


def draw_all(statistics: Mapping[str, Any]) -> list[Drawing]:
    """Every figure of a release; one of nothing is drawn too, and says so."""
    return [
        draw_strategies(statistics),
        draw_intensity(statistics),
        draw_feedback(statistics),
        draw_lengths(statistics),
        draw_problems(statistics),
        draw_funnel(statistics),
    ]


def draw_strategies(statistics: Mapping[str, Any]) -> Drawing:
    """The share of every strategy in each sixth of the conversation, one column on the other."""
    right = WIDTH - 220
    marks = [*_axis([0, 0.25, 0.5, 0.75, 1], 1, right, percent=True)]
    for at, part in enumerate(statistics["strategies_by_sixth"]):
        x, width = _slot(at, len(SIXTHS), right)
        marks.append(Label(x + width / 2, FLOOR + 18, SIXTHS[at], "middle", 11, QUIET))
        top = float(FLOOR)
        for color, strategy in zip(PALETTE, STRATEGIES, strict=True):
            height = PLOT * (part[strategy]["share"] or 0)
            top -= height
            if height:
                marks.append(Box(x, top, width, height, color))
    for at, strategy in enumerate(reversed(STRATEGIES)):
        y = TOP + 14 + at * ROW
        marks += [
            Box(right + 20, y - 10, 12, 12, PALETTE[len(STRATEGIES) - 1 - at]),
            Label(right + 40, y, strategy, size=11),
        ]
    title = "Strategies by sixth of the conversation"
    return _finish("strategies-by-sixth", title, marks, statistics)


def draw_intensity(statistics: Mapping[str, Any]) -> Drawing:
    """How strong the feeling was before and after, as counts of each answer."""
    counts, means = statistics["intensity_counts"], statistics["intensity"]
    right = WIDTH - 220
    most = max(*counts["before"], *counts["after"], 1)
    marks = [*_axis(_ticks(most), most, right)]
    for at in range(5):
        x, width = _slot(at, 5, right)
        for place, (when, color) in enumerate((("before", FIRST), ("after", SECOND))):
            marks += _column(x + place * width / 2, width / 2, counts[when][at], most, color)
        marks.append(Label(x + width / 2, FLOOR + 18, str(at + 1), "middle", 11, QUIET))
    for place, (when, color) in enumerate((("before", FIRST), ("after", SECOND))):
        y = TOP + 14 + place * ROW
        mean = means[when]["mean"]
        told = "no answers" if mean is None else f"mean {mean:.2f}, n = {means[when]['count']}"
        marks += [
            Box(right + 20, y - 10, 12, 12, color),
            Label(right + 40, y, f"{when}: {told}", size=11),
        ]
    title = "Intensity of the feeling before and after (1 to 5)"
    return _finish("intensity", title, marks, statistics)


def draw_feedback(statistics: Mapping[str, Any]) -> Drawing:
    """The seeker's mean feedback in each third of the conversation, with the number of ratings."""
    marks = [*_axis([0, 1, 2, 3, 4, 5], 5, WIDTH - 40)]
    for at, part in enumerate(statistics["feedback"]["by_third"]):
        x, width = _slot(at, len(THIRDS), WIDTH - 40)
        if part["mean"] is not None:
            marks += _column(x, width, part["mean"], 5, FIRST, f"{part['mean']:.2f}")
        label = f"{THIRDS[at]} (n = {part['count']})"
        marks.append(Label(x + width / 2, FLOOR + 18, label, "middle", 11, QUIET))
    title = "Mean feedback by third of the conversation (1 to 5 stars)"
    return _finish("feedback-by-third", title, marks, statistics)


def draw_lengths(statistics: Mapping[str, Any]) -> Drawing:
    """How many conversations have how many utterances."""
    classes = statistics["lengths"]
    most = max((one["conversations"] for one in classes), default=1)
    marks = [*_axis(_ticks(most), most, WIDTH - 40)]
    every = ceil(len(classes) / 12) or 1
    for at, one in enumerate(classes):
        x, width = _slot(at, len(classes), WIDTH - 40, gap=0.1)
        marks += _column(x, width, one["conversations"], most, FIRST, "")
        if at % every == 0:
            label = f"{one['from']}-{one['to']}"
            marks.append(Label(x + width / 2, FLOOR + 18, label, "middle", 10, QUIET))
    return _finish("lengths", "Utterances in a conversation", marks, statistics)


def draw_problems(statistics: Mapping[str, Any]) -> Drawing:
    """Problems by emotions: how many conversations, the darker the more."""
    crossed, emotions = statistics["problems_by_emotion"], list(statistics["emotions"])
    left, column = 190, 74
    most = max((count for row in crossed.values() for count in row.values()), default=1)
    marks: list[Mark] = [
        Label(left + (at + 0.5) * column, TOP + 4, emotion, "middle", 11)
        for at, emotion in enumerate(emotions)
    ]
    for line, (problem, row) in enumerate(crossed.items()):
        y = TOP + 14 + line * ROW
        marks.append(Label(left - 10, y + 17, problem, "end", 11))
        for at, emotion in enumerate(emotions):
            count = row.get(emotion, 0)
            share = 0.08 + 0.92 * count / most if count else 0.02
            marks.append(Box(left + at * column, y, column - 2, ROW - 2, shade(share)))
            ink = "#ffffff" if share > 0.6 else INK if count else QUIET
            marks.append(Label(left + (at + 0.5) * column, y + 17, str(count), "middle", 11, ink))
    width = max(WIDTH, left + column * len(emotions) + 30)
    height = TOP + 30 + ROW * max(1, len(crossed))
    title = "Problems and emotions (conversations)"
    return _finish("problems-by-emotion", title, marks, statistics, width, height)


def draw_funnel(statistics: Mapping[str, Any]) -> Drawing:
    """From the people who arrived to the conversations of the release."""
    steps, left, wide = statistics["funnel"], 190, WIDTH - 300
    most = max((step["count"] for step in steps), default=0) or 1
    marks: list[Mark] = []
    for line, step in enumerate(steps):
        y = TOP + 4 + line * (ROW + 8)
        length = wide * step["count"] / most
        marks += [
            Label(left - 10, y + 19, STEPS.get(step["step"], step["step"]), "end", 12),
            Box(left, y, max(length, 1), ROW, FIRST if line < 3 else PALETTE[2]),
            Label(left + length + 8, y + 19, f"{step['count']:,}", size=12),
        ]
    height = TOP + 20 + (ROW + 8) * max(1, len(steps))
    return _finish("funnel", "From who came to what is released", marks, statistics, WIDTH, height)


def _finish(
    name: str,
    title: str,
    marks: Sequence[Mark],
    statistics: Mapping[str, Any],
    width: int = WIDTH,
    height: int = HEIGHT,
) -> Drawing:
    note = f"{statistics['conversations']:,} accepted conversations, {statistics['utterances']:,} utterances"
    head = [Label(20, 26, title, size=16, bold=True), Label(20, 44, note, size=11, fill=QUIET)]
    return Drawing(name, title, width, height, (*head, *marks))


def _axis(ticks: Sequence[float], most: float, right: float, *, percent: bool = False) -> Iterator[Mark]:
    for tick in ticks:
        y = FLOOR - PLOT * tick / most
        yield Rule(LEFT, y, right, y)
        label = f"{100 * tick:.0f} %" if percent else f"{tick:,.0f}"
        yield Label(LEFT - 8, y + 4, label, "end", 11, QUIET)


def _ticks(most: int) -> list[int]:
    return list(range(0, most + 1, tick_step(most)))


def _slot(at: int, count: int, right: float, gap: float = 0.3) -> tuple[float, float]:
    """Left edge and width of the `at`-th of `count` columns."""
    room = (right - LEFT) / max(1, count)
    return LEFT + room * (at + gap / 2), room * (1 - gap)


def _column(
    x: float, width: float, value: float, most: float, color: str, label: str | None = None
) -> list[Mark]:
    height = PLOT * value / most
    text = f"{value:,}" if label is None else label
    number = [Label(x + width / 2, FLOOR - height - 5, text, "middle", 10, QUIET)] if text else []
    return [Box(x, FLOOR - height, width, height, color), *number]
