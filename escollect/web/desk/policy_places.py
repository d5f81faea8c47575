"""What a simulation may look at: every study that has opened, and every file imported into one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from escollect.quality.selectors import get_population, get_sources
from escollect.studies.selectors import get_studies
from escollect.web.desk.policy_forms import PlaceForm


def make_place_form(data: Mapping[str, Any] | None = None) -> PlaceForm:
    """The form that asks where; each place says how many conversations it has."""
    places = []
    for study in get_studies():
        if study.current is None:
            continue
        places.append((study.slug, _say(study.title, get_population(study).count())))
        for source, count in get_sources(study):
            text = _("%(study)s, only the import %(name)s") % {"study": study.title, "name": source}
            places.append((f"{study.slug}:{source}", _say(text, count)))
    return PlaceForm(places, data)


def _say(title: str, count: int) -> str:
    text = ngettext("%(title)s (%(count)s conversation)", "%(title)s (%(count)s conversations)", count)
    return text % {"title": title, "count": count}
