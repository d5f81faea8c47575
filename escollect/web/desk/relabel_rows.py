"""The numbers of a campaign of relabelling as rows of its page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from escollect.domain.agreement import Agreement
from escollect.domain.strategies import STRATEGIES, Strategy
from escollect.quality.models import Campaign
from escollect.quality.relabel_report import CampaignRow, Progress, Reviewer
from escollect.web.desk.charts import Whisker, draw_whisker
from escollect.web.desk.training_words import say_r, say_r_interval, say_share, say_share_interval, say_time

GOOD, FAIR = 0.8, 0.667
"""Krippendorff's own marks: from the first on one may rely on the labels, from the second with care."""

HEATS = 5
CELL, LEFT, TOP = 34, 150, 6

DRAWS: Mapping[str, str | Promise] = {
    Campaign.Draw.RANDOM: gettext_lazy("At random: what is found holds for the whole collection"),
    Campaign.Draw.STRATEGY: gettext_lazy(
        "By strategy: as many of each as there are, so that rare ones are seen"
    ),
    Campaign.Draw.RISK: gettext_lazy("By risk: where people are likeliest to disagree with the label"),
}
DRAWN: Mapping[str, str | Promise] = {
    Campaign.Draw.RANDOM: gettext_lazy("at random"),
    Campaign.Draw.STRATEGY: gettext_lazy("by strategy"),
    Campaign.Draw.RISK: gettext_lazy("by risk"),
}
SHORT: Mapping[str, str | Promise] = {
    Strategy.QUESTION: gettext_lazy("Question"),
    Strategy.RESTATEMENT: gettext_lazy("Restatement"),
    Strategy.REFLECTION: gettext_lazy("Reflection"),
    Strategy.SELF_DISCLOSURE: gettext_lazy("Self-disclosure"),
    Strategy.AFFIRMATION: gettext_lazy("Affirmation"),
    Strategy.SUGGESTIONS: gettext_lazy("Suggestions"),
    Strategy.INFORMATION: gettext_lazy("Information"),
    Strategy.OTHERS: gettext_lazy("Others"),
}


@dataclass(frozen=True, slots=True)
class ListedCampaign:
    """A campaign as the desk lists it."""

    campaign: Campaign
    progress: Progress
    drawn: str
    percent: int


@dataclass(frozen=True, slots=True)
class Overall:
    """The agreement in words; `reading` says what it is good for, `kind` how it is shown."""

    alpha: str
    interval: str
    whisker: Whisker | None
    reading: str
    kind: str
    kappa: str
    with_first: str


@dataclass(frozen=True, slots=True)
class StrategyRow:
    """How far people agree on one strategy."""

    label: str
    percent: int
    agreement: str
    opinions: int


@dataclass(frozen=True, slots=True)
class HeatCell:
    """A count of the confusion with its place in the chart; `heat` is 0 to 5 by its share of the row."""

    count: int
    percent: str
    heat: int
    same: bool
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class HeatRow:
    """A first label with what people said instead."""

    label: str
    short: str
    y: int
    total: int
    cells: list[HeatCell]


@dataclass(frozen=True, slots=True)
class Confusion:
    """First labels against opinions, as a table and as a chart."""

    heads: list[tuple[str, str, int]]
    rows: list[HeatRow]
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class ReviewerRow:
    """A person in words; `state` is empty, guessing or aside."""

    row: Reviewer
    time: str
    majority: str
    majority_interval: str
    gold: str
    state: str


def build_campaign(row: CampaignRow) -> ListedCampaign:
    """A campaign of the list."""
    return build_campaign_of(row.campaign, row.progress)


def build_campaign_of(campaign: Campaign, progress: Progress) -> ListedCampaign:
    """A campaign with how far it is, in per cent of the opinions wanted."""
    percent = 100 * progress.given // progress.wanted if progress.wanted else 0
    return ListedCampaign(campaign, progress, str(DRAWN[campaign.draw]), min(100, percent))


def build_overall(found: Agreement) -> Overall | None:
    """The agreement of a campaign, None while nothing can be compared."""
    if not found.units:
        return None
    same, opinions = found.with_first
    alpha, interval = found.alpha, found.interval
    if alpha is None:
        reading, kind = _("Only one strategy was given, so chance would agree as well."), ""
    elif interval is None or interval.low < FAIR:
        reading, kind = _("Do not rely on these labels yet: the interval reaches below 0.667."), "warn"
    elif interval.low < GOOD:
        reading, kind = _("Good enough for tentative conclusions."), ""
    else:
        reading, kind = _("Good enough to rely on."), "good"
    return Overall(
        alpha=say_r(alpha),
        interval=say_r_interval(interval),
        whisker=None if alpha is None else draw_whisker(alpha, interval, 0, 1),
        reading=reading,
        kind=kind,
        kappa=say_r(found.kappa),
        with_first=f"{100 * same / opinions:.0f} %" if opinions else "–",
    )


def build_strategies(found: Agreement) -> list[StrategyRow]:
    """How far people agree on each strategy that was given."""
    return [
        StrategyRow(_(name), round(100 * share), f"{100 * share:.0f} %", opinions)
        for name in STRATEGIES
        if name in found.by_category
        for share, opinions in [found.by_category[name]]
    ]


def build_confusion(found: Agreement) -> Confusion | None:
    """First labels against opinions, None while there are none."""
    if not found.confusion:
        return None
    names = [name for name in STRATEGIES if name in found.confusion]
    rows = [_heat_row(name, found.confusion[name], TOP + at * CELL) for at, name in enumerate(names)]
    heads = [(str(SHORT[name]), _(name), LEFT + at * CELL + CELL // 2) for at, name in enumerate(STRATEGIES)]
    return Confusion(heads, rows, LEFT + len(STRATEGIES) * CELL + 2, TOP + len(rows) * CELL + 92)


def _heat_row(first: str, counts: Mapping[str, int], y: int) -> HeatRow:
    total = sum(counts.values())
    cells = []
    for at, name in enumerate(STRATEGIES):
        share = counts.get(name, 0) / total
        heat = 0 if not share else min(HEATS, 1 + int(share * HEATS))
        percent = f"{100 * share:.0f} %" if share else ""
        cells.append(HeatCell(counts.get(name, 0), percent, heat, name == first, LEFT + at * CELL, y))
    return HeatRow(_(first), str(SHORT[first]), y + CELL // 2, total, cells)


def build_reviewer(row: Reviewer) -> ReviewerRow:
    """A person of a campaign."""
    return ReviewerRow(
        row=row,
        time=say_time(row.seconds),
        majority=say_share(row.majority),
        majority_interval=say_share_interval(row.majority.interval),
        gold=f"{row.gold.hits} / {row.gold.n}" if row.gold.n else "–",
        state="aside" if row.set_aside else "guessing" if row.guessing else "",
    )
