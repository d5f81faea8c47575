"""The practice chat's own pages: before it, and the look back at it. The chat itself is the room."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from escollect.conversations.actions import begin_practice
from escollect.conversations.practising import LookBack, get_look_back, get_open_practice
from escollect.domain.events import Refused
from escollect.domain.lifecycle import EndReason, Step
from escollect.people.models import Participant
from escollect.training.practising import is_practice_due, may_practise
from escollect.training.selectors import has_qualification
from escollect.web.gates import SeeOther, go_on, participant_page
from escollect.web.journey import get_journey

TIMED_OUT = frozenset({EndReason.IDLE, EndReason.PARTNER_LEFT, EndReason.MAX_TIME})


@require_http_methods(["GET", "HEAD", "POST"])
@participant_page
def practice(request: HttpRequest, participant: Participant) -> HttpResponse:
    """What a practice chat is; posting begins one, or goes on with the one that is under way."""
    under_way = get_open_practice(participant)
    if under_way is None and not may_practise(participant):
        return go_on(participant)
    if request.method == "POST":
        try:
            return SeeOther(reverse("chat", args=[begin_practice(participant)]))
        except Refused:
            messages.info(request, _("You cannot practise while you wait for a partner, or talk with one."))
            return go_on(participant)
    context = {
        "due": is_practice_due(participant),
        "under_way": under_way is not None,
        "again": get_look_back(participant) is not None,
        "steps": get_journey(participant, Step.TRAINING),
    }
    return render(request, "training/practice.html", context)


@require_safe
@participant_page
def result(request: HttpRequest, participant: Participant) -> HttpResponse:
    """How the choices of the latest practice chat compare with the script's."""
    if get_open_practice(participant) is not None:
        return go_on(participant)
    seen = get_look_back(participant)
    if seen is None:
        return SeeOther(reverse("practice"))
    return render(request, "training/practice_result.html", _get_context(participant, seen))


def _get_context(participant: Participant, seen: LookBack) -> dict[str, Any]:
    comparison, due = seen.comparison, is_practice_due(participant)
    return {
        "practice": seen.practice,
        "seen": comparison,
        "had": len(comparison.exchanges),
        "note": _say_early(seen, due),
        "qualified": has_qualification(participant),
        "due": due,
        "may_practise": may_practise(participant),
        "steps": get_journey(participant, Step.TRAINING),
    }


def _say_early(seen: LookBack, due: bool) -> str:
    """What there is to say about a practice chat that ended before its script."""
    had, steps = len(seen.comparison.exchanges), seen.comparison.steps
    said = [_("You had {had} of {steps} exchanges.").format(had=had, steps=steps)]
    if seen.reason in TIMED_OUT:
        said.append(_("It was closed because nothing came for a long time, or because its time was over."))
    if due:
        said.append(_("To become a supporter, answer a whole one. Begin another whenever you are ready."))
    return " ".join(said)
