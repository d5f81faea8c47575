"""The pages of the training: what there is to learn, one module, the examination, and the answers.

Before grading a page is built from `public_item` alone, so that no key and no explanation can reach
the browser.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import wraps
from typing import Any, ParamSpec

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from markdown_it import MarkdownIt

from escollect.domain.lifecycle import Step
from escollect.domain.quiz import BadAnswersError
from escollect.domain.tutorial import EXAM, Module
from escollect.people.models import Participant, Role
from escollect.training.actions import TrainingRefusedError, start_attempt, submit_quiz
from escollect.training.limits import get_exam_opening, get_tries_left, is_over
from escollect.training.models import Attempt
from escollect.training.papers import get_asked, get_graded, get_last_graded
from escollect.training.practising import is_practice_due, may_practise
from escollect.training.selectors import (
    Progress,
    get_progress,
    get_rules,
    get_tutorial_for,
    has_qualification,
    is_renewal_due,
    is_revoked,
)
from escollect.web.gates import ParticipantView, SeeOther, View, go_on, participant_page
from escollect.web.journey import get_journey
from escollect.web.training_paper import get_entries, say_wait

NEXT = "/next/"
PREFIX = "q-"
MARKDOWN = MarkdownIt("commonmark", {"html": False})
P = ParamSpec("P")


def for_trainees(view: ParticipantView[P]) -> View[P]:
    """Let in supporters who consented; everybody else goes to where they stand."""

    @wraps(view)
    def gate(
        request: HttpRequest, participant: Participant, /, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponse:
        consented = participant.version_id and participant.state == Participant.State.ACTIVE
        if participant.role != Role.SUPPORTER or not consented:
            return go_on(participant)
        return view(request, participant, *args, **kwargs)

    return participant_page(gate)


def _markdown(text: str) -> SafeString:
    return SafeString(MARKDOWN.render(text))


def read_answers(form: QueryDict) -> dict[str, list[str]]:
    """What was answered, by item id; one value for each choice, in order."""
    return {key.removeprefix(PREFIX): form.getlist(key) for key in form if key.startswith(PREFIX)}


def turn_away(request: HttpRequest, participant: Participant, slug: str, code: str) -> HttpResponse:
    """Send a trainee back from a door that is closed, with the reason."""
    if code == "unknown":
        raise Http404
    if code == "over":
        return go_on(participant)
    if code == "closed":
        messages.info(request, _("These answers were graded before, or the questions changed."))
        graded = get_last_graded(participant, slug)
        return SeeOther(answers_url(slug) if graded else _part_url(slug))
    if code == "cooling":
        messages.info(request, _("The next examination is not open yet; this page says when it will be."))
        return SeeOther(answers_url(slug))
    if code == "locked":
        text = _("That part is still closed. Go on with the part marked as next; it will open.")
        messages.info(request, text)
    return SeeOther(reverse("training"))


def _part_url(slug: str) -> str:
    return reverse("training-exam") if slug == EXAM else reverse("training-module", args=[slug])


def answers_url(slug: str) -> str:
    """The page with the explained answers of the latest graded attempt."""
    return reverse("training-answers", args=[slug])


def _following_url(progress: Progress) -> str:
    """Where to go on: the next part, or out of the training when all is passed."""
    return NEXT if progress.following is None else _part_url(progress.following)


def _serve_part(
    request: HttpRequest,
    participant: Participant,
    slug: str,
    template: str,
    context: Mapping[str, Any],
) -> HttpResponse:
    """Show the open paper of a module or of the examination, or grade what was posted."""
    given: dict[str, list[str]] = {}
    problems: Mapping[str, str] = {}
    wait, status = "", 200
    try:
        if request.method == "POST":
            given = read_answers(request.POST)
            submit_quiz(participant, slug, given)
            return SeeOther(answers_url(slug))
        attempt = start_attempt(participant, slug)
    except TrainingRefusedError as refused:
        if refused.code != "early":
            return turn_away(request, participant, slug, refused.code)
        wait, status = say_wait(refused.seconds), 409
        attempt = start_attempt(participant, slug)
    except BadAnswersError as bad:
        problems, status = bad.problems, 400
        attempt = start_attempt(participant, slug)
    entries = get_entries(get_asked(attempt) or (), given, problems)
    page = {
        **context,
        "slug": slug,
        "entries": entries,
        "answered": sum(entry.result is not None for entry in entries),
        "total_questions": len(entries),
        "wrong": [entry for entry in entries if entry.error],
        "wait": wait,
        "pass_percent": round(get_rules(participant, slug).pass_mark * 100),
        "left": get_tries_left(participant, slug),
    }
    return render(request, template, page, status=status)


@require_safe
@for_trainees
def index(request: HttpRequest, participant: Participant) -> HttpResponse:
    """What there is to learn, what is done, and what comes next."""
    progress = get_progress(participant)
    return render(
        request,
        "training/index.html",
        {
            "tutorial": get_tutorial_for(participant),
            "progress": progress,
            "total": len(progress.modules),
            "qualified": has_qualification(participant),
            "revoked": is_revoked(participant),
            "over": is_over(participant),
            "exam_opening": get_exam_opening(participant),
            "renewal": is_renewal_due(participant),
            "practice_due": is_practice_due(participant),
            "may_practise": may_practise(participant),
            "following_url": _following_url(progress),
            "steps": get_journey(participant, Step.TRAINING),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_trainees
def module(request: HttpRequest, participant: Participant, slug: str) -> HttpResponse:
    """One module: its text, its worked examples and its quiz; a passed one is only to be read again."""
    part = get_tutorial_for(participant).module(slug)
    if part is None:
        raise Http404
    progress = get_progress(participant)
    context = _module_context(part, progress)
    if slug in progress.passed and request.method != "POST":
        following = {"following_url": _following_url(progress), "slug": slug}
        return render(request, "training/module.html", {**context, **following, "passed": True})
    return _serve_part(request, participant, slug, "training/module.html", context)


def _module_context(part: Module, progress: Progress) -> dict[str, Any]:
    return {
        "module": part,
        "reading": _markdown(part.text),
        "progress": progress,
        "number": [each.slug for each in progress.modules].index(part.slug) + 1,
        "total": len(progress.modules),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@for_trainees
def exam(request: HttpRequest, participant: Participant) -> HttpResponse:
    """The final examination; passing it grants the qualification."""
    progress = get_progress(participant)
    if EXAM in progress.passed and request.method != "POST":
        return SeeOther(answers_url(EXAM))
    return _serve_part(request, participant, EXAM, "training/exam.html", {})


@require_safe
@for_trainees
def answers(request: HttpRequest, participant: Participant, slug: str) -> HttpResponse:
    """The latest graded attempt: every question with every choice explained."""
    attempt = get_last_graded(participant, slug)
    if attempt is None:
        raise Http404
    progress = get_progress(participant)
    part = get_tutorial_for(participant).module(slug)
    paper = get_asked(attempt)
    return render(
        request,
        "training/result.html",
        {
            "slug": slug,
            "part_title": part.title if part else _("Examination"),
            "attempt": attempt,
            "passed": attempt.state == Attempt.State.PASSED,
            "percent": round((attempt.score or 0) * 100),
            "pass_percent": round(get_rules(participant, slug).pass_mark * 100),
            "graded": get_graded(attempt),
            "entries": get_entries(paper or ()),
            "over": is_over(participant),
            "left": get_tries_left(participant, slug),
            "exam_opening": get_exam_opening(participant) if slug == EXAM else None,
            "practice_due": is_practice_due(participant),
            "may_practise": slug == EXAM and may_practise(participant),
            "qualified": has_qualification(participant),
            "again_url": _part_url(slug),
            "following_url": _following_url(progress),
            "following": progress.following,
        },
    )
