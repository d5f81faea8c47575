"""Who a participant's request is from, and whether the page is where they stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from escollect.conversations.rules import get_limits
from escollect.conversations.selectors import get_seat, next_step
from escollect.domain.lifecycle import Step
from escollect.domain.study import StudySettings
from escollect.people import passes
from escollect.people.models import Participant
from escollect.people.selectors import get_session_participant
from escollect.training.practising import is_practice_due

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
ParticipantView = Callable[Concatenate[HttpRequest, Participant, P], HttpResponse]

UNREAD = object()
PATHS: Mapping[Step, str] = {
    Step.CONSENT: "/consent/",
    Step.TRAINING: "/training/",
    Step.SURVEY_BEFORE: "/survey/before/",
    Step.LOBBY: "/lobby/",
    Step.SURVEY_AFTER: "/survey/after/",
    Step.DONE: "/done/",
    Step.ENDED: "/done/",
}


class SeeOther(HttpResponseRedirect):
    """A redirect that is always followed with GET."""

    status_code = 303


def get_participant(request: HttpRequest) -> Participant | None:
    """The participant of this request's session; asked of the database once a request."""
    found: Any = getattr(request, "session_participant", UNREAD)
    if found is UNREAD:
        session = getattr(request, "session", None)
        found = None if session is None else get_session_participant(session)
        request.session_participant = found  # type: ignore[attr-defined]
    participant: Participant | None = found
    return participant


def get_settings(participant: Participant) -> StudySettings | None:
    """The settings a participant sees: those they agreed to, or those of today before they did."""
    version = participant.version or participant.study.current
    return None if version is None else version.settings


def start_session(request: HttpRequest, participant: Participant) -> None:
    """Make this browser the participant's, under a new session key."""
    request.session.cycle_key()
    request.session["participant"] = str(participant.pk)
    request.session["epoch"] = participant.epoch
    request.session.pop("farewell", None)
    request.session_participant = participant  # type: ignore[attr-defined]


def get_next_path(participant: Participant) -> str:
    """The page of the step at which the participant stands."""
    step = next_step(participant)
    if step is Step.CHAT:
        seat = get_seat(participant.pk)
        return "/next/" if seat is None else f"/chat/{seat.conversation_id}/"
    if step is Step.TRAINING and is_practice_due(participant):
        return "/training/practice/"
    return PATHS[step]


def go_on(participant: Participant) -> SeeOther:
    """Send the participant to where they stand."""
    return SeeOther(get_next_path(participant))


def session_over(request: HttpRequest) -> HttpResponse:
    """Say that there is no session, and what to do."""
    return render(request, "participant/session_over.html", status=403)


def participant_page(view: ParticipantView[P]) -> View[P]:
    """Hand the participant to the view; strangers are told that their session is over."""

    @wraps(view)
    def gate(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        participant = get_participant(request)
        response = (
            session_over(request) if participant is None else view(request, participant, *args, **kwargs)
        )
        response.headers.setdefault("Cache-Control", "private, no-store")
        if participant is not None:
            _give_pass(request, response, participant)
        return response

    return gate


def _give_pass(request: HttpRequest, response: HttpResponse, participant: Participant) -> None:
    """Let the page's sockets in without a query for a while; whoever may not wait yet needs no socket."""
    key = request.session.session_key
    if key is None or participant.state != Participant.State.ACTIVE or participant.version is None:
        return
    response.set_cookie(
        passes.COOKIE,
        passes.make_pass(participant, get_limits(participant), key),
        max_age=passes.LIFETIME_SECONDS,
        path=passes.PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def at_step(*steps: Step) -> Callable[[ParticipantView[P]], View[P]]:
    """A page of these steps only: who stands elsewhere is sent there; a form sent twice does no harm."""

    def decorate(view: ParticipantView[P]) -> View[P]:
        @wraps(view)
        def gate(
            request: HttpRequest, participant: Participant, /, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponse:
            if next_step(participant) not in steps:
                return go_on(participant)
            return view(request, participant, *args, **kwargs)

        return participant_page(gate)

    return decorate
