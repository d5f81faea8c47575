"""How a reviewer gets from one conversation to the next."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from escollect.conversations.models import Conversation
from escollect.conversations.reading import access_conversation
from escollect.quality import actions
from escollect.quality.queue import QueueFilter
from escollect.studies.models import Study
from escollect.web.desk.gates import get_staff

PASSED = "desk_passed"
REMEMBERED = 200


def access(conversation_id: UUID) -> Conversation:
    """The conversation for staff. Raises Http404."""
    try:
        return access_conversation(conversation_id)
    except Conversation.DoesNotExist as error:
        raise Http404 from error


def to_conversation(conversation_id: UUID, query: str = "", part: str = "") -> HttpResponseRedirect:
    """To the page of a conversation, with the filters of the queue, at a part of it."""
    address = reverse("desk-conversation", args=[conversation_id])
    query = query.removesuffix("&")
    return HttpResponseRedirect(f"{address}{f'?{query}' if query else ''}{f'#{part}' if part else ''}")


def pass_over(request: HttpRequest, conversation_id: UUID) -> None:
    """Remember that this reviewer has seen the conversation: it comes again when nothing else is left."""
    seen = [key for key in request.session.get(PASSED, []) if key != str(conversation_id)]
    request.session[PASSED] = [*seen, str(conversation_id)][-REMEMBERED:]


def go_to_next(request: HttpRequest, study: Study, wanted: QueueFilter, query: str) -> HttpResponse:
    """Claim what waits next under these filters and go there, or back to the queue with a word."""
    reviewer = get_staff(request)
    passed = [UUID(key) for key in request.session.get(PASSED, [])]
    found = actions.claim_next(study, reviewer, wanted, passed)
    if found is None and passed:
        # Once round: what was passed over comes again, the last one excepted.
        request.session[PASSED] = [str(passed[-1])]
        found = actions.claim_next(study, reviewer, wanted, passed[-1:])
    if found is not None:
        return to_conversation(found.conversation_id, query)
    messages.info(request, _("Nothing else waits for you here."))
    return redirect(f"{reverse('desk-review')}?{query}study={study.slug}")
