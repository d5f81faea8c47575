"""How far people agree when they put the same things into the same categories.

Krippendorff's alpha (nominal) and Fleiss' kappa are computed from sums that add up over things, so that a
bootstrap only adds them in other proportions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from escollect.domain.correlation import Interval

RESAMPLES = 1000
FEWEST_CLUSTERS = 2
LOW, HIGH = 0.025, 0.975


@dataclass(frozen=True, slots=True)
class Unit:
    """One thing and the labels that people gave it; `cluster` is what it was drawn with (a conversation)."""

    labels: tuple[str, ...]
    cluster: str = ""

    @property
    def pairable(self) -> bool:
        """Whether there are two labels to compare."""
        return len(self.labels) > 1


@dataclass(frozen=True, slots=True)
class _Sums:
    """What alpha needs of some units: disagreeing pairs, each unit's divided by its raters less one, and
    the labels in the order of the categories.
    """

    disagreeing: float
    counts: tuple[int, ...]

    def alpha(self) -> float | None:
        n = sum(self.counts)
        differing = n * n - sum(count * count for count in self.counts)
        return 1 - (n - 1) * self.disagreeing / differing if differing else None


def get_alpha(units: Iterable[Unit]) -> float | None:
    """Krippendorff's alpha for nominal data; any number of labels a unit, units with one are passed over.

    1 is perfect agreement, 0 what chance would give, below 0 worse than chance. None when there is nothing
    to compare, or when only one category occurs: then chance agrees as well.
    """
    pairable = [unit for unit in units if unit.pairable]
    return _add_up(pairable, _categories(pairable)).alpha()


def get_kappa(units: Iterable[Unit]) -> float | None:
    """Fleiss' kappa. None unless every unit has the same number of labels, two at least, and the
    categories vary.
    """
    given = list(units)
    sizes = {len(unit.labels) for unit in given}
    if len(sizes) != 1 or min(sizes) < 2:
        return None
    sums = _add_up(given, _categories(given))
    n = sum(sums.counts)
    expected = sum((count / n) ** 2 for count in sums.counts)
    observed = 1 - sums.disagreeing / n
    return (observed - expected) / (1 - expected) if expected < 1 else None


def get_alpha_interval(units: Iterable[Unit], seed: int, resamples: int = RESAMPLES) -> Interval | None:
    """The 95 % percentile interval of alpha from drawing whole clusters with replacement.

    Labels within a conversation go together, so units alone would make it too narrow. The seed decides the
    draws. None with fewer than two clusters that can be compared, or where alpha itself says nothing.
    """
    pairable = [unit for unit in units if unit.pairable]
    categories = _categories(pairable)
    clusters: dict[str, list[Unit]] = {}
    for unit in pairable:
        clusters.setdefault(unit.cluster, []).append(unit)
    if len(clusters) < FEWEST_CLUSTERS or len(categories) < 2:
        return None
    # Sorted, so that the order in which units come does not change the draws.
    sums = [_add_up(clusters[name], categories) for name in sorted(clusters)]
    drawn = sorted(_resample(sums, Random(seed), resamples))
    return Interval(_quantile(drawn, LOW), _quantile(drawn, HIGH)) if drawn else None


def get_specific_agreement(units: Iterable[Unit]) -> dict[str, tuple[float, int]]:
    """For each category that occurs: when one person gives it, how often another one does too, and how many
    labels that rests on.
    """
    given: Counter[str] = Counter()
    agreeing: dict[str, float] = {}
    for unit in units:
        if not unit.pairable:
            continue
        for label, count in Counter(unit.labels).items():
            agreeing[label] = agreeing.get(label, 0.0) + count * (count - 1) / (len(unit.labels) - 1)
            given[label] += count
    return {label: (agreeing[label] / given[label], given[label]) for label in sorted(given)}


def count_confusion(pairs: Iterable[tuple[str, str]]) -> dict[str, dict[str, int]]:
    """How often the second of a pair stands against the first: first → second → count."""
    found: dict[str, Counter[str]] = {}
    for first, second in pairs:
        found.setdefault(first, Counter())[second] += 1
    return {first: dict(counts) for first, counts in found.items()}


def get_majority(labels: Sequence[str]) -> str | None:
    """The label that more people gave than any other; None on a tie or of nothing."""
    ranked = Counter(labels).most_common(2)
    if not ranked or (len(ranked) > 1 and ranked[0][1] == ranked[1][1]):
        return None
    return ranked[0][0]


def _categories(units: Iterable[Unit]) -> list[str]:
    return sorted({label for unit in units for label in unit.labels})


def _add_up(units: Iterable[Unit], categories: Sequence[str]) -> _Sums:
    counts: Counter[str] = Counter()
    disagreeing = 0.0
    for unit in units:
        here = Counter(unit.labels)
        size = len(unit.labels)
        disagreeing += (size * size - sum(count * count for count in here.values())) / (size - 1)
        counts.update(here)
    return _Sums(disagreeing, tuple(counts[name] for name in categories))


def _resample(sums: Sequence[_Sums], chance: Random, times: int) -> list[float]:
    """The alphas of so many draws; a draw in which nothing varies says nothing and is left out."""
    places = range(len(sums))
    columns = [tuple(one.counts[at] for one in sums) for at in range(len(sums[0].counts))]
    disagreeing: Callable[[int], float] = [one.disagreeing for one in sums].__getitem__
    found = []
    for _ in range(times):
        picks = chance.choices(places, k=len(sums))
        drawn = _Sums(
            sum(map(disagreeing, picks)),
            tuple(sum(map(column.__getitem__, picks)) for column in columns),
        )
        alpha = drawn.alpha()
        if alpha is not None:
            found.append(alpha)
    return found


def _quantile(ordered: Sequence[float], share: float) -> float:
    """The quantile between the two values around it."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


@dataclass(frozen=True, slots=True)
class Agreement:
    """Everything said of a set of units; `confusion` is first label → opinion → count."""

    units: int
    labels: int
    clusters: int
    alpha: float | None
    interval: Interval | None
    kappa: float | None
    by_category: Mapping[str, tuple[float, int]]
    confusion: Mapping[str, Mapping[str, int]]

    @property
    def with_first(self) -> tuple[int, int]:
        """How many opinions are the first label, and how many opinions there are."""
        same = sum(counts.get(first, 0) for first, counts in self.confusion.items())
        return same, sum(sum(counts.values()) for counts in self.confusion.values())


def describe_agreement(units: Sequence[tuple[str, Unit]], seed: int) -> Agreement:
    """The agreement over units, each given with its first label, which takes no part in alpha and kappa:
    it was given while the conversation went on, and is not blind.
    """
    given = [unit for _first, unit in units]
    pairable = [unit for unit in given if unit.pairable]
    return Agreement(
        units=len(pairable),
        labels=sum(len(unit.labels) for unit in pairable),
        clusters=len({unit.cluster for unit in pairable}),
        alpha=get_alpha(pairable),
        interval=get_alpha_interval(pairable, seed),
        kappa=get_kappa(pairable),
        by_category=get_specific_agreement(pairable),
        confusion=count_confusion((first, label) for first, unit in units for label in unit.labels),
    )
