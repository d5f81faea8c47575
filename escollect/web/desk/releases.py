"""Releases: what one would hold, making one, and its files."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from escollect.accounts.permissions import Thing
from escollect.corpus import actions
from escollect.corpus.models import Release
from escollect.corpus.selectors import Selection, select
from escollect.corpus.shelf import access_file, access_release, count_withdrawn, get_releases
from escollect.quality.selectors import PolicyUnknown
from escollect.studies.models import Study
from escollect.web.desk.choice import choose_study
from escollect.web.desk.gates import get_staff, page, staff


class ReleaseForm(forms.Form):
    """A new release; the licence is asked for only where conversations are under several."""

    version = forms.CharField(
        label=gettext_lazy("Version"),
        help_text=gettext_lazy("Letters, digits, dots and dashes. Left empty it is the next number."),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"class": "input input-short", "autocomplete": "off"}),
    )
    licence = forms.ChoiceField(
        label=gettext_lazy("Licence"),
        help_text=gettext_lazy("Conversations under other licences are left out."),
        widget=forms.Select(attrs={"class": "input"}),
    )

    def __init__(self, *args: Any, licences: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(licences) > 1:
            self.fields["licence"].choices = [(name, name) for name in licences]  # type: ignore[attr-defined]
        else:
            del self.fields["licence"]


@require_safe
@staff(Thing.RELEASE)
def releases(request: HttpRequest) -> HttpResponse:
    """The releases of the chosen study."""
    choice = choose_study(request)
    context: dict[str, object] = {"choice": choice}
    if choice.study is not None:
        withdrawn = count_withdrawn(choice.study)
        rows = [(release, withdrawn.get(release.pk, 0)) for release in get_releases(choice.study)]
        context |= {"rows": rows, "working": any(_is_open(release) for release, _number in rows)}
    return page(request, "releases.html", "releases", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Thing.RELEASE)
def new_release(request: HttpRequest) -> HttpResponse:
    """What a release of today would hold, and the form that makes it."""
    choice = choose_study(request)
    if choice.study is None:
        return page(request, "release_new.html", "releases", {"choice": choice})
    selection, trouble = _preview(choice.study)
    licences = sorted(selection.licences)
    form = ReleaseForm(request.POST if request.method == "POST" else None, licences=licences)
    status = 200
    if request.method == "POST":
        made = _make(request, choice.study, form) if form.is_valid() else None
        if made is not None:
            return redirect("desk-release", made.pk)
        status = 422
    context = {
        "choice": choice,
        "form": form,
        "trouble": trouble,
        "accepted": selection.count("accepted"),
        "negative": selection.count("negative"),
        "left_out": selection.left_out.most_common(),
        "left_out_total": selection.left_out.total(),
        "licences": selection.licences.most_common(),
    }
    return page(request, "release_new.html", "releases", context, status=status)


def _preview(study: Study) -> tuple[Selection, str]:
    try:
        return select(study), ""
    except PolicyUnknown as error:
        return Selection(), str(error)


def _make(request: HttpRequest, study: Study, form: ReleaseForm) -> Release | None:
    data = form.cleaned_data
    try:
        made = actions.create_release(study, data["version"], get_staff(request), data.get("licence", ""))
    except actions.ReleaseRefused as refused:
        form.add_error("version", str(refused))
        return None
    messages.success(
        request, _("Release %(version)s is queued; a worker builds it.") % {"version": made.version}
    )
    return made


@require_safe
@staff(Thing.RELEASE)
def release(request: HttpRequest, release_id: UUID) -> HttpResponse:
    """One release: its state, numbers, files and checksum."""
    found = _access(release_id)
    left_out = sorted(found.counts.get("left_out", {}).items(), key=lambda item: -item[1])
    context = {
        "release": found,
        "working": _is_open(found),
        "left_out": left_out,
        "withdrawn": count_withdrawn(found.study).get(found.pk, 0),
    }
    return page(request, "release.html", "releases", context)


@require_safe
@staff(Thing.RELEASE)
def release_file(request: HttpRequest, release_id: UUID, name: str) -> FileResponse:  # noqa: ARG001
    """Download one file of a release."""
    try:
        path = access_file(_access(release_id), name)
    except LookupError as error:
        raise Http404 from error
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name)


def _is_open(found: Release) -> bool:
    return found.state in {Release.State.QUEUED, Release.State.BUILDING}


def _access(release_id: UUID) -> Release:
    try:
        return access_release(release_id)
    except Release.DoesNotExist as error:
        raise Http404 from error
