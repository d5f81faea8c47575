"""The figures of a release as files: SVG always, PNG where the publishing extra is installed."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO
from typing import Any

from escollect.corpus.writing import Folder
from escollect.domain.drawing import PAPER, Box, Drawing, Label, Mark, Rule, write_svg

FOLDER = "figures"
SCALE = 2
ANCHORS = {"start": "ls", "middle": "ms", "end": "rs"}


def has_png() -> bool:
    """Whether PNG can be drawn here: it needs the publishing extra."""
    return find_spec("PIL") is not None


def name_of(drawing: Drawing, kind: str = "svg") -> str:
    """The file of a figure."""
    return f"{FOLDER}/{drawing.name}.{kind}"


def write_svgs(folder: Folder, drawings: Sequence[Drawing]) -> None:
    """One SVG a figure."""
    for drawing in drawings:
        folder.write(name_of(drawing), write_svg(drawing))


def write_pngs(folder: Folder, drawings: Sequence[Drawing]) -> None:
    """The same figures as PNG, two pixels a unit. Needs `has_png`."""
    for drawing in drawings:
        with folder.open(name_of(drawing, "png")) as file:
            file.write_bytes(_paint(drawing))


def _paint(drawing: Drawing) -> bytes:
    image: Any = import_module("PIL.Image")
    pen: Any = import_module("PIL.ImageDraw")
    paper = image.new("RGB", (drawing.width * SCALE, drawing.height * SCALE), PAPER)
    canvas = pen.Draw(paper)
    for mark in drawing.marks:
        _paint_mark(canvas, mark)
    data = BytesIO()
    paper.save(data, "PNG")
    return data.getvalue()


def _paint_mark(canvas: Any, mark: Mark) -> None:
    if isinstance(mark, Box):
        low = (mark.x + mark.width) * SCALE - 1, (mark.y + mark.height) * SCALE - 1
        corner = mark.x * SCALE, mark.y * SCALE
        if low[0] >= corner[0] and low[1] >= corner[1]:
            canvas.rectangle([*map(round, (*corner, *low))], fill=mark.fill)
    elif isinstance(mark, Rule):
        ends = [round(SCALE * end) for end in (mark.x1, mark.y1, mark.x2, mark.y2)]
        canvas.line(ends, fill=mark.stroke, width=round(SCALE * mark.width))
    else:
        _paint_label(canvas, mark)


def _paint_label(canvas: Any, label: Label) -> None:
    fonts: Any = import_module("PIL.ImageFont")
    canvas.text(
        (round(SCALE * label.x), round(SCALE * label.y)),
        label.text,
        fill=label.fill,
        font=fonts.load_default(SCALE * label.size),
        anchor=ANCHORS[label.anchor],
        stroke_width=1 if label.bold else 0,
        stroke_fill=label.fill,
    )
