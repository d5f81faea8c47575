"""The quiz items of a training, counted by the database and judged by `domain.item_analysis`."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from django.db.models import F, IntegerField, QuerySet, TextField
from django.db.models.functions import Cast

from escollect.domain.correlation import Sums
from escollect.domain.item_analysis import (
    AnswerCount,
    ItemAnalysis,
    ItemContent,
    analyse_item,
    find_cuts,
)
from escollect.domain.quiz import Item
from escollect.domain.tutorial import Tutorial
from escollect.infra.sets import select_from
from escollect.quality.training_funnel import order_modules
from escollect.quality.training_scope import Scope
from escollect.training.models import Answer

SLACK = 1e-9
"""Shares are compared with this much room, so that no two ways of dividing disagree."""

LEVELS = """
, trainee AS (SELECT COUNT(*) AS n, SUM(hit) AS hits FROM counted GROUP BY trainee_id)
SELECT hits, n, COUNT(*) FROM trainee GROUP BY hits, n
"""

# A window rather than a join: SQLite would look for all answers twice.
COUNTS = """
, whole AS (
    SELECT part, item_key, took, hit, SUM(hit) OVER trainee AS hits, COUNT(*) OVER trainee AS n
    FROM counted WINDOW trainee AS (PARTITION BY trainee_id)
)
, scored AS (
    SELECT part, item_key, took, hit, CAST(hits AS double precision) / n AS level,
        CASE WHEN n > 1 THEN CAST(hits - hit AS double precision) / (n - 1) END AS rest
    FROM whole
)
SELECT part, item_key, took, hit, COUNT(*),
    SUM(CASE WHEN level >= %s THEN 1 ELSE 0 END), SUM(CASE WHEN level <= %s THEN 1 ELSE 0 END),
    COUNT(rest), COALESCE(SUM(rest), 0), COALESCE(SUM(rest * rest), 0)
FROM scored GROUP BY part, item_key, took, hit
"""


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item in one module's quiz or in the examination; `content` is what the tutorial says of it now.

    `same` is False when the tutorial has no such item any more, or had another key for it.
    """

    module: str
    item: str
    content: Item | None
    same: bool
    numbers: ItemAnalysis


def get_items(scope: Scope, tutorial: Tutorial) -> list[ItemRow]:
    """Every item that was answered, in the tutorial's order; two queries, counted where the answers are."""
    answers = _counted(scope)
    levels = select_from("counted", answers, LEVELS)
    cuts = find_cuts(hits / n for hits, n, people in levels for _ in range(people))
    good, weak = (cuts.good - SLACK, cuts.weak + SLACK) if cuts else (inf, -inf)
    counts: dict[tuple[str, str], list[AnswerCount]] = defaultdict(list)
    for part, item, *row in select_from("counted", answers, COUNTS, [good, weak]):
        counts[part, item].append(_read(row))
    places = {
        slug: at for at, slug in enumerate(order_modules(tutorial, sorted({part for part, _ in counts})))
    }
    content = {item.id: item for module in tutorial.modules for item in module.items}
    ranks = {item_id: rank for rank, item_id in enumerate(content)}
    ordered = sorted(counts, key=lambda key: (places[key[0]], ranks.get(key[1], len(ranks)), key[1]))
    return [_row(part, item, content.get(item), counts[part, item]) for part, item in ordered]


def _counted(scope: Scope) -> QuerySet[Answer, Any]:
    return scope.answers().values(
        trainee_id=F("attempt__participant"),
        part=F("attempt__module"),
        item_key=F("item"),
        took=Cast("given", TextField()),
        hit=Cast("right", IntegerField()),
    )


def _read(row: Sequence[Any]) -> AnswerCount:
    took, hit, n, good, weak, rested, rest, squares = row
    x = rested if hit else 0
    sums = Sums(n=rested, x=x, y=rest, xx=x, yy=squares, xy=rest if hit else 0.0)
    return AnswerCount(tuple(json.loads(took)), bool(hit), n, good, weak, sums)


def _row(module: str, item_id: str, content: Item | None, answers: Sequence[AnswerCount]) -> ItemRow:
    known = ItemContent(content.kind, tuple(c.id for c in content.choices), content.key) if content else None
    same = content is not None and all(content.is_right(one.given) is one.right for one in answers)
    return ItemRow(module, item_id, content, same, analyse_item(answers, known if same else None))
