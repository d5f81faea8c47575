"""Which study a page of the desk is about."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest

from escollect.studies.models import Study
from escollect.studies.selectors import get_studies

KEY = "desk_study"
ORDER = (Study.State.OPEN, Study.State.PAUSED, Study.State.DRAFT, Study.State.CLOSED)


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen study (None while there is none at all) and what could be chosen instead."""

    study: Study | None
    studies: list[Study]


def choose_study(request: HttpRequest) -> Choice:
    """The study that `?study=` names, else the last one chosen, else the first open one.

    The choice is kept in the session, so that it stays while one goes from page to page. A form carries the
    study of the page it was on: another window may have chosen another one since. Raises Http404 for a
    study that does not exist.
    """
    studies = sorted(get_studies(), key=lambda study: ORDER.index(Study.State(study.state)))
    by_slug = {study.slug: study for study in studies}
    asked = request.POST.get("study", "") or request.GET.get("study", "")
    if asked:
        if asked not in by_slug:
            raise Http404
        if request.session.get(KEY) != asked:
            request.session[KEY] = asked
        return Choice(by_slug[asked], studies)
    kept = by_slug.get(str(request.session.get(KEY, "")))
    return Choice(kept or (studies[0] if studies else None), studies)
