"""The policies: every version in a list, one version in words, and making it the one that judges."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from escollect.accounts.permissions import Thing
from escollect.domain.quality.editing import show_definition
from escollect.quality import actions
from escollect.quality.catalogue import get_catalogue, get_policy_page
from escollect.quality.models import Policy
from escollect.studies.selectors import get_studies
from escollect.web.desk.forms import ReasonForm
from escollect.web.desk.gates import get_staff, may, page, staff
from escollect.web.desk.policy_places import make_place_form

MOST = 1_000_000_000


@require_safe
@staff(Thing.POLICY)
def policies(request: HttpRequest) -> HttpResponse:
    """Every policy version: its kind, which studies it judges, and what its verdicts were."""
    context = {"rows": get_catalogue(get_studies()), "may_change": may(request, Thing.POLICY_CHANGE)}
    return page(request, "policies.html", "policies", context)


@require_safe
@staff(Thing.POLICY)
def policy(request: HttpRequest, name: str, version: int) -> HttpResponse:
    """One version in words that a lay person can follow, with what may be done with it."""
    return _show(request, access_policy(name, version), ReasonForm())


def _show(
    request: HttpRequest, found: Policy, form: ReasonForm, failed: str = "", status: int = 200
) -> HttpResponse:
    shown = get_policy_page(found, get_studies())
    context = {
        "shown": shown,
        "row": shown.row,
        "policy": found,
        "text": show_definition(found.definition),
        "form": form,
        "failed": failed,
        "places": make_place_form(),
        "may_change": may(request, Thing.POLICY_CHANGE),
        "may_find": may(request, Thing.FINDING),
    }
    return page(request, "policy.html", "policies", context, status=status)


@require_POST
@staff(Thing.POLICY_CHANGE)
def activate(request: HttpRequest, name: str, version: int) -> HttpResponse:
    """Make a version the one that judges, with a reason."""
    found, form = access_policy(name, version), ReasonForm(request.POST)
    if not form.is_valid():
        return _show(request, found, form, "activate", status=422)
    seen, why = request.POST.get("instead_of", ""), form.cleaned_data["reason"]
    try:
        owed = actions.activate_policy(found, get_staff(request), why, instead_of=seen)
    except actions.ActivationRefused as refused:
        messages.error(request, str(refused))
        return _show(request, access_policy(name, version), form, "activate", status=409)
    text = ngettext(
        "%(policy)s judges from now on; %(count)s conversation is judged again. Old verdicts stay.",
        "%(policy)s judges from now on; %(count)s conversations are judged again. Old verdicts stay.",
        owed,
    )
    messages.success(request, text % {"policy": found, "count": owed})
    return redirect("desk-policy", found.name, found.version)


def access_policy(name: str, version: int) -> Policy:
    """The version of an address. Raises Http404."""
    found = Policy.objects.select_related("created_by").filter(name=name, version=min(version, MOST)).first()
    if found is None:
        raise Http404(_("There is no such version."))
    return found
