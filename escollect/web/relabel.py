"""Second opinions: a qualified supporter labels utterances of others, without seeing the first label."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from escollect.domain.lifecycle import Step
from escollect.domain.strategies import STRATEGIES
from escollect.people.models import Participant
from escollect.quality.actions.relabelling import RelabelRefused, give, skip, take
from escollect.quality.relabelling import get_task, has_tasks, may_relabel
from escollect.training.selectors import get_tutorial_for
from escollect.web.gates import SeeOther, at_step, go_on

HERE = "/relabel/"
free = at_step(Step.LOBBY, Step.DONE)
REFUSALS: Mapping[str, str | Promise] = {
    "not_yours": gettext_lazy("This message is no longer yours to look at. Nothing was lost; go on below."),
    "strategy": gettext_lazy("Nothing was stored yet: choose one of the eight strategies first."),
    "given": gettext_lazy("You gave your opinion on that message before. The first one stays."),
    "taken": gettext_lazy(
        "Others gave their opinions on that message while you were away, so yours was not needed any more."
    ),
    "over": gettext_lazy("This round was closed a moment ago. What you gave before is kept. Thank you."),
}


@require_safe
@free
def relabel(request: HttpRequest, participant: Participant) -> HttpResponse:
    """The message in question in its context, or what this is and the way in."""
    if not may_relabel(participant):
        return go_on(participant)
    task = get_task(participant)
    context = {
        "task": task,
        "open": task is not None or has_tasks(participant),
        "strategies": _get_strategies(participant) if task else [],
    }
    return render(request, "relabel/relabel.html", context)


def _get_strategies(participant: Participant) -> list[dict[str, object]]:
    modules = {module.strategy: module for module in get_tutorial_for(participant).modules}
    return [
        {"value": name, "label": _(name), "key": key, "module": modules.get(name)}
        for key, name in enumerate(STRATEGIES, start=1)
    ]


@require_POST
@free
def begin(request: HttpRequest, participant: Participant) -> HttpResponse:
    """Take the next message."""
    return _next(request, participant)


@require_POST
@free
def give_opinion(request: HttpRequest, participant: Participant) -> HttpResponse:
    """Store an opinion and take the next message."""
    try:
        give(participant, _get_task_id(request), request.POST.get("strategy", ""))
    except RelabelRefused as refused:
        messages.warning(request, str(REFUSALS[refused.code]))
        if refused.code == "strategy":
            return SeeOther(HERE)
    return _next(request, participant)


@require_POST
@free
def leave_to_others(request: HttpRequest, participant: Participant) -> HttpResponse:
    """Give no opinion on a message, and take the next one."""
    try:
        skip(participant, _get_task_id(request))
    except RelabelRefused as refused:
        messages.warning(request, str(REFUSALS[refused.code]))
    return _next(request, participant)


def _get_task_id(request: HttpRequest) -> UUID:
    """The assignment that a form is about; one that cannot be read is nobody's."""
    try:
        return UUID(request.POST.get("task", ""))
    except ValueError:
        return UUID(int=0)


def _next(request: HttpRequest, participant: Participant) -> HttpResponse:
    try:
        found = take(participant)
    except RelabelRefused:
        return go_on(participant)
    if found is None:
        messages.success(request, _("There is nothing left for you at the moment. Thank you!"))
    return SeeOther(HERE)
