"""The review queue, and one conversation with its evidence and its decision."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from escollect.accounts.permissions import Thing
from escollect.conversations.models import Conversation
from escollect.quality import actions
from escollect.quality.actions.claiming import LEASE
from escollect.quality.appeals import has_waiting_appeal
from escollect.quality.dossier import Dossier, get_dossier
from escollect.quality.models import Claim
from escollect.quality.queue import (
    ANY_FLAG,
    PENDING,
    STATES,
    QueueFilter,
    count_waiting,
    get_claim,
    get_flag_kinds,
    get_queue,
)
from escollect.quality.undo import get_undoable
from escollect.studies.models import Study
from escollect.web.desk import review_keys, words
from escollect.web.desk.choice import choose_study
from escollect.web.desk.dossier import describe
from escollect.web.desk.forms import FilterForm, choice_filter, search_filter
from escollect.web.desk.gates import get_staff, may, page, staff
from escollect.web.desk.review_forms import ReviewForm
from escollect.web.desk.review_way import access, go_to_next, pass_over

RENEWALS = 5
"""How often a lease is renewed while it runs, so that a lost request costs nothing."""


@require_safe
@staff(Thing.TEXT)
def queue(request: HttpRequest) -> HttpResponse:
    """The conversations of the chosen study, what needs a person first."""
    choice = choose_study(request)
    study, sees_flags = choice.study, may(request, Thing.FINDING)
    may_decide = may(request, Thing.REVIEW)
    context: dict[str, object] = {"choice": choice, "may_see_flags": sees_flags, "may_decide": may_decide}
    context["key_map"] = review_keys.QUEUE
    if study is not None:
        form = get_filter_form(request, study)
        wanted = read_filter(form)
        context |= {
            "form": form,
            "filtered": wanted != QueueFilter(),
            "queue": get_queue(study, wanted, request.GET.get("cursor", "")),
            "waiting": count_waiting(study),
            "query": form.get_query(),
            "undoable": get_undoable(get_staff(request)) if may_decide else None,
        }
    return page(request, "review_queue.html", "review", context)


def get_filter_form(request: HttpRequest, study: Study) -> FilterForm:
    """The filters of the queue that this person may use, filled from the address."""
    form = FilterForm(request.GET)
    verdicts = ("needs_review", "accepted", "rejected", PENDING)
    form.fields["verdict"] = choice_filter(
        gettext_lazy("Verdict"), [(key, words.VERDICTS[key]) for key in verdicts]
    )
    form.fields["state"] = choice_filter(
        gettext_lazy("State"), [(key.value, words.STATES[key.value]) for key in STATES]
    )
    problems = study.current.settings.vocabularies.problem.accepted if study.current else ()
    form.fields["problem"] = choice_filter(gettext_lazy("Problem"), [(value, value) for value in problems])
    if may(request, Thing.FINDING):
        kinds = [(kind, words.say(words.FLAGS, kind)) for kind in get_flag_kinds(study)]
        form.fields["flag"] = choice_filter(
            gettext_lazy("Open flag"), [(ANY_FLAG, gettext_lazy("any flag")), *kinds]
        )
    form.fields["participant"] = search_filter(gettext_lazy("Participant"))
    return form


def read_filter(form: FilterForm) -> QueueFilter:
    """What the filters ask for."""
    return QueueFilter(**{name: form.get(name).strip() for name in form.fields})


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Thing.TEXT)
def conversation(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """One conversation: transcript, evidence and, for those who may, the decision."""
    found = access(conversation_id)
    may_decide = may(request, Thing.REVIEW)
    if request.method == "POST":
        if not may_decide:
            raise PermissionDenied
        form = ReviewForm(request.POST, appealed=has_waiting_appeal(found))
        if form.is_valid() and _decide(request, found, form):
            return _after(request, found)
        return _show(request, get_dossier(found), form, may_decide, status=422)
    dossier = get_dossier(found)
    return _show(request, dossier, ReviewForm(appealed=bool(dossier.waiting_appeals)), may_decide)


def _decide(request: HttpRequest, found: Conversation, form: ReviewForm) -> bool:
    """Store the decision; when the stage refuses, its reasons join the form's errors."""
    given = form.cleaned_data
    try:
        actions.review(
            found,
            get_staff(request),
            given["decision"],
            given["why"],
            form.get_corrections(),
            given.get("answer", ""),
        )
    except actions.NotReviewable as error:
        for field, problem in error.fields.items():
            form.add_error(field if field in form.fields else None, problem)
        return False
    return True


def _after(request: HttpRequest, found: Conversation) -> HttpResponse:
    if request.POST.get("then") != "next":
        return redirect("desk-conversation", found.pk)
    # An urgent flag outlives a decision; without this the same conversation would come again at once.
    pass_over(request, found.pk)
    form = get_filter_form(request, found.study)
    return go_to_next(request, found.study, read_filter(form), form.get_query())


def _show(
    request: HttpRequest, dossier: Dossier, form: ReviewForm, may_decide: bool, status: int = 200
) -> HttpResponse:
    found, me = dossier.conversation, get_staff(request)
    claim = get_claim(found)
    asked_by_me = dossier.asked is not None and dossier.asked.asked_by_id == me.pk
    theirs = claim is not None and claim.reviewer_id != me.pk
    sees_flags = may(request, Thing.FINDING)
    context = {
        "form": form,
        "dossier": dossier,
        "conversation": found,
        "may_decide": may_decide,
        "may_see_flags": sees_flags,
        "claim": claim,
        "theirs": theirs,
        "asked_by_me": asked_by_me,
        "open_to_me": may_decide and not theirs and not asked_by_me,
        "undoable": get_undoable(me) if may_decide else None,
        "query": get_filter_form(request, found.study).get_query(),
        "claim_data": _claim_data(claim, me.pk),
        "key_map": review_keys.CONVERSATION,
        "scripts": review_keys.SCRIPTS,
        **describe(dossier, sees_flags),
    }
    return page(request, "review_one.html", "review", context, status=status)


def _claim_data(claim: Claim | None, me: int) -> dict[str, object]:
    """What the script needs that holds the claim while the page is open."""
    mine = claim is not None and claim.reviewer_id == me
    return {
        "since": claim.claimed_at.isoformat() if claim is not None and mine else None,
        "every": LEASE.total_seconds() / RENEWALS,
    }
