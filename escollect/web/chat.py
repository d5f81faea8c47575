"""The waiting room and the room: pages that the scripts bring to life."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from escollect.conversations.actions import check_may_wait
from escollect.conversations.practising import get_script
from escollect.conversations.rules import get_survey_before
from escollect.conversations.selectors import (
    RoomView,
    get_before_answers,
    get_seat,
    get_ticket,
    next_step,
    room_view,
)
from escollect.conversations.waiting import is_resting
from escollect.domain.events import Refused, Role
from escollect.domain.lifecycle import Step
from escollect.domain.tutorial import Practice
from escollect.people.models import Participant
from escollect.quality.relabelling import has_tasks
from escollect.studies.models import Study
from escollect.training.selectors import get_tutorial_for
from escollect.web.chat_words import get_lobby_words, get_practice_words, get_room_words
from escollect.web.gates import SeeOther, get_settings, go_on, participant_page
from escollect.web.journey import get_journey


@require_GET
@participant_page
def lobby(request: HttpRequest, participant: Participant) -> HttpResponse:
    """The waiting room; opening the page takes no place yet, the first `hello` of its socket does."""
    if not _may_wait(participant):
        return go_on(participant)
    data = {"waiting": _has_place(participant), "next": "/next/", "strings": get_lobby_words()}
    context = {
        **_get_rest(participant),
        "data": data,
        "steps": get_journey(participant, Step.CHAT),
        "settings": get_settings(participant),
        "relabel_open": has_tasks(participant),
    }
    return render(request, "lobby/lobby.html", context)


@require_GET
@participant_page
def rest(request: HttpRequest, participant: Participant) -> HttpResponse:
    """What the waiting room says while the study takes a rest, nothing otherwise; its page asks again."""
    return render(request, "lobby/rest.html", _get_rest(participant))


def _get_rest(participant: Participant) -> dict[str, bool]:
    """Whether nobody is paired now; `shut`: and this participant cannot begin to wait either."""
    study = participant.study
    return {
        "resting": is_resting(study),
        "closed": study.state == Study.State.CLOSED,
        "shut": study.state != Study.State.OPEN and not _has_place(participant),
    }


def _has_place(participant: Participant) -> bool:
    return get_ticket(participant.pk) is not None or get_seat(participant.pk) is not None


def _may_wait(participant: Participant) -> bool:
    step = next_step(participant)
    if step is not Step.DONE or participant.role != Role.SUPPORTER:
        return step is Step.LOBBY
    try:
        check_may_wait(participant)
    except Refused:
        return False
    return True


@require_GET
@participant_page
def room(request: HttpRequest, participant: Participant, conversation: UUID) -> HttpResponse:
    """The room, for its two sides; for anybody else it does not exist."""
    view = room_view(conversation, participant.pk)
    if view is None:
        raise Http404
    seat = get_seat(participant.pk)
    if seat is None or seat.conversation_id != conversation or next_step(participant) is not Step.CHAT:
        return SeeOther(reverse("practice-result")) if view.practice else go_on(participant)
    context = _get_context(participant, view)
    context["data"]["csrf"] = get_token(request)
    script = get_script(conversation) if view.practice else None
    if script is not None:
        context |= _get_practice(script, context["data"])
    return render(request, "chat/chat.html", context)


def _get_context(participant: Participant, view: RoomView) -> dict[str, Any]:
    settings = get_settings(participant)
    modules = get_tutorial_for(participant).modules if view.strategies else ()
    of_strategy = {module.strategy: module for module in modules}
    strategies = [
        {"value": name, "label": _(name), "key": key, "module": of_strategy.get(name)}
        for key, name in enumerate(view.strategies or (), start=1)
    ]
    data = {
        "conversation": str(view.conversation),
        "socket": f"/ws/c/{view.conversation}/",
        "events": f"/api/v1/c/{view.conversation}/events",
        "commands": f"/api/v1/c/{view.conversation}/commands",
        "role": view.role,
        "state": view.state,
        "next": "/next/",
        "minimum": view.minimum_utterances,
        "text_limit": view.text_limit,
        "labels": {strategy["value"]: strategy["label"] for strategy in strategies},
        "strings": get_room_words(),
    }
    return {
        "data": data,
        "room": view,
        "strategies": strategies,
        "modules": modules,
        "goal": view.minimum_utterances,
        "answers": _get_answers(participant, view) if strategies else [],
        "settings": settings,
    }


def _get_practice(script: Practice, data: dict[str, Any]) -> dict[str, Any]:
    """What a practice chat says and counts instead: as many messages as the script has, and no survey."""
    goal = 1 + 2 * len(script.steps)
    words = data["strings"] | get_practice_words()
    return {
        "practice": True,
        "data": data | {"next": reverse("practice-result"), "minimum": goal, "strings": words},
        "goal": goal,
        "answers": _get_labelled(asdict(script.situation), {}),
    }


def _get_answers(participant: Participant, view: RoomView) -> list[dict[str, object]]:
    """The seeker's pre-chat answers as the supporter reads them beside the room."""
    if participant.version is None:
        return []
    extra = {question.key: _(question.label) for question in get_survey_before(participant.version)}
    return _get_labelled(get_before_answers(view.conversation), extra)


def _get_labelled(given: Mapping[str, object], extra: Mapping[str, str]) -> list[dict[str, object]]:
    names = {
        "problem_type": _("Problem"),
        "emotion_type": _("Feeling"),
        "initial_emotion_intensity": _("How strong"),
        "experience_type": _("When"),
        "situation": _("Situation"),
    }
    labels = names | {key: label for key, label in extra.items() if key not in names}
    return [
        {
            "label": label,
            "value": _("{value} of 5").format(value=given[key])
            if key == "initial_emotion_intensity"
            else given[key],
        }
        for key, label in labels.items()
        if given.get(key) not in (None, "")
    ]
