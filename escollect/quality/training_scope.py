"""Which attempts an analysis of the training counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, QuerySet

from escollect.studies.models import Study
from escollect.training.models import Attempt


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


@dataclass(frozen=True, slots=True)
class VersionUse:
    """A tutorial version with the number of attempts under it and the start of the latest."""

    version: str
    attempts: int
    last_at: datetime


def get_versions(study: Study) -> list[VersionUse]:
    """The tutorial versions that the study's trainees worked with, the latest used first; one query."""
    rows = (
        Attempt.objects.filter(participant__study=study)
        .values_list("tutorial_version")
        .annotate(attempts=Count("pk"), last_at=Max("started_at"))
        .order_by("-last_at")
    )
    return [VersionUse(*row) for row in rows]


def choose_version(used: Sequence[VersionUse], current: str) -> str:
    """The version to begin with: the tutorial's present one, or the latest used while nobody used that."""
    known = [one.version for one in used]
    return current if current in known or not known else known[0]
