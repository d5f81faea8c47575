"""The review queue, and one conversation with its evidence and its decision."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from escollect.accounts.permissions import Thing
from escollect.conversations.models import Conversation
from escollect.conversations.reading import access_conversation
from escollect.quality import actions
from escollect.quality.actions.closing import close_flag
from escollect.quality.dossier import get_dossier
from escollect.quality.models import Flag
from escollect.quality.queue import (
    ANY_FLAG,
    PENDING,
    STATES,
    QueueFilter,
    count_waiting,
    get_flag_kinds,
    get_neighbour,
    get_queue,
)
from escollect.studies.models import Study
from escollect.web.desk import words
from escollect.web.desk.choice import choose_study
from escollect.web.desk.dossier import describe
from escollect.web.desk.forms import FilterForm, ReasonForm, ReviewForm, choice_filter
from escollect.web.desk.gates import get_staff, may, page, staff


@require_safe
@staff(Thing.TEXT)
def queue(request: HttpRequest) -> HttpResponse:
    """The conversations of the chosen study, what needs a person first."""
    choice = choose_study(request)
    study, sees_flags = choice.study, may(request, Thing.FINDING)
    context: dict[str, object] = {"choice": choice, "may_see_flags": sees_flags}
    if study is not None:
        form = _filter_form(request, study, sees_flags)
        names = ("verdict", "state", "flag", "problem")
        wanted = {name: form.get(name) for name in names if name in form.fields}
        context |= {
            "form": form,
            "filtered": any(wanted.values()),
            "queue": get_queue(study, QueueFilter(**wanted), request.GET.get("cursor", "")),
            "waiting": count_waiting(study),
            "query": form.get_query(),
        }
    return page(request, "review_queue.html", "review", context)


def _filter_form(request: HttpRequest, study: Study, sees_flags: bool) -> FilterForm:
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
    if sees_flags:
        kinds = [(kind, kind.replace("_", " ")) for kind in get_flag_kinds(study)]
        form.fields["flag"] = choice_filter(
            gettext_lazy("Open flag"), [(ANY_FLAG, gettext_lazy("any flag")), *kinds]
        )
    return form


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Thing.TEXT)
def conversation(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """One conversation: transcript, evidence and, for those who may, the decision."""
    found = _access(conversation_id)
    may_decide = may(request, Thing.REVIEW)
    if request.method == "POST":
        if not may_decide:
            raise PermissionDenied
        form = ReviewForm(request.POST)
        if form.is_valid() and _decide(request, found, form):
            return _after(request, found)
        return _show(request, found, form, may_decide, status=422)
    return _show(request, found, ReviewForm(), may_decide)


def _decide(request: HttpRequest, found: Conversation, form: ReviewForm) -> bool:
    """Store the decision; when the stage refuses, its reasons join the form's errors."""
    decision = form.cleaned_data["decision"]
    try:
        actions.review(
            found, get_staff(request), decision, form.cleaned_data["reason"], form.get_corrections()
        )
    except actions.NotReviewable as error:
        for field, problem in error.fields.items():
            form.add_error(field if field in form.fields else None, problem)
        return False
    text = _("Conversation %(id)s is %(verdict)s now. Your reason is in the audit trail.")
    messages.success(
        request, text % {"id": str(found.pk)[:8], "verdict": words.say(words.VERDICTS, decision)}
    )
    return True


def _after(request: HttpRequest, found: Conversation) -> HttpResponse:
    if request.POST.get("then") == "next":
        following = get_neighbour(found.study, found.pk)
        return redirect("desk-conversation", following) if following else redirect("desk-review")
    return redirect("desk-conversation", found.pk)


def _show(
    request: HttpRequest, found: Conversation, form: ReviewForm, may_decide: bool, status: int = 200
) -> HttpResponse:
    dossier = get_dossier(found)
    following = get_neighbour(found.study, found.pk) if may_decide else None
    context = {
        "form": form,
        "dossier": dossier,
        "conversation": found,
        "may_decide": may_decide,
        "may_see_flags": may(request, Thing.FINDING),
        "following": following,
        **describe(dossier),
    }
    return page(request, "review_one.html", "review", context, status=status)


@require_POST
@staff(Thing.REVIEW)
def close(request: HttpRequest, conversation_id: UUID, flag_id: int) -> HttpResponse:
    """Close one flag of a conversation with a reason."""
    found = _access(conversation_id)
    flag = Flag.objects.filter(pk=flag_id, conversation=found).select_related("conversation").first()
    if flag is None:
        raise Http404
    form = ReasonForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("The flag stays open: say in a few words what you found, then close it."))
    elif close_flag(flag, get_staff(request), form.cleaned_data["reason"]):
        messages.success(request, _("The flag is closed. Your reason is in the audit trail."))
    else:
        messages.warning(request, _("Somebody else closed this flag a moment ago. Nothing was changed."))
    return redirect("desk-conversation", found.pk)


def _access(conversation_id: UUID) -> Conversation:
    try:
        return access_conversation(conversation_id)
    except Conversation.DoesNotExist as error:
        raise Http404 from error
