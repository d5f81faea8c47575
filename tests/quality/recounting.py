"""The item analysis once more, answer by answer in Python, to hold the database's counting against."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from uuid import UUID

from escollect.quality.training_scope import Scope
from escollect.training.models import Answer


def recompute(scope: Scope) -> dict[tuple[str, str], tuple[int, int, int, int, float | None]]:
    """Items once more, answer by answer in Python: shown, right, good right, weak right, discrimination."""
    rows = list(
        Answer.objects.filter(attempt__in=scope.counted()).values_list(
            "attempt__participant", "attempt__module", "item", "right"
        )
    )
    n, hits = Counter[UUID](), Counter[UUID]()
    for who, _module, _item, right in rows:
        n[who] += 1
        hits[who] += bool(right)
    level = {who: hits[who] / n[who] for who in n}
    ranked = sorted(level.values())
    outer = -(-27 * len(ranked) // 100)
    weak, good = ranked[outer - 1], ranked[-outer]
    found: dict[tuple[str, str], list[tuple[UUID, bool]]] = defaultdict(list)
    for who, module, item, right in rows:
        found[module, item].append((who, bool(right)))
    return {
        key: (
            len(given),
            sum(right for _, right in given),
            sum(right for who, right in given if level[who] >= good),
            sum(right for who, right in given if level[who] <= weak),
            _correlate(
                [(float(right), (hits[who] - right) / (n[who] - 1)) for who, right in given if n[who] > 1]
            ),
        )
        for key, given in found.items()
    }


def _correlate(pairs: list[tuple[float, float]]) -> float | None:
    if len(pairs) < 10 or any(len(set(side)) < 2 for side in zip(*pairs, strict=True)):
        return None
    return round(statistics.correlation(*map(list, zip(*pairs, strict=True))), 9)
