"""How far trainees get: module by module, with attempts and time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, DurationField, ExpressionWrapper, F, Q, Window
from django.db.models.functions import RowNumber

from escollect.domain.tutorial import EXAM, Tutorial
from escollect.quality.training_scope import Scope
from escollect.training.models import Attempt


@dataclass(frozen=True, slots=True)
class ModuleStep:
    """One module, or the examination (`exam`): who entered, who passed, and what it took them.

    `attempts` counts the graded ones and the open ones; `seconds` is the median from the start of a graded
    attempt to its grading, None where there is none.
    """

    module: str
    entered: int
    passed: int
    attempts: int
    graded: int
    seconds: float | None

    @property
    def stopped(self) -> int:
        """Who entered and has not passed: they left, failed, or are still at it."""
        return self.entered - self.passed


def get_training_funnel(scope: Scope, tutorial: Tutorial) -> list[ModuleStep]:
    """Every module in the tutorial's order, what it no longer has, and the examination; two queries."""
    passed = Q(state=Attempt.State.PASSED)
    rows = (
        scope.attempts()
        .values_list("module")
        .annotate(
            entered=Count("participant", distinct=True),
            passed=Count("participant", filter=passed, distinct=True),
            attempts=Count("pk"),
            graded=Count("pk", filter=~Q(state=Attempt.State.OPEN)),
        )
        .order_by("module")
    )
    found = {slug: counts for slug, *counts in rows}
    medians = _get_medians(scope)
    steps = []
    for slug in order_modules(tutorial, list(found)):
        entered, done, attempts, graded = found.get(slug, (0, 0, 0, 0))
        steps.append(ModuleStep(slug, entered, done, attempts, graded, medians.get(slug)))
    return steps


def order_modules(tutorial: Tutorial, seen: Sequence[str]) -> list[str]:
    """The tutorial's modules in order, then those seen that it no longer has, and the examination last."""
    own = [module.slug for module in tutorial.modules]
    return [*own, *(slug for slug in seen if slug not in {*own, EXAM}), EXAM]


def _get_medians(scope: Scope) -> dict[str, float]:
    """Seconds: the mean of the middle one or two of each module's attempts in order of length."""
    length = ExpressionWrapper(F("graded_at") - F("started_at"), output_field=DurationField())
    rows = (
        scope.attempts()
        .filter(graded_at__isnull=False)
        .annotate(
            length=length,
            place=Window(RowNumber(), partition_by="module", order_by="length"),
            among=Window(Count("pk"), partition_by="module"),
        )
        .filter(place__gte=F("among") / 2.0, place__lte=F("among") / 2.0 + 1)
        .values_list("module", "length")
    )
    middle: dict[str, list[float]] = {}
    for module, found in rows:
        middle.setdefault(module, []).append(found.total_seconds())
    return {module: sum(found) / len(found) for module, found in middle.items()}
