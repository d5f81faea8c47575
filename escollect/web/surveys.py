"""The surveys before and after the conversation."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from escollect.conversations.actions import answer_survey_after, answer_survey_before
from escollect.conversations.rules import get_survey_after, get_survey_before
from escollect.conversations.selectors import get_open_after, get_open_before, may_converse_again, next_step
from escollect.domain.events import Refused, Role
from escollect.domain.lifecycle import Step
from escollect.people.models import Participant
from escollect.web.forms import SurveyForm
from escollect.web.gates import at_step, go_on, participant_page
from escollect.web.journey import get_journey


@require_http_methods(["GET", "POST"])
@participant_page
def before(request: HttpRequest, participant: Participant) -> HttpResponse:
    """What the seeker brings; answers that found no partner the last time are there to be used again."""
    version = participant.version
    if version is None or not _may_answer_before(participant):
        return go_on(participant)
    unused = get_open_before(participant.pk)
    form = SurveyForm(
        get_survey_before(version),
        request.POST if request.method == "POST" else None,
        earlier=None if unused is None else unused.answers,
    )
    if form.is_bound and form.is_valid():
        try:
            answer_survey_before(participant, form.cleaned_data)
            return go_on(participant)
        except Refused as refused:
            form.take(refused)
    context = {"form": form, "steps": get_journey(participant, Step.SURVEY_BEFORE)}
    return _show(request, "participant/survey_before.html", form, context)


def _may_answer_before(participant: Participant) -> bool:
    step = next_step(participant)
    again = step is Step.DONE and participant.role == Role.SEEKER and may_converse_again(participant)
    return step is Step.SURVEY_BEFORE or again


@require_http_methods(["GET", "POST"])
@at_step(Step.SURVEY_AFTER)
def after(request: HttpRequest, participant: Participant) -> HttpResponse:
    """How it was, for either side; of the oldest conversation that still waits for it."""
    conversation = get_open_after(participant)
    if conversation is None:
        return go_on(participant)
    survey = get_survey_after(conversation.version, Role(participant.role))
    form = SurveyForm(survey, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            answer_survey_after(participant, conversation, form.cleaned_data)
            return go_on(participant)
        except Refused as refused:
            form.take(refused)
    context = {"form": form, "steps": get_journey(participant, Step.SURVEY_AFTER)}
    return _show(request, "participant/survey_after.html", form, context)


def _show(request: HttpRequest, template: str, form: SurveyForm, context: dict[str, Any]) -> HttpResponse:
    return render(request, template, context, status=400 if form.is_bound else 200)
