"""Checks a single answer of a module's quiz, for the script that asks question by question."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from escollect.domain.quiz import BadAnswersError
from escollect.people.models import Participant
from escollect.training.actions import Answered, TrainingRefusedError, answer_question
from escollect.training.papers import get_asked, get_open_attempt
from escollect.training.selectors import get_rules
from escollect.web.training import answers_url, for_trainees, read_answers, turn_away
from escollect.web.training_paper import Entry, get_entries, say_problem, say_wait


@require_POST
@for_trainees
def check(request: HttpRequest, participant: Participant, slug: str) -> HttpResponse:
    """Grade one question at once: a piece of the page with the explanation, and what follows from it."""
    item_id = request.POST.get("question", "")
    given = read_answers(request.POST).get(item_id, [])
    try:
        answered = answer_question(participant, slug, item_id, given)
    except BadAnswersError as bad:
        error = say_problem(bad.problems.get(item_id, ""))
        return _ask_again(request, participant, slug, item_id, given, error, 400)
    except TrainingRefusedError as refused:
        if refused.code == "early":
            return _ask_again(request, participant, slug, item_id, given, say_wait(refused.seconds), 409)
        return turn_away(request, participant, slug, refused.code)
    return render(request, "training/checked.html", _tell(participant, slug, answered))


def _tell(participant: Participant, slug: str, answered: Answered) -> dict[str, Any]:
    attempt = answered.asked.answer.attempt
    attempt.participant = participant
    entries = get_entries(get_asked(attempt) or ())
    ids = {answered.asked.item.id, answered.following.item.id if answered.following else ""}
    return {
        "entries": [entry for entry in entries if entry.item.id in ids],
        "answered": sum(entry.result is not None for entry in entries),
        "total": len(entries),
        "graded": answered.graded,
        "pass_percent": round(get_rules(participant, slug).pass_mark * 100),
        "answers_url": answers_url(slug),
        "checkable": True,
    }


def _ask_again(
    request: HttpRequest,
    participant: Participant,
    slug: str,
    item_id: str,
    given: list[str],
    error: str,
    status: int,
) -> HttpResponse:
    attempt = get_open_attempt(participant, slug)
    asked = get_asked(attempt) if attempt else None
    entries = [
        Entry(entry.number, entry.again, entry.item, entry.given, error)
        for entry in get_entries(asked or (), {item_id: given})
        if entry.item.id == item_id
    ]
    context = {"entries": entries, "checkable": True, "refused": True}
    return render(request, "training/checked.html", context, status=status)
