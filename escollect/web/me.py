"""The end of the way, and a participant's own pages: what was kept, taking it along, taking it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from escollect.conversations.history import Past, get_history, get_own_records
from escollect.conversations.selectors import get_latest_outcome, may_converse_again, next_step
from escollect.domain.events import Refused
from escollect.domain.lifecycle import Step
from escollect.domain.outcomes import Outcome
from escollect.domain.quality.verdicts import REJECTED
from escollect.domain.study import CONSENT_ITEMS
from escollect.infra.clock import now
from escollect.people.actions import withdraw
from escollect.people.models import Participant, Role
from escollect.people.selectors import get_consent, get_decline_outcome
from escollect.quality.actions import appeal as make_appeal
from escollect.quality.actions.appealing import TEXT_LIMIT
from escollect.quality.appeals import OwnAppeal, get_own_appeals
from escollect.quality.reasons import get_failed_rules
from escollect.quality.relabelling import get_own_relabels, has_tasks
from escollect.training.directory import get_attempts
from escollect.training.selectors import get_standing_qualification
from escollect.web import phrases
from escollect.web.gates import get_participant, get_settings, go_on, participant_page, session_over
from escollect.web.journey import get_journey


@dataclass(frozen=True, slots=True)
class Row:
    """One conversation on the participant's page, in words."""

    conversation: UUID
    began: datetime | None
    utterances: int
    own_utterances: int
    state: str
    outcome: str
    pay: str
    code: str
    verdict: str
    verdict_kind: str
    reasons: list[str]
    appeal: OwnAppeal | None
    may_appeal: bool


@require_GET
def done(request: HttpRequest) -> HttpResponse:
    """The end: thanks, what it counts for, the completion code, and how to go on."""
    participant = get_participant(request)
    if participant is None:
        farewell = request.session.get("farewell")
        return render(request, "participant/farewell.html") if farewell else session_over(request)
    step = next_step(participant)
    if step is Step.ENDED:
        return _ended(request, participant)
    outcome = get_latest_outcome(participant.pk)
    if outcome is None:
        return go_on(participant)
    context = {
        "code": outcome.completion_code,
        "text": phrases.say_outcome(outcome.code),
        "pay": phrases.say(phrases.PAY, outcome.pay_rule),
        "outcome": outcome.code,
        "again": _get_again(participant, step, outcome.code),
        "relabel_open": has_tasks(participant),
        "steps": get_journey(participant, Step.DONE),
    }
    response = render(request, "participant/done.html", context)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _ended(request: HttpRequest, participant: Participant) -> HttpResponse:
    """The end for somebody who does not take part."""
    outcome = get_decline_outcome(participant)
    settings = get_settings(participant)
    codes = {} if settings is None else settings.completion_codes
    context = {"code": codes.get(outcome, ""), "text": phrases.say_outcome(outcome)}
    return render(request, "participant/declined.html", context)


def _get_again(participant: Participant, step: Step, outcome: str) -> dict[str, str] | None:
    """Where the participant can go from here: to what is still open, or to another conversation."""
    if step is not Step.DONE:
        return {"href": "/next/", "label": _("Go on")}
    if outcome == Outcome.TUTORIAL_FAILED or not may_converse_again(participant):
        return None
    href = "/survey/before/" if participant.role == Role.SEEKER else "/lobby/"
    had = outcome in {Outcome.COMPLETED, Outcome.MAX_TIME}
    return {"href": href, "label": _("Have another conversation") if had else _("Try again")}


@require_GET
@participant_page
def me(request: HttpRequest, participant: Participant) -> HttpResponse:
    """The participant's own page: who they are here, what they agreed to, their conversations."""
    return _show_me(request, participant)


@require_POST
@participant_page
def appeal(request: HttpRequest, participant: Participant, conversation_id: UUID) -> HttpResponse:
    """Ask to look at a verdict again; what was typed is kept when it cannot be sent."""
    text = request.POST.get("text", "")
    try:
        make_appeal(participant, conversation_id, text)
    except Refused as refused:
        failed = {"conversation": conversation_id, "text": text, "error": _(refused.message)}
        return _show_me(request, participant, failed, 404 if refused.code == "not_found" else 422)
    response = HttpResponse(status=303)
    response.headers["Location"] = f"{reverse('me')}#c-{conversation_id}"
    return response


def _show_me(
    request: HttpRequest, participant: Participant, failed: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    past = get_history(participant)
    reasons = get_failed_rules([entry.conversation for entry in past])
    appeals = {one.conversation: one for one in get_own_appeals(participant)}
    context = {
        "participant": participant,
        "consent": get_consent(participant),
        "rows": [
            _row(entry, reasons.get(entry.conversation, []), appeals.get(entry.conversation))
            for entry in past
        ],
        "failed": failed,
        "text_limit": TEXT_LIMIT,
        "qualification": get_standing_qualification(participant),
        "relabel_open": has_tasks(participant),
    }
    return render(request, "participant/me.html", context, status=status)


def _row(entry: Past, failed: list[str], asked: OwnAppeal | None) -> Row:
    return Row(
        conversation=entry.conversation,
        began=entry.began,
        utterances=entry.utterances,
        own_utterances=entry.own_utterances,
        state=phrases.say(phrases.STATES, entry.state),
        outcome=phrases.say_outcome(entry.outcome),
        pay=phrases.say(phrases.PAY, entry.pay_rule) if entry.pay_rule else "",
        code=entry.code,
        verdict=phrases.say(phrases.VERDICTS, entry.verdict) if entry.state == "finished" else "",
        verdict_kind=phrases.VERDICT_KINDS.get(entry.verdict, ""),
        reasons=phrases.say_reasons(entry.verdict, entry.decided_by, failed),
        appeal=asked,
        may_appeal=asked is None and entry.state == "finished" and entry.verdict == REJECTED,
    )


@require_GET
@participant_page
def my_data(_request: HttpRequest, participant: Participant) -> HttpResponse:
    """Everything the participant gave, as a JSON file to keep."""
    response = JsonResponse(_get_data(participant), json_dumps_params={"indent": 2, "ensure_ascii": False})
    response.headers["Content-Disposition"] = f'attachment; filename="{participant.pseudonym}.json"'
    return response


def _get_data(participant: Participant) -> dict[str, Any]:
    consent = get_consent(participant)
    said = None
    if consent is not None:
        said = {
            "given": consent.given,
            "at": consent.at.isoformat(),
            "study_version": consent.version.number,
            "items": {item: getattr(consent, item) for item in CONSENT_ITEMS},
        }
    return {
        "study": participant.study.slug,
        "pseudonym": participant.pseudonym,
        "role": participant.role,
        "since": participant.created_at.isoformat(),
        "written_at": now().isoformat(),
        "consent": said,
        "training": [
            {
                "part": attempt.module,
                "attempt": attempt.number,
                "outcome": attempt.state,
                "score": attempt.score,
                "answers": {answer.item: answer.given for answer in attempt.answers.all()},
                "at": None if attempt.graded_at is None else attempt.graded_at.isoformat(),
            }
            for attempt in get_attempts(participant)
        ],
        "appeals": [
            {
                "conversation": str(one.conversation),
                "text": one.text,
                "at": one.at.isoformat(),
                "answer": one.answer or None,
            }
            for one in get_own_appeals(participant)
        ],
        **get_own_records(participant),
        "second_opinions": get_own_relabels(participant),
    }


@require_http_methods(["GET", "POST"])
@participant_page
def withdraw_page(request: HttpRequest, participant: Participant) -> HttpResponse:
    """Take everything back, after one question."""
    if request.method == "POST" and request.POST.get("confirm"):
        withdraw(participant)
        request.session.flush()
        request.session["farewell"] = "withdrawn"
        request.session_participant = None  # type: ignore[attr-defined]
        return render(request, "participant/farewell.html")
    context = {"unconfirmed": request.method == "POST"}
    return render(
        request, "participant/withdraw.html", context, status=400 if request.method == "POST" else 200
    )


@require_POST
@participant_page
def leave(request: HttpRequest, participant: Participant) -> HttpResponse:  # noqa: ARG001
    """Forget the participant in this browser; an invite opens the way back."""
    request.session.pop("participant", None)
    request.session.pop("epoch", None)
    request.session_participant = None  # type: ignore[attr-defined]
    return render(request, "participant/session_over.html", {"left": True})
