from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from escollect.accounts.permissions import Thing
from escollect.api.base import StaffView, StrictSerializer, access_study
from escollect.api.presenting_training import TrainingSerializer, present_report
from escollect.quality.training_report import Report, VersionUnknownError, get_report


class TrainingQuery(StrictSerializer):
    """What counts, and which items are listed."""

    version = serializers.CharField(
        required=False, help_text="a tutorial version, or all; without it the present one, or the latest used"
    )
    attempts = serializers.ChoiceField(
        ["first", "all"], default="first", help_text="first: what somebody did again does not count for items"
    )
    module = serializers.CharField(required=False, help_text="lists this module's items alone; exam is one")


class StudyTraining(StaffView):
    """The analysis of a study's training, with the keys of its quizzes: for staff alone.

    An item's `discrimination` is the point-biserial correlation of right with the rest score; it is null
    below ten trainees and where nothing varies. Intervals are 95 %: Wilson's of a share, Fisher's of a
    correlation.
    """

    needs = {"GET": Thing.TRAINING}
    pagination_class = None

    @extend_schema(
        parameters=[TrainingQuery],
        responses=TrainingSerializer,
        filters=False,
        summary="Analyse a study's training",
    )
    def get(self, request: Request, slug: str) -> Response:
        asked = self.read_query(TrainingQuery, request)
        study = access_study(slug)
        try:
            report = get_report(study, asked.get("version", ""), first_only=asked["attempts"] == "first")
        except VersionUnknownError as error:
            raise ValidationError({"version": [str(error)]}) from error
        return Response(self._present(report, asked.get("module")))

    def _present(self, report: Report, module: str | None) -> dict[str, Any]:
        known = [step.module for step in report.steps]
        if module is not None and module not in known:
            raise ValidationError({"module": [f"There is no such module; known are {', '.join(known)}."]})
        return present_report(report, module)
