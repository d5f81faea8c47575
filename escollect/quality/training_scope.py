"""Which attempts an analysis of the training counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, QuerySet

from escollect.studies.models import Study
from escollect.training.models import Answer, Attempt


@dataclass(frozen=True, slots=True)
class Scope:
    """A study's attempts, under one version of the tutorial or under all ("").

    `first_only` leaves out what somebody did again: then every trainee counts once for an item, and
    nobody answers from memory.
    """

    study: Study
    version: str = ""
    first_only: bool = True

    def attempts(self) -> QuerySet[Attempt]:
        """The attempts of the study under the version, again and open ones too."""
        rows = Attempt.objects.filter(participant__study=self.study)
        return rows.filter(tutorial_version=self.version) if self.version else rows

    def counted(self) -> QuerySet[Attempt]:
        """The attempts whose answers count: graded, and the first ones unless all are asked for."""
        graded = self.attempts().exclude(state=Attempt.State.OPEN)
        return graded.filter(number=1) if self.first_only else graded

    def answers(self) -> QuerySet[Answer]:
        """The answers of the counted attempts, joined and not looked up: there may be very many."""
        rows = Answer.objects.filter(right__isnull=False, attempt__participant__study=self.study)
        rows = rows.filter(attempt__state__in=[Attempt.State.PASSED, Attempt.State.FAILED])
        if self.version:
            rows = rows.filter(attempt__tutorial_version=self.version)
        return (rows.filter(attempt__number=1) if self.first_only else rows).order_by()


@dataclass(frozen=True, slots=True)
class VersionUse:
    """A tutorial version: attempts under it, the graded ones, when the last began and was graded."""

    version: str
    attempts: int
    graded: int
    last_at: datetime
    last_graded: datetime | None


def get_versions(study: Study) -> list[VersionUse]:
    """The tutorial versions that the study's trainees worked with, the latest used first; one query."""
    rows = (
        Attempt.objects.filter(participant__study=study)
        .values_list("tutorial_version")
        .annotate(
            attempts=Count("pk"),
            graded=Count("graded_at"),
            last_at=Max("started_at"),
            last_graded=Max("graded_at"),
        )
        .order_by("-last_at")
    )
    return [VersionUse(*row) for row in rows]


def choose_version(used: Sequence[VersionUse], current: str) -> str:
    """The version to begin with: the tutorial's present one, or the latest used while nobody used that."""
    known = [one.version for one in used]
    return current if current in known or not known else known[0]
