from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from escollect.web.gates import get_participant


def participant_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Set `request.participant` to the session's participant, or None; it is read on first use."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.participant = SimpleLazyObject(lambda: get_participant(request))  # type: ignore[attr-defined]
        return get_response(request)

    return middleware
