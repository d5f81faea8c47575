"""The training under the magnifying glass: funnel, items, and what its scores predict."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from escollect.accounts.permissions import Thing
from escollect.quality.training_prediction import Later
from escollect.quality.training_report import ALL_VERSIONS, Report, VersionUnknownError, get_report
from escollect.web.desk import training_rows as rows
from escollect.web.desk.charts import draw_grid
from escollect.web.desk.choice import choose_study
from escollect.web.desk.forms import FilterForm
from escollect.web.desk.gates import page, staff
from escollect.web.desk.training_words import LATER

EVERY = "all"
FIRST = "first"


class TrainingFilters(FilterForm):
    """Which answers count, and which module is looked at."""

    version = forms.ChoiceField(
        label=gettext_lazy("Tutorial version"), required=False, widget=forms.Select(attrs={"class": "input"})
    )
    attempts = forms.ChoiceField(
        label=gettext_lazy("Attempts"),
        required=False,
        choices=[(FIRST, gettext_lazy("first ones only")), (EVERY, gettext_lazy("all of them"))],
        widget=forms.Select(attrs={"class": "input"}),
    )
    module = forms.ChoiceField(
        label=gettext_lazy("Module"), required=False, widget=forms.Select(attrs={"class": "input"})
    )

    def __init__(self, data: Any, report: Report, labels: dict[str, str]) -> None:
        super().__init__(data)
        versions = [
            (use.version, _version_label(use.version, use.attempts, report)) for use in report.versions
        ]
        present = report.tutorial.version
        if present not in dict(versions):
            versions.insert(0, (present, _version_label(present, 0, report)))
        self.fields["version"].choices = [*versions, (ALL_VERSIONS, _("all versions"))]  # type: ignore[attr-defined]
        self.fields["module"].choices = [("", _("all")), *labels.items()]  # type: ignore[attr-defined]


def _version_label(version: str, attempts: int, report: Report) -> str:
    now = _(", now") if version == report.tutorial.version else ""
    return _("%(version)s%(now)s (%(count)s attempts)") % {
        "version": version,
        "now": now,
        "count": attempts,
    }


@require_safe
@staff(Thing.TRAINING)
def training(request: HttpRequest) -> HttpResponse:
    """The analysis of the chosen study's training; with `?module=` its items one by one."""
    choice = choose_study(request)
    context: dict[str, object] = {"choice": choice}
    if choice.study is not None:
        first_only = request.GET.get("attempts") != EVERY
        try:
            report = get_report(choice.study, request.GET.get("version", ""), first_only=first_only)
        except VersionUnknownError as error:
            raise Http404 from error
        context |= _describe(report, request)
    return page(request, "training.html", "training", context)


def _describe(report: Report, request: HttpRequest) -> dict[str, object]:
    labels = rows.get_labels(report.tutorial, [step.module for step in report.steps])
    chosen = {
        "version": report.scope.version or ALL_VERSIONS,
        "attempts": FIRST if report.scope.first_only else EVERY,
        "module": request.GET.get("module", ""),
    }
    form = TrainingFilters(chosen, report, labels)
    module = form.get("module")
    cards = [rows.build_card(row, labels) for row in report.items]
    shown = [card for card in cards if card.row.module == module] if module else cards
    shares, correlations = draw_grid()
    return {
        "report": report,
        "form": form,
        "filtered": bool(set(request.GET) - {"study"}),
        "query": f"version={chosen['version']}&attempts={chosen['attempts']}",
        "module": module,
        "module_label": labels.get(module, ""),
        "funnel": rows.build_funnel(report.steps, labels, cards),
        "cards": shown,
        "odd": sum(card.odd for card in shown),
        "grave": [card for card in shown if card.grave],
        "weak": [card for card in shown if card.odd and not card.grave],
        "few": sum(not card.odd and bool(card.remarks) for card in shown),
        "points": rows.build_points(shown),
        "shares": shares,
        "correlations": correlations,
        "prediction": rows.build_prediction(report.prediction, labels),
        "later": [LATER[later] for later in Later],
        "bands": rows.build_bands(report.prediction),
    }
