"""The analysis of a training as JSON values, and the shapes that promise them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from escollect.domain.correlation import Interval, Reading, Share, Sums
from escollect.domain.item_analysis import Warn
from escollect.quality.training_funnel import ModuleStep
from escollect.quality.training_items import ItemRow
from escollect.quality.training_prediction import Band, Predictor
from escollect.quality.training_report import ALL_VERSIONS, Report

DIGITS = 4
Out = serializers.Serializer[Any]


class ShareSerializer(Out):
    """`hits` of `n`, with Wilson's interval; null of nothing."""

    hits = serializers.IntegerField()
    n = serializers.IntegerField()
    share = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)


class CorrelationSerializer(Out):
    """A correlation over `n` pairs with Fisher's interval; null where too little is known."""

    n = serializers.IntegerField()
    r = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    reading = serializers.ChoiceField(choices=[reading.value for reading in Reading])


class TrainingVersionSerializer(Out):
    """A tutorial version that somebody trained under."""

    version = serializers.CharField()
    attempts = serializers.IntegerField()


class TrainingStepSerializer(Out):
    """How far trainees got: people who entered and passed, their attempts, and the median time of one."""

    module = serializers.CharField()
    entered = serializers.IntegerField()
    passed = serializers.IntegerField()
    stopped = serializers.IntegerField()
    attempts = serializers.IntegerField()
    graded = serializers.IntegerField()
    median_s = serializers.FloatField(allow_null=True)


class TrainingChoiceSerializer(Out):
    """Who took a choice; several ids are an order."""

    choice = serializers.ListField(child=serializers.CharField())
    key = serializers.BooleanField()
    everybody = ShareSerializer()
    good = ShareSerializer()
    weak = ShareSerializer()


class TrainingWarningSerializer(Out):
    """Something to look at."""

    code = serializers.ChoiceField(choices=[warn.value for warn in Warn])
    choices = serializers.ListField(child=serializers.CharField())


class TrainingItemSerializer(Out):
    """An item in a module's quiz or in the examination."""

    module = serializers.CharField()
    item = serializers.CharField()
    shown = serializers.IntegerField()
    right = ShareSerializer()
    good = ShareSerializer()
    weak = ShareSerializer()
    discrimination = CorrelationSerializer()
    choices = TrainingChoiceSerializer(many=True)
    warnings = TrainingWarningSerializer(many=True)


class TrainingPredictorSerializer(Out):
    """A score against what came later; `exam` is the score of the passed examination."""

    module = serializers.CharField()
    acceptance = CorrelationSerializer()
    feedback = CorrelationSerializer()
    relabels = CorrelationSerializer()


class TrainingBandSerializer(Out):
    """Supporters by passing score, in per cent."""

    low = serializers.IntegerField()
    high = serializers.IntegerField()
    supporters = serializers.IntegerField()
    accepted = ShareSerializer()
    feedback = serializers.FloatField(allow_null=True)
    ratings = serializers.IntegerField()
    relabels = ShareSerializer()


class TrainingSerializer(Out):
    """The analysis of a training."""

    study = serializers.SlugField()
    version = serializers.CharField()
    attempts = serializers.ChoiceField(choices=["first", "all"])
    versions = TrainingVersionSerializer(many=True)
    funnel = TrainingStepSerializer(many=True)
    items = TrainingItemSerializer(many=True)
    prediction = TrainingPredictorSerializer(many=True)
    bands = TrainingBandSerializer(many=True)


def present_report(report: Report, module: str | None) -> dict[str, Any]:
    """A report, with the items of one module or of all."""
    scope = report.scope
    return {
        "study": scope.study.slug,
        "version": scope.version or ALL_VERSIONS,
        "attempts": "first" if scope.first_only else "all",
        "versions": [{"version": one.version, "attempts": one.attempts} for one in report.versions],
        "funnel": [_step(step) for step in report.steps],
        "items": [_item(row) for row in report.items if module in (None, row.module)],
        "prediction": [_predictor(one) for one in report.prediction.predictors],
        "bands": [_band(one) for one in report.prediction.bands],
    }


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)


def _ends(interval: Interval | None) -> dict[str, float | None]:
    return {
        "low": _round(interval.low if interval else None),
        "high": _round(interval.high if interval else None),
    }


def _share(share: Share) -> dict[str, Any]:
    return {"hits": share.hits, "n": share.n, "share": _round(share.value), **_ends(share.interval)}


def _correlation(sums: Sums) -> dict[str, Any]:
    says = sums.reading not in (Reading.FEW, Reading.FLAT)
    return {
        "n": sums.n,
        "r": _round(sums.correlation if says else None),
        **_ends(sums.interval if says else None),
        "reading": sums.reading.value,
    }


def _step(step: ModuleStep) -> dict[str, Any]:
    return {
        "module": step.module,
        "entered": step.entered,
        "passed": step.passed,
        "stopped": step.stopped,
        "attempts": step.attempts,
        "graded": step.graded,
        "median_s": _round(step.seconds),
    }


def _item(row: ItemRow) -> dict[str, Any]:
    numbers = row.numbers
    return {
        "module": row.module,
        "item": row.item,
        "shown": numbers.shown,
        "right": _share(numbers.right),
        "good": _share(numbers.good),
        "weak": _share(numbers.weak),
        "discrimination": _correlation(numbers.rest),
        "choices": [
            {
                "choice": list(choice.ids),
                "key": choice.is_key,
                "everybody": _share(choice.everybody),
                "good": _share(choice.good),
                "weak": _share(choice.weak),
            }
            for choice in numbers.choices
        ],
        "warnings": [{"code": one.code.value, "choices": list(one.choices)} for one in numbers.warnings],
    }


def _predictor(predictor: Predictor) -> dict[str, Any]:
    found = {later.value: _correlation(sums) for later, sums in predictor.outcomes.items()}
    return {"module": predictor.module, **found}


def _band(band: Band) -> dict[str, Any]:
    return {
        "low": band.low,
        "high": band.high,
        "supporters": band.supporters,
        "accepted": _share(band.decided),
        "feedback": _round(band.feedback),
        "ratings": band.ratings,
        "relabels": _share(band.relabels),
    }
