"""What a reviewer does beside deciding: take, hold and give back, undo, ask, hide, close a flag."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from escollect.accounts.permissions import Thing
from escollect.conversations.models import Conversation
from escollect.conversations.reading import Line, get_log
from escollect.domain.masking import Word, split_words
from escollect.quality import actions
from escollect.quality.actions import NotReviewable, Taken
from escollect.quality.findings import get_findings
from escollect.quality.models import Flag, Mask, Review
from escollect.web.desk.choice import choose_study
from escollect.web.desk.gates import get_staff, page, staff
from escollect.web.desk.marking import collect_spans
from escollect.web.desk.review import get_filter_form, read_filter
from escollect.web.desk.review_forms import FlagForm, HideForm
from escollect.web.desk.review_way import access, go_to_next, pass_over, to_conversation


@require_POST
@staff(Thing.REVIEW)
def take_next(request: HttpRequest) -> HttpResponse:
    """Claim what waits next under the filters of the address; `after` is what is passed over for it."""
    study = choose_study(request).study
    if study is None:
        raise Http404
    with suppress(ValueError):
        after = UUID(request.POST.get("after", ""))
        actions.release(after, get_staff(request))
        pass_over(request, after)
    form = get_filter_form(request, study)
    return go_to_next(request, study, read_filter(form), form.get_query())


@require_POST
@staff(Thing.REVIEW)
def hold(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Claim a conversation, or with `renew` hold on to it; scripts get JSON, 409 while somebody has it."""
    found, me = access(conversation_id), get_staff(request)
    wants_json = "json" in request.headers.get("Accept", "")
    try:
        claim = (actions.renew if request.POST.get("renew") else actions.claim)(found.pk, me)
    except Taken as taken:
        if wants_json:
            return JsonResponse({"text": str(taken)}, status=409)
        messages.warning(request, str(taken))
        return to_conversation(found.pk, request.GET.urlencode())
    if wants_json:
        return JsonResponse({"since": claim.claimed_at.isoformat(), "until": f"{claim.lease_until:%H:%M}"})
    return to_conversation(found.pk, request.GET.urlencode())


@require_POST
@staff(Thing.REVIEW)
def let_go(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Give a claim back, when its page is left; `since` says which claim that page had."""
    since: datetime | None = None
    with suppress(ValueError):
        since = parse_datetime(request.POST.get("since", ""))
    if since is not None:
        actions.release(conversation_id, get_staff(request), since)
    return HttpResponse(status=204)


@require_POST
@staff(Thing.REVIEW)
def undo(request: HttpRequest, conversation_id: UUID, review_id: int) -> HttpResponse:
    """Take a decision back within a minute."""
    found = access(conversation_id)
    row = Review.objects.filter(pk=review_id, conversation=found).first()
    if row is None:
        raise Http404
    try:
        actions.undo_review(row, get_staff(request))
    except NotReviewable as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Undone: verdict and flags are as they were, and it is with you again."))
    return to_conversation(found.pk, request.GET.urlencode())


@require_POST
@staff(Thing.REVIEW)
def ask(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Ask another reviewer, and go on to the next conversation."""
    found = access(conversation_id)
    try:
        actions.ask_second_opinion(found, get_staff(request), request.POST.get("reason", ""))
    except NotReviewable as error:
        messages.error(request, str(error))
        return to_conversation(found.pk, request.GET.urlencode())
    messages.success(request, _("Another reviewer decides now; your question is on the page for them."))
    pass_over(request, found.pk)
    form = get_filter_form(request, found.study)
    return go_to_next(request, found.study, read_filter(form), form.get_query())


@require_POST
@staff(Thing.REVIEW)
def take_back(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Decide oneself after all."""
    found = access(conversation_id)
    try:
        if actions.take_question_back(found, get_staff(request)):
            messages.success(request, _("The question is taken back: it is with you again."))
        else:
            messages.warning(request, _("The question was answered meanwhile. Nothing was changed."))
    except Taken as taken:
        messages.warning(request, _("%(who)s The question stays.") % {"who": taken})
    return to_conversation(found.pk, request.GET.urlencode())


@require_http_methods(["GET", "HEAD", "POST"])
@staff(Thing.REVIEW)
def hide(request: HttpRequest, conversation_id: UUID, seq: int) -> HttpResponse:
    """Choose words of one utterance that are not published."""
    found = access(conversation_id)
    line = _get_line(found, seq)
    words = split_words(line.text)
    if request.method != "POST":
        form = HideForm(of=words, initial={"words": _suggest(found, seq, words), "preset": "name"})
        return _show_words(request, found, line, form)
    form = HideForm(request.POST, of=words)
    if not form.is_valid():
        return _show_words(request, found, line, form, status=422)
    try:
        actions.hide_words(found, get_staff(request), seq, form.get_ranges(), form.cleaned_data["why"])
    except NotReviewable as error:
        for field, problem in error.fields.items():
            form.add_error(field if field in form.fields else None, problem)
        return _show_words(request, found, line, form, status=422)
    messages.success(request, _("Hidden from what is published. The original stays as it was written."))
    return to_conversation(found.pk, request.GET.urlencode(), f"u-{seq}")


@require_POST
@staff(Thing.REVIEW)
def show(request: HttpRequest, conversation_id: UUID, seq: int) -> HttpResponse:
    """Publish what was hidden in one utterance again."""
    found = access(conversation_id)
    try:
        if actions.show_words(found, get_staff(request), seq, request.POST.get("reason", "")):
            messages.success(request, _("Nothing in this utterance is hidden any more."))
    except NotReviewable as error:
        messages.error(request, str(error))
    return to_conversation(found.pk, request.GET.urlencode(), f"u-{seq}")


def _get_line(found: Conversation, seq: int) -> Line:
    for line in get_log(found.pk):
        if line.seq == seq and line.kind == "msg":
            return line
    raise Http404


def _suggest(found: Conversation, seq: int, words: list[Word]) -> list[str]:
    """The words that findings call personal: chosen already, for the reviewer to agree with."""
    personal = [one for one in get_findings(found) if one.rule == "personal_data"]
    spans = collect_spans(personal, []).get(seq, [])
    return [
        f"{word.start}-{word.end}"
        for word in words
        if any(span.start < word.end and word.start < span.end for span in spans)
    ]


def _show_words(
    request: HttpRequest, found: Conversation, line: Line, form: HideForm, status: int = 200
) -> HttpResponse:
    masks = Mask.objects.filter(conversation=found, seq=line.seq, undone_at=None)
    context = {"conversation": found, "line": line, "form": form, "masks": masks}
    return page(request, "review_hide.html", "review", context, status=status)


@require_POST
@staff(Thing.REVIEW)
def close(request: HttpRequest, conversation_id: UUID, flag_id: int) -> HttpResponse:
    """Close one flag of a conversation with a reason, and say whether it was right."""
    found = access(conversation_id)
    flag = Flag.objects.filter(pk=flag_id, conversation=found).select_related("conversation").first()
    if flag is None:
        raise Http404
    form = FlagForm(request.POST)
    try:
        if not form.is_valid():
            text = _("The flag stays open: say in a few words what you found, then close it.")
            messages.error(request, text)
        elif actions.close_flag(flag, get_staff(request), form.cleaned_data["reason"], form.get_right()):
            messages.success(request, _("The flag is closed. Your reason is in the audit trail."))
        else:
            messages.warning(request, _("Somebody else closed this flag a moment ago. Nothing was changed."))
    except ValueError as error:
        messages.error(request, str(error))
    return to_conversation(found.pk, request.GET.urlencode())
