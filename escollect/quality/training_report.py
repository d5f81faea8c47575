"""Everything the analysis of a training shows, for the page and the REST interface alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.cache import cache

from escollect.domain.tutorial import Tutorial
from escollect.quality.training_funnel import ModuleStep, get_training_funnel
from escollect.quality.training_items import ItemRow, get_items
from escollect.quality.training_prediction import Prediction, get_prediction
from escollect.quality.training_scope import Scope, VersionUse, choose_version, get_versions
from escollect.studies.models import Study
from escollect.training.selectors import FALLBACK_LANGUAGE, get_tutorial

KEPT_S = 3600
ALL_VERSIONS = "all"

Counted = tuple[list[ModuleStep], list[ItemRow]]


class VersionUnknownError(LookupError):
    """Nobody of the study trained under this version; `known` are those that somebody did."""

    def __init__(self, known: Sequence[str]) -> None:
        super().__init__(f"Nobody trained under this version. Known are: {', '.join(known) or 'none'}.")
        self.known = tuple(known)


@dataclass(frozen=True, slots=True)
class Report:
    """The analysis of one scope; `versions` are the tutorial versions one could choose instead."""

    scope: Scope
    tutorial: Tutorial
    versions: list[VersionUse]
    steps: list[ModuleStep]
    items: list[ItemRow]
    prediction: Prediction

    @property
    def empty(self) -> bool:
        """Whether nobody began the training yet."""
        return not any(step.entered for step in self.steps)


def get_study_tutorial(study: Study) -> Tutorial:
    """The tutorial that new trainees of the study get."""
    return get_tutorial(study.current.settings.language if study.current else FALLBACK_LANGUAGE)


def get_report(study: Study, version: str = "", *, first_only: bool = True) -> Report:
    """The analysis of a study's training under a tutorial version: "" for the usual one, "all" for every one.

    At most eight queries, four while nothing was begun, graded or erased since the last time. Raises
    VersionUnknownError.
    """
    tutorial = get_study_tutorial(study)
    versions = get_versions(study)
    chosen = version or choose_version(versions, tutorial.version)
    known = [one.version for one in versions]
    if version and version not in {*known, tutorial.version, ALL_VERSIONS}:
        raise VersionUnknownError(known)
    scope = Scope(study, "" if chosen == ALL_VERSIONS else chosen, first_only)
    steps, items = _count(scope, tutorial, versions)
    return Report(
        scope=scope,
        tutorial=tutorial,
        versions=versions,
        steps=steps,
        items=items,
        prediction=get_prediction(scope, tutorial),
    )


def _count(scope: Scope, tutorial: Tutorial, versions: Sequence[VersionUse]) -> Counted:
    """Funnel and items, counted again only when an attempt was begun, graded or erased, or the content
    changed.
    """
    state = [
        tutorial.version,
        *((one.version, one.attempts, one.graded, one.last_at, one.last_graded) for one in versions),
    ]
    key = f"training-counts:{scope.study.pk}:{scope.version}:{scope.first_only:d}"
    kept: tuple[list[object], Counted] | None = cache.get(key)
    if kept is not None and kept[0] == state:
        return kept[1]
    counted = get_training_funnel(scope, tutorial), get_items(scope, tutorial)
    cache.set(key, (state, counted), KEPT_S)
    return counted
