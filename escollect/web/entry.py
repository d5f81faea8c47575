"""Coming in: the open studies, invites, platform links, consent, and "where was I?"."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from escollect.conversations.waiting import is_full
from escollect.domain.events import Refused
from escollect.domain.lifecycle import Step
from escollect.domain.outcomes import TEXTS, Outcome
from escollect.people.actions import create_participant, decline_consent, enter, give_consent
from escollect.people.models import Participant, Role
from escollect.studies.models import Study
from escollect.studies.selectors import get_open_studies, get_study
from escollect.training.actions import grant_qualification
from escollect.training.selectors import is_revoked
from escollect.web.forms import ConsentForm, RoleForm
from escollect.web.gates import (
    SeeOther,
    at_step,
    get_participant,
    get_settings,
    go_on,
    participant_page,
    start_session,
)
from escollect.web.journey import get_journey

PLATFORM_PARAMETERS = {
    "PROLIFIC_PID": "prolific",
    "workerId": "mturk",
    "participant_id": "platform",
    "external_id": "platform",
}
PLATFORMS = sorted(set(PLATFORM_PARAMETERS.values()))


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The start page: the studies that are open to everybody."""
    studies = [study for study in get_open_studies() if study.current and study.current.settings.open_entry]
    return render(request, "participant/home.html", {"studies": studies})


@require_GET
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Come in by an invite: sets the session and goes to the participant's next page."""
    try:
        entered = enter(token)
    except Refused as refused:
        return render(request, "participant/refused.html", {"reason": _(refused.message)}, status=403)
    participant = entered.participant
    if entered.qualified and participant.role == Role.SUPPORTER and not is_revoked(participant):
        grant_qualification(participant, None, "the invite says so")
    start_session(request, participant)
    return go_on(participant)


@require_http_methods(["GET", "POST"])
def study_entry(request: HttpRequest, slug: str) -> HttpResponse:
    """An open study's own page: choose a side, or come in from a platform with its id."""
    study = get_study(slug)
    if study is None or study.state == Study.State.DRAFT:
        raise Http404
    if study.current is None or not study.current.settings.open_entry:
        raise Http404
    if study.state != Study.State.OPEN:
        return _closed(
            request, _("This study takes no new participants at the moment. Nothing was recorded.")
        )
    if is_full(study):
        return _closed(request, _(TEXTS[Outcome.STUDY_FULL]))
    form = RoleForm(PLATFORMS, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _enter_study(request, study, form)
    context = {"current_study": study.current.settings, "form": form, "platform": _get_platform(request)}
    return render(request, "participant/study.html", context, status=400 if form.is_bound else 200)


def _enter_study(request: HttpRequest, study: Study, form: RoleForm) -> HttpResponse:
    given = form.cleaned_data
    try:
        participant = create_participant(
            study,
            given["role"],
            given["external_id"],
            platform=given["platform"] or "open",
            source=given["platform"] or "open",
            by_link=True,
        )
    except Refused as refused:
        return render(request, "participant/refused.html", {"reason": _(refused.message)}, status=403)
    start_session(request, participant)
    return go_on(participant)


def _get_platform(request: HttpRequest) -> dict[str, str]:
    """The platform and the id that its link carries, also when the form comes back."""
    for parameter, name in PLATFORM_PARAMETERS.items():
        if request.GET.get(parameter):
            return {"name": name, "external_id": request.GET[parameter]}
    return {
        "name": request.POST.get("platform", ""),
        "external_id": request.POST.get("external_id", ""),
    }


@require_GET
@participant_page
def next_page(request: HttpRequest, participant: Participant) -> HttpResponse:  # noqa: ARG001
    """Go to where the participant stands."""
    return go_on(participant)


@require_http_methods(["GET", "POST"])
@at_step(Step.CONSENT)
def consent(request: HttpRequest, participant: Participant) -> HttpResponse:
    """What the study is, and whether somebody takes part.

    The page carries the version that it shows: who read an older text is shown the new one first.
    """
    settings = get_settings(participant)
    if settings is None:
        return _closed(request, _("This study takes no new participants at the moment."))
    if is_full(participant.study):
        return _closed(request, _(TEXTS[Outcome.STUDY_FULL]))
    version = participant.study.current
    seen = request.POST.get("version")
    changed = version is not None and seen is not None and seen != str(version.number)
    form = ConsentForm(settings, request.POST if request.method == "POST" and not changed else None)
    language = get_language() or settings.language
    try:
        if request.POST.get("decline") or request.POST.get("underage"):
            decline_consent(participant, underage=bool(request.POST.get("underage")), language=language)
            return SeeOther("/done/")
        if form.is_bound and form.is_valid():
            give_consent(participant, form.get_items(), language)
            return go_on(participant)
    except Refused as refused:
        return _closed(request, _(refused.message))
    context = {
        "form": form,
        "settings": settings,
        "version": version,
        "changed": changed,
        "steps": get_journey(participant, Step.CONSENT),
    }
    status = 409 if changed else 400 if form.is_bound else 200
    return render(request, "participant/consent.html", context, status=status)


def _closed(request: HttpRequest, reason: str) -> HttpResponse:
    return render(request, "participant/refused.html", {"reason": reason}, status=409)


@require_GET
def resources(request: HttpRequest) -> HttpResponse:
    """The help lines: of the participant's study, or of all open studies for anybody else."""
    participant = get_participant(request)
    seen = (
        [get_settings(participant)]
        if participant
        else [s.current.settings for s in get_open_studies() if s.current]
    )
    settings = [entry for entry in seen if entry is not None]
    hotlines = list(dict.fromkeys(line for entry in settings for line in entry.resources.hotlines))
    notes = list(dict.fromkeys(entry.resources.note for entry in settings if entry.resources.note))
    return render(request, "participant/resources.html", {"hotlines": hotlines, "notes": notes})
