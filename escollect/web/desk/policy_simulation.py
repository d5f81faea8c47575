"""A simulation: started, watched, and read."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from escollect.accounts.permissions import Thing
from escollect.domain.quality.reading import PolicyError
from escollect.domain.quality.verdicts import OUTCOMES
from escollect.quality import actions
from escollect.quality.models import SimulatedChange, Simulation
from escollect.quality.selectors import PolicyUnknown
from escollect.studies.selectors import get_study
from escollect.web.desk.gates import get_staff, may, page, staff
from escollect.web.desk.policies import access_policy
from escollect.web.desk.policy_places import make_place_form

PAGE = 50


@require_POST
@staff(Thing.POLICY)
def start(request: HttpRequest, name: str, version: int) -> HttpResponse:
    """Simulate a stored version over a study or an import."""
    found, places = access_policy(name, version), make_place_form(request.POST)
    study = get_study(places.get_place()[0]) if places.is_valid() else None
    if study is None:
        messages.error(request, _("Choose a study or an import. Nothing was started."))
        return redirect("desk-policy", name, version)
    source = places.get_place()[1]
    try:
        made = actions.start_simulation(
            found.definition, study, get_staff(request), source=source, version=found
        )
    except (PolicyError, PolicyUnknown) as error:
        messages.error(request, str(error))
        return redirect("desk-policy", name, version)
    return redirect("desk-simulation", made.pk)


@require_safe
@staff(Thing.POLICY)
def simulation(request: HttpRequest, simulation_id: UUID) -> HttpResponse:
    """How far it is; then what would change: a table old × new, rule by rule, and every conversation."""
    found = _access(simulation_id)
    context: dict[str, Any] = {
        "simulation": found,
        "result": found.result,
        "working": found.state in actions.SIMULATION_OPEN,
        "may_change": may(request, Thing.POLICY_CHANGE),
    }
    if found.state == Simulation.State.READY:
        context |= _describe(request, found)
    return page(request, "simulation.html", "policies", context)


def _describe(request: HttpRequest, found: Simulation) -> dict[str, Any]:
    result = found.result
    columns = [one for one in OUTCOMES[_kind(found)] if any(one in row for row in result["table"].values())]
    olds = [one for one in ("", *OUTCOMES[_kind(found)]) if one in result["table"]]
    table = [(old, [(new, result["table"][old].get(new, 0)) for new in columns]) for old in olds]
    names = dict.fromkeys((*result["by_rule_before"], *result["by_rule"], *result["flipped"]))
    rules = [
        (
            name,
            result["by_rule_before"].get(name, 0),
            result["by_rule"].get(name, 0),
            result["flipped"].get(name, 0),
        )
        for name in names
    ]
    old, new = request.GET.get("old"), request.GET.get("new", "")
    changes = SimulatedChange.objects.filter(simulation=found).select_related("conversation").order_by("pk")
    chosen = old in ("pending", *OUTCOMES[_kind(found)]) and new in OUTCOMES[_kind(found)]
    if chosen:
        changes = changes.filter(old="" if old == "pending" else old, new=new)
    return {
        "columns": columns,
        "table": table,
        "rules": sorted(rules, key=lambda rule: (-rule[3], rule[0])),
        "chosen": (old, new) if chosen else None,
        "query": f"old={old}&new={new}&" if chosen else "",
        "changes": Paginator(changes, PAGE).get_page(request.GET.get("page")),
    }


def _kind(found: Simulation) -> str:
    kind = found.definition.get("kind")
    return kind if isinstance(kind, str) and kind in OUTCOMES else "deciding"


@require_safe
@staff(Thing.POLICY)
def progress(request: HttpRequest, simulation_id: UUID) -> JsonResponse:  # noqa: ARG001
    """How far a simulation is, for the page that waits for it."""
    found = _access(simulation_id)
    working = found.state in actions.SIMULATION_OPEN
    return JsonResponse({"working": working, "done": found.done, "total": found.total})


def _access(simulation_id: UUID) -> Simulation:
    rows = Simulation.objects.select_related("study", "version", "against", "created_by")
    found = rows.filter(pk=simulation_id).first()
    if found is None:
        raise Http404
    return found
