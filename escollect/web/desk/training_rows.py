"""The numbers of the training's analysis as rows of the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from escollect.domain.correlation import Reading, Share, Sums
from escollect.domain.item_analysis import ChoiceShare, Remark, Warn
from escollect.domain.tutorial import EXAM, Tutorial
from escollect.quality.training_funnel import ModuleStep
from escollect.quality.training_items import ItemRow
from escollect.quality.training_prediction import Later, Prediction
from escollect.web.desk import training_words as words
from escollect.web.desk.charts import Point, Whisker, draw_points, draw_whisker

MOST_ANSWERS = 6
"""How many of the answers to an order are listed."""

SHORT = 90
GRAVE = frozenset({Warn.GOOD_FAIL, Warn.BACKWARDS, Warn.RIVAL})


@dataclass(frozen=True, slots=True)
class FunnelRow:
    """One module of the funnel."""

    slug: str
    label: str
    step: ModuleStep
    most: int
    stopped: str
    tries: str
    time: str
    remarks: int


@dataclass(frozen=True, slots=True)
class RemarkRow:
    """Something odd, what to do about it, and the texts of the choices it is about."""

    code: Warn
    advice: words.Advice
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """A choice with who took it; `percent` is that of everybody."""

    text: str
    is_key: bool
    count: int
    percent: int
    everybody: str
    good: str
    weak: str


@dataclass(frozen=True, slots=True)
class ItemCard:
    """An item with its numbers in words; what only the item's own card shows is made when it is asked for."""

    row: ItemRow
    label: str
    heading: str
    right: str
    right_interval: str
    good: str
    weak: str
    r: str
    r_interval: str
    remarks: list[RemarkRow]

    @property
    def reading(self) -> str:
        """What the discrimination says in words."""
        return str(words.READINGS[self.row.numbers.rest.reading])

    @property
    def right_whisker(self) -> Whisker:
        """The share right with its interval."""
        right = self.row.numbers.right
        return draw_whisker(right.value or 0, right.interval, 0, 1)

    @property
    def r_whisker(self) -> Whisker | None:
        """The discrimination with its interval, where it can be told."""
        r = self.row.numbers.discrimination
        return None if r is None else draw_whisker(r, self.row.numbers.rest.interval, -1, 1)

    @property
    def choices(self) -> list[ChoiceRow]:
        """Who took what; of orders only the most frequent."""
        return [_choice(choice, self.row) for choice in self.row.numbers.choices[: _limit(self.row)]]

    @property
    def more(self) -> int:
        """How many orders are left out."""
        return max(0, len(self.row.numbers.choices) - _limit(self.row))

    @property
    def grave(self) -> bool:
        """Whether the item may be wrong, not only weak."""
        return any(remark.code in GRAVE for remark in self.remarks)

    @property
    def odd(self) -> bool:
        """Whether something is to be looked at, too few answers aside."""
        return any(remark.code is not Warn.FEW for remark in self.remarks)


@dataclass(frozen=True, slots=True)
class Cell:
    """A correlation of the prediction table; `name` is that of the outcome."""

    name: str
    n: int
    r: str
    interval: str
    reading: str
    telling: bool
    whisker: Whisker | None


def get_labels(tutorial: Tutorial, slugs: Iterable[str]) -> dict[str, str]:
    """The titles of modules; what the tutorial no longer has keeps its slug."""
    titles = {module.slug: module.title for module in tutorial.modules}
    return {slug: _("Examination") if slug == EXAM else titles.get(slug, slug) for slug in slugs}


def build_funnel(
    steps: list[ModuleStep], labels: Mapping[str, str], cards: Iterable[ItemCard]
) -> list[FunnelRow]:
    """The modules with what was left at each; bars are measured against the fullest one."""
    odd = Counter(card.row.module for card in cards if card.odd)
    most = max((step.entered for step in steps), default=0) or 1
    return [
        FunnelRow(
            slug=step.module,
            label=labels[step.module],
            step=step,
            most=most,
            stopped=words.say_share(Share(step.stopped, step.entered)),
            tries=f"{step.attempts / step.entered:.1f}" if step.entered else "–",
            time=words.say_time(step.seconds),
            remarks=odd[step.module],
        )
        for step in steps
    ]


def build_card(row: ItemRow, labels: Mapping[str, str]) -> ItemCard:
    """An item with everything that is said about it."""
    numbers = row.numbers
    r, interval = numbers.discrimination, numbers.rest.interval
    heading = row.content.prompt if row.content else row.item
    return ItemCard(
        row=row,
        label=labels.get(row.module, row.module),
        heading=heading,
        right=words.say_share(numbers.right),
        right_interval=words.say_share_interval(numbers.right.interval),
        good=words.say_share(numbers.good),
        weak=words.say_share(numbers.weak),
        r=words.say_r(r),
        r_interval=words.say_r_interval(interval) if r is not None else "–",
        remarks=[_remark(remark, row) for remark in numbers.warnings],
    )


def _limit(row: ItemRow) -> int:
    whole = any(len(choice.ids) > 1 for choice in row.numbers.choices)
    return MOST_ANSWERS if whole else len(row.numbers.choices)


def _remark(remark: Remark, row: ItemRow) -> RemarkRow:
    return RemarkRow(remark.code, words.ADVICE[remark.code], tuple(_text(one, row) for one in remark.choices))


def _text(choice_id: str, row: ItemRow) -> str:
    found = (choice.text for choice in row.content.choices if choice.id == choice_id) if row.content else ()
    return next(iter(found), choice_id)


def _choice(choice: ChoiceShare, row: ItemRow) -> ChoiceRow:
    return ChoiceRow(
        text=" → ".join(_text(one, row) for one in choice.ids),
        is_key=choice.is_key,
        count=choice.everybody.hits,
        percent=round(100 * (choice.everybody.value or 0)),
        everybody=words.say_share(choice.everybody),
        good=words.say_share(choice.good),
        weak=words.say_share(choice.weak),
    )


def build_points(cards: Iterable[ItemCard]) -> list[Point]:
    """The items on the map: those whose discrimination can be told."""
    return draw_points(
        (card.row.numbers.difficulty, r, card.odd, f"{card.label}: {card.heading[:SHORT]}")
        for card in cards
        if (r := card.row.numbers.discrimination) is not None and card.row.numbers.difficulty is not None
    )


def build_prediction(prediction: Prediction, labels: Mapping[str, str]) -> list[tuple[str, list[Cell]]]:
    """A row for each score, with a cell for each outcome."""
    return [
        (
            _("Passing score of the examination") if one.module == EXAM else labels[one.module],
            [_cell(later, one.outcomes[later]) for later in Later],
        )
        for one in prediction.predictors
    ]


def _cell(later: Later, sums: Sums) -> Cell:
    reading = sums.reading
    r = None if reading in (Reading.FEW, Reading.FLAT) else sums.correlation
    return Cell(
        name=str(words.LATER[later]),
        n=sums.n,
        r=words.say_r(r),
        interval=words.say_r_interval(sums.interval) if r is not None else "",
        reading=str(words.READINGS[reading]),
        telling=reading in (Reading.TOGETHER, Reading.APART),
        whisker=draw_whisker(r, sums.interval, -1, 1) if r is not None else None,
    )


def build_bands(prediction: Prediction) -> list[dict[str, object]]:
    """The bands of the passing score with what their supporters' conversations came to."""
    return [
        {
            "label": f"{band.low}–{band.high} %" if band.high > band.low else f"{band.low} %",
            "supporters": band.supporters,
            "decided": band.decided.n,
            "hits": band.decided.hits,
            "accepted": words.say_share(band.decided),
            "interval": words.say_share_interval(band.decided.interval),
            "stars": "–" if band.feedback is None else f"{band.feedback:.2f}",
            "ratings": band.ratings,
            "relabels": words.say_share(band.relabels),
            "relabels_interval": words.say_share_interval(band.relabels.interval),
            "opinions": band.relabels.n,
        }
        for band in prediction.bands
    ]
