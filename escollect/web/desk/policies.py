"""The policies in words."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from escollect.accounts.permissions import Thing
from escollect.quality.catalogue import get_catalogue
from escollect.studies.selectors import get_studies
from escollect.web.desk.dossier import show_asked
from escollect.web.desk.gates import page, staff


@require_safe
@staff(Thing.POLICY)
def policies(request: HttpRequest) -> HttpResponse:
    """Every policy version: which study uses it, what it asks, and what its verdicts were."""
    entries = [
        (entry, [(rule, show_asked(rule)) for rule in entry.rules]) for entry in get_catalogue(get_studies())
    ]
    return page(request, "policies.html", "policies", {"entries": entries})
