"""One live room as a moderator sees it, and what they can do to it, each with a reason."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from escollect.accounts.models import User
from escollect.accounts.permissions import Thing
from escollect.audit.selectors import get_rows
from escollect.conversations.actions import moderation
from escollect.conversations.models import Conversation
from escollect.conversations.reading import access_conversation, get_log
from escollect.domain.events import Refused
from escollect.web.desk.dossier import show_lines
from escollect.web.desk.forms import ReasonForm
from escollect.web.desk.gates import get_staff, may, page, staff

LATEST = 40
"""Events that the page shows: what is being said, not the whole conversation."""

Act = Callable[[UUID, User | None, str], None]


class WordsForm(ReasonForm):
    """What a moderator says to both."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["reason"].error_messages["required"] = gettext_lazy("Write what both shall read.")


@require_safe
@staff(Thing.MODERATION)
def room(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """A room with its latest lines; a small script asks again every few seconds."""
    return _show(request, _access(conversation_id), ReasonForm())


def _show(
    request: HttpRequest, found: Conversation, form: ReasonForm, failed: str = "", status: int = 200
) -> HttpResponse:
    log = get_log(found.pk)
    context = {
        "conversation": found,
        "lines": show_lines(log, {})[-LATEST:],
        "left_out": max(0, len(log) - LATEST),
        "audit": get_rows(found),
        "may_see_flags": may(request, Thing.FINDING),
        "form": form,
        "failed": failed,
    }
    return page(request, "room.html", "live", context, status=status)


def _do(
    request: HttpRequest, conversation_id: UUID, key: str, act: Act, done: str, form: ReasonForm
) -> HttpResponse:
    """Do something to a room; without a reason the page comes back with what was typed."""
    found = _access(conversation_id)
    if not form.is_valid():
        return _show(request, found, form, key, status=422)
    try:
        act(found.pk, get_staff(request), form.cleaned_data["reason"])
    except Refused as refused:
        # The act may not be on offer any more, so the page says it above all of them.
        messages.error(request, _(refused.message))
        return _show(request, _access(conversation_id), form, key, status=422)
    messages.success(request, done)
    return redirect("desk-room", found.pk)


@require_POST
@staff(Thing.MODERATION)
def hold(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Put a room on hold."""
    done = _("The conversation is on hold: both were told that you look in, and no time runs out.")
    return _do(request, conversation_id, "hold", moderation.hold, done, ReasonForm(request.POST))


@require_POST
@staff(Thing.MODERATION)
def clear(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Let a held room go on."""
    done = _("The conversation goes on, with as much time left as it had. Both were told.")
    return _do(request, conversation_id, "clear", moderation.clear, done, ReasonForm(request.POST))


@require_POST
@staff(Thing.MODERATION)
def crisis_stop(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """End a held room for safety."""
    done = _("The conversation was stopped for safety. Both were given help lines and are paid in full.")
    form = ReasonForm(request.POST)
    return _do(request, conversation_id, "crisis_stop", moderation.stop_for_crisis, done, form)


@require_POST
@staff(Thing.MODERATION)
def moderator_stop(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """End a live room."""
    done = _("The conversation was stopped. Both were told, and go on to the last questions.")
    form = ReasonForm(request.POST)
    return _do(request, conversation_id, "moderator_stop", moderation.moderator_stop, done, form)


@require_POST
@staff(Thing.MODERATION)
def tell(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Say something to both."""
    done = _("Both can read it now.")
    return _do(request, conversation_id, "tell", moderation.tell, done, WordsForm(request.POST))


def _access(conversation_id: UUID) -> Conversation:
    try:
        found = access_conversation(conversation_id)
    except Conversation.DoesNotExist as error:
        raise Http404 from error
    if found.kind != Conversation.Kind.COLLECTED:
        raise Http404
    return found
