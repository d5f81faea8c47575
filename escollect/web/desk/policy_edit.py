"""Writing a new version of a policy: by its thresholds, or the whole definition as YAML."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from escollect.accounts.permissions import Thing
from escollect.domain.quality.editing import Mistake, read_policy_text, show_definition
from escollect.domain.quality.reading import PolicyError
from escollect.quality import actions
from escollect.quality.models import Policy, Simulation
from escollect.quality.selectors import PolicyUnknown, get_policy
from escollect.studies.selectors import get_study
from escollect.web.desk.gates import get_staff, page, staff
from escollect.web.desk.policy_forms import PlaceForm, PolicyForm, PolicyTextForm, read_base
from escollect.web.desk.policy_places import make_place_form

FIELDS, YAML = "fields", "yaml"
FALLBACK = "esconv-2021"


@dataclass
class Draft:
    """What the person has typed so far: in one of two forms, with what is wrong with it."""

    definition: dict[str, Any]
    form: PolicyForm | None = None
    text: PolicyTextForm | None = None
    mistakes: list[Mistake] = field(default_factory=list)
    refused: str = ""

    @property
    def good(self) -> bool:
        return not (self.mistakes or self.refused or (self.form or self.text or PolicyTextForm()).errors)

    @property
    def base(self) -> str:
        """The definition that the fields belong to, carried along in the page."""
        return json.dumps(self.form.definition if self.form else self.definition)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Thing.POLICY_CHANGE)
def edit(request: HttpRequest) -> HttpResponse:
    """Write a version; it can be simulated before it is saved, and what was typed is never lost."""
    if request.method != "POST":
        draft = _open(_get_start(request), as_text=request.GET.get("as") == YAML)
        return _show(request, draft, make_place_form())
    draft, action = _read(request), request.POST.get("action", "")
    places = make_place_form(request.POST if action == "simulate" else None)
    if action in (FIELDS, YAML) and draft.good:
        return _show(request, _open(draft.definition, as_text=action == YAML), make_place_form())
    if action == "simulate" and draft.good and places.is_valid():
        answer = _simulate(request, draft, places)
    else:
        answer = _save(request, draft) if action == "save" and draft.good else None
    return answer or _show(request, draft, places, status=422)


def _get_start(request: HttpRequest) -> dict[str, Any]:
    """The definition to begin with: that of a version, or of a simulation."""
    simulation, version = request.GET.get("simulation", ""), request.GET.get("from", "")
    try:
        if simulation:
            return dict(Simulation.objects.get(pk=UUID(simulation)).definition)
        return dict(get_policy(version or FALLBACK).definition)
    except (ValueError, Simulation.DoesNotExist, PolicyUnknown) as error:
        raise Http404 from error


def _open(definition: dict[str, Any], *, as_text: bool) -> Draft:
    """A draft of this definition; one that cannot be read is shown as text with its mistakes."""
    if not as_text:
        try:
            return Draft(definition, form=PolicyForm(definition))
        except PolicyError:
            pass
    text = show_definition({key: value for key, value in definition.items() if key != "version"})
    return Draft(definition, text=PolicyTextForm(initial={"text": text}), mistakes=read_policy_text(text)[1])


def _read(request: HttpRequest) -> Draft:
    if request.POST.get("mode") == FIELDS:
        base = read_base(request.POST.get("base", ""))
        try:
            form = PolicyForm(base, request.POST)
        except PolicyError:
            return _open(base, as_text=True)
        if not form.is_valid():
            return Draft(base, form=form)
        return Draft(form.get_definition(), form=form)
    text = PolicyTextForm(request.POST)
    if not text.is_valid():
        return Draft({}, text=text)
    definition, mistakes = read_policy_text(text.cleaned_data["text"])
    return Draft(definition, text=text, mistakes=mistakes)


def _simulate(request: HttpRequest, draft: Draft, places: PlaceForm) -> HttpResponse | None:
    slug, source = places.get_place()
    study = get_study(slug)
    if study is None:
        raise Http404
    try:
        made = actions.start_simulation(draft.definition, study, get_staff(request), source=source)
    except (PolicyError, PolicyUnknown) as error:
        draft.refused = _words(error)
        return None
    return redirect("desk-simulation", made.pk)


def _save(request: HttpRequest, draft: Draft) -> HttpResponse | None:
    try:
        made: Policy = actions.add_policy(draft.definition, get_staff(request))
    except PolicyError as error:
        draft.refused = _words(error)
        return None
    text = _("%(policy)s is stored. It judges nothing until it is activated.")
    messages.success(request, text % {"policy": made})
    return redirect("desk-policy", made.name, made.version)


def _words(error: PolicyError | PolicyUnknown) -> str:
    return " ".join(error.problems) if isinstance(error, PolicyError) else str(error)


def _show(request: HttpRequest, draft: Draft, places: PlaceForm, status: int = 200) -> HttpResponse:
    form = draft.form
    context = {
        "draft": draft,
        "form": form,
        "text": draft.text,
        "rules": form.get_rules() if form else [],
        "counts": form.get_counts() if form else [],
        "findings": form.get_findings() if form else [],
        "places": places,
    }
    return page(request, "policy_edit.html", "policies", context, status=status)
