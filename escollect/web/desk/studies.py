"""Studies: opening one from its file, its versions, pausing and closing it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from escollect.accounts.permissions import Thing
from escollect.audit.selectors import get_rows
from escollect.domain.study_file import StudyInvalid
from escollect.domain.yamlfile import Problem
from escollect.studies.actions import STATE_MOVES, IllegalState, open_study, set_state
from escollect.studies.models import Study, StudyVersion
from escollect.studies.selectors import get_studies, get_study, get_version, get_versions
from escollect.web.desk import words
from escollect.web.desk.forms import ReasonForm
from escollect.web.desk.gates import get_staff, may, page, staff

FILE_LIMIT = 400_000
MOVES = {
    Study.State.OPEN: gettext_lazy("Open"),
    Study.State.PAUSED: gettext_lazy("Pause"),
    Study.State.CLOSED: gettext_lazy("Close"),
}


class StudyFileForm(forms.Form):
    """The text of a study file, pasted or uploaded; an upload counts when there is one."""

    file = forms.FileField(
        label=gettext_lazy("Upload a file"),
        required=False,
        widget=forms.ClearableFileInput(attrs={"class": "input", "accept": ".yaml,.yml,text/yaml"}),
    )
    text = forms.CharField(
        label=gettext_lazy("Or paste its text"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"class": "input mono code-input", "rows": 24, "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        """The file's text takes the place of the pasted one."""
        data = self.cleaned_data
        upload = data.get("file")
        if upload is not None and upload.size > FILE_LIMIT:
            self.add_error("file", _("This file is too large for a study file. Choose the YAML file."))
        elif upload is not None:
            try:
                data["text"] = upload.read().decode("utf-8-sig")
            except UnicodeDecodeError:
                self.add_error(
                    "file", _("This file is not UTF-8 text. Save it as UTF-8 and choose it again.")
                )
        elif not data.get("text", "").strip():
            self.add_error("text", _("Choose a file or paste its text."))
        else:
            data["text"] = data["text"].replace("\r\n", "\n")
        return data


@require_safe
@staff(Thing.STUDY)
def studies(request: HttpRequest) -> HttpResponse:
    """Every study with its state and version."""
    context = {"studies": get_studies(), "may_change": may(request, Thing.POLICY_CHANGE)}
    return page(request, "studies.html", "studies", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Thing.POLICY_CHANGE)
def open_page(request: HttpRequest) -> HttpResponse:
    """Open a study from its file, or make a new version of it; what is wrong is said line by line."""
    if request.method != "POST":
        source = _get_source(request.GET.get("from", ""))
        return page(request, "study_open.html", "studies", {"form": StudyFileForm(initial={"text": source})})
    form = StudyFileForm(request.POST, request.FILES)
    problems: list[Problem] = []
    refused = ""
    if form.is_valid():
        try:
            version = open_study(form.cleaned_data["text"], get_staff(request))
        except StudyInvalid as error:
            problems = error.problems
        except ValueError as error:
            refused = str(error)
        else:
            text = _("The study %(slug)s is open with version %(number)s.")
            messages.success(request, text % {"slug": version.study.slug, "number": version.number})
            return redirect("desk-study", version.study.slug)
    kept = StudyFileForm(initial={"text": form.cleaned_data.get("text", "")})
    context = {"form": kept, "errors": form.errors, "problems": problems, "refused": refused}
    return page(request, "study_open.html", "studies", context, status=422)


def _get_source(slug: str) -> str:
    """The file that the current version of a study was opened from, to be edited."""
    study = get_study(slug) if slug else None
    return "" if study is None or study.current is None else study.current.source


@require_safe
@staff(Thing.STUDY)
def study(request: HttpRequest, slug: str) -> HttpResponse:
    """One study: settings at a glance, versions, audit rows, and what may be done with it."""
    return _show(request, _access(slug), ReasonForm())


def _show(
    request: HttpRequest, found: Study, form: ReasonForm, failed: str = "", status: int = 200
) -> HttpResponse:
    moves = [
        (state.value, label)
        for state, label in MOVES.items()
        if state in STATE_MOVES[Study.State(found.state)]
    ]
    context = {
        "study": found,
        "settings": found.current.settings if found.current else None,
        "versions": get_versions(found),
        "audit": get_rows(found),
        "moves": moves if found.current else [],
        "form": form,
        "failed": failed,
        "may_change": may(request, Thing.POLICY_CHANGE),
    }
    return page(request, "study.html", "studies", context, status=status)


@require_POST
@staff(Thing.POLICY_CHANGE)
def move(request: HttpRequest, slug: str) -> HttpResponse:
    """Pause, close or open a study with a reason."""
    found, target = _access(slug), request.POST.get("state", "")
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _show(request, found, form, target, status=422)
    try:
        set_state(found, target, get_staff(request), form.cleaned_data["reason"])
    except IllegalState as error:
        messages.error(request, str(error))
    except ValueError:
        messages.error(request, _("A study can be opened, paused or closed. Nothing was changed."))
    else:
        text = _("The study is %(state)s now; conversations under way go on.")
        messages.success(request, text % {"state": words.say(words.STATES, target)})
    return redirect("desk-study", found.slug)


@require_safe
@staff(Thing.STUDY)
def version(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """The file of one version as it was opened."""
    found = _access(slug)
    shown: StudyVersion | None = get_version(found, number)
    if shown is None:
        raise Http404
    return page(request, "study_version.html", "studies", {"study": found, "version": shown})


def _access(slug: str) -> Study:
    found = get_study(slug)
    if found is None:
        raise Http404
    return found
