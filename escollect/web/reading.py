"""A module to read beside a running chat: a piece of a page, without the quiz."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe
from markdown_it import MarkdownIt

from escollect.conversations.selectors import is_qualified
from escollect.domain.tutorial import is_open
from escollect.people.models import Participant, Role
from escollect.training.practising import may_practise
from escollect.training.selectors import get_passed, get_tutorial_for
from escollect.web.gates import participant_page

MARKDOWN = MarkdownIt("commonmark", {"html": False})


@require_safe
@participant_page
def reading(request: HttpRequest, participant: Participant, slug: str) -> HttpResponse:
    """What a module says: all of them for who may chat or practise, before that those that are open."""
    tutorial = get_tutorial_for(participant)
    module = tutorial.module(slug)
    if module is None or participant.role != Role.SUPPORTER or participant.version_id is None:
        raise Http404
    chats = is_qualified(participant) or may_practise(participant)
    if not chats and not is_open(tutorial.modules, get_passed(participant), slug):
        raise Http404
    context = {"module": module, "text": SafeString(MARKDOWN.render(module.text))}
    return render(request, "chat/reading.html", context)
