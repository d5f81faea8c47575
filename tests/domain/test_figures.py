"""The figures of a release: what is drawn is what was counted, and it is SVG that anybody can open."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from escollect.domain.drawing import Box, Drawing, Label, Rule, shade, tick_step, write_svg
from escollect.domain.figures import PALETTE, PLOT, draw_all, draw_feedback, draw_strategies
from escollect.domain.statistics import Statistics
from escollect.domain.strategies import STRATEGIES
from tests.domain.transcripts import seeker, supporter, transcript

FUNNEL = [{"step": "arrived", "count": 1200}, {"step": "released", "count": 30}]
NAMES = [
    "strategies-by-sixth",
    "intensity",
    "feedback-by-third",
    "lengths",
    "problems-by-emotion",
    "funnel",
]


def count(*given: Any) -> dict[str, Any]:
    statistics = Statistics()
    for one in given:
        statistics.add(one)
    return {**statistics.result(), "funnel": FUNNEL}


def make_some() -> dict[str, Any]:
    first = transcript(
        (
            supporter(strategy="Question"),
            seeker(feedback=2),
            supporter(strategy="Question"),
            seeker(feedback=3),
            supporter(strategy="Others"),
            seeker(feedback=5),
        ),
        problem_type="rent & <noise>",
    )
    return count(first, transcript(emotion_type="fear"))


def labels(drawing: Drawing) -> list[str]:
    return [mark.text for mark in drawing.marks if isinstance(mark, Label)]


def test_every_figure_is_drawn_as_svg_and_the_same_again() -> None:
    drawings = draw_all(make_some())
    assert [drawing.name for drawing in drawings] == NAMES
    for drawing, again in zip(drawings, draw_all(make_some()), strict=True):
        written = write_svg(drawing)
        assert written == write_svg(again)
        assert "style=" not in written
        root = ElementTree.fromstring(written)
        assert root.get("viewBox") == f"0 0 {drawing.width} {drawing.height}"
        assert root.findtext("{http://www.w3.org/2000/svg}title") == drawing.title


def test_nothing_can_be_drawn_too() -> None:
    empty = {**count(), "funnel": []}
    assert [drawing.name for drawing in draw_all(empty)] == NAMES
    assert all(write_svg(drawing) for drawing in draw_all(empty))


def test_columns_are_as_high_as_their_shares() -> None:
    drawing = draw_strategies(make_some())
    columns = [mark for mark in drawing.marks if isinstance(mark, Box) and mark.width > 12]
    question = PALETTE[STRATEGIES.index("Question")]
    assert max(mark.height for mark in columns if mark.fill == question) == PLOT
    assert sum(mark.height for mark in columns) == pytest.approx(PLOT * len({mark.x for mark in columns}))


def test_feedback_says_mean_and_number() -> None:
    statistics = count(
        transcript((supporter(), seeker(feedback=2), supporter(), seeker(feedback=4), supporter(), seeker()))
    )
    told = labels(draw_feedback(statistics))
    assert "first third (n = 1)" in told
    assert "2.00" in told
    assert "last third (n = 0)" in told


def test_problems_emotions_and_funnel_carry_their_counts() -> None:
    drawings = {drawing.name: drawing for drawing in draw_all(make_some())}
    assert {"rent & <noise>", "job crisis", "sadness", "fear"} <= set(labels(drawings["problems-by-emotion"]))
    assert {"1,200", "30", "people arrived", "in this release"} <= set(labels(drawings["funnel"]))
    assert "rent &amp; &lt;noise&gt;" in write_svg(drawings["problems-by-emotion"])


def test_marks_are_written_with_no_more_digits_than_they_need() -> None:
    drawing = Drawing(
        "all", "Everything", 10, 10, (Box(1, 2.5, 3.333, 4, "#000"), Rule(0, 1, 2, 3), Label(1, 2, "a"))
    )
    written = write_svg(drawing)
    assert '<rect x="1" y="2.5" width="3.33" height="4" fill="#000"/>' in written
    assert '<line x1="0" y1="1" x2="2" y2="3"' in written
    assert '<text x="1" y="2" font-size="12" fill="#1f2933">a</text>' in written


@pytest.mark.parametrize(("most", "step"), [(1, 1), (5, 1), (6, 2), (23, 5), (100, 20), (1300, 500)])
def test_an_axis_has_about_five_ticks(most: int, step: int) -> None:
    assert tick_step(most) == step


def test_a_shade_lies_between_paper_and_ink() -> None:
    assert (shade(0), shade(1)) == ("#ffffff", "#2f6f8f")
