"""The study at a glance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from escollect.accounts.permissions import Thing
from escollect.corpus.funnel import FunnelStep, get_funnel
from escollect.corpus.overview import get_overview, get_targets
from escollect.web.desk.choice import choose_study
from escollect.web.desk.gates import may, page, staff
from escollect.web.desk.words import FUNNEL, VERDICTS, say

OUTCOMES = ("accepted", "rejected", "needs_review", "")


@dataclass(frozen=True, slots=True)
class FunnelRow:
    """A step as a row: its bar is measured against the first step that counts the same thing."""

    label: str
    count: int
    max: int
    share: int | None
    unit_changes: bool


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the verdict bar, in percent of the whole."""

    key: str
    label: str
    count: int
    percent: int
    start: str
    width: str


@require_safe
@staff(Thing.STUDY)
def overview(request: HttpRequest) -> HttpResponse:
    """Tiles, the funnel, the verdicts, and accepted against target."""
    choice = choose_study(request)
    context: dict[str, object] = {"choice": choice, "may_see_flags": may(request, Thing.FINDING)}
    if choice.study is not None:
        numbers = get_overview(choice.study)
        problems, emotions = get_targets(choice.study)
        funnel = get_funnel(choice.study)
        context |= {
            "numbers": numbers,
            "funnel": build_funnel(funnel),
            "fresh": not any(step.count for step in funnel),
            "shares": build_shares(numbers.verdicts),
            "problems": problems,
            "emotions": emotions,
            "aimed": any(row.wanted for row in (*problems, *emotions)),
            "most": max((row.accepted for row in (*problems, *emotions)), default=0),
            "target": choice.study.current.settings.targets.conversations if choice.study.current else 0,
        }
    return page(request, "overview.html", "overview", context)


def build_funnel(steps: list[FunnelStep]) -> list[FunnelRow]:
    """Rows with the share of the step before; people and conversations are not compared."""
    rows: list[FunnelRow] = []
    before: FunnelStep | None = None
    most = 1
    for step in steps:
        same = before is not None and before.counts_people == step.counts_people
        most = most if same else max(step.count, 1)
        share = round(100 * step.count / before.count) if same and before and before.count else None
        rows.append(
            FunnelRow(say(FUNNEL, step.step), step.count, most, share, before is not None and not same)
        )
        before = step
    return rows


def build_shares(verdicts: Mapping[str, int]) -> list[Share]:
    """The parts of the verdict bar in a fixed order; empty while nothing is finished."""
    total = sum(verdicts.get(key, 0) for key in OUTCOMES)
    shares: list[Share] = []
    start = 0.0
    for key in OUTCOMES:
        count = verdicts.get(key, 0)
        if not count:
            continue
        width = 100 * count / total
        shares.append(
            Share(key or "pending", say(VERDICTS, key), count, round(width), f"{start:.2f}", f"{width:.2f}")
        )
        start += width
    return shares
