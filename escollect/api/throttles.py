from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from escollect.accounts.models import User
from escollect.people.models import Participant

if TYPE_CHECKING:  # the framework imports this module while it makes its views
    from rest_framework.views import APIView


class StaffThrottle(SimpleRateThrottle):
    """Counts the requests of a staff login, whichever token they come with."""

    scope = "staff"

    def get_cache_key(self, request: Request, view: APIView) -> str | None:  # noqa: ARG002  the framework's
        return f"throttle:staff:{request.user.pk}" if isinstance(request.user, User) else None


class RoomThrottle(SimpleRateThrottle):
    """Counts what a participant asks of the REST way into a room: ten a second on average."""

    scope = "room"
    rate = "600/min"

    def get_cache_key(self, request: Request, view: APIView) -> str | None:  # noqa: ARG002  the framework's
        user: Any = request.user
        return f"throttle:room:{user.pk}" if isinstance(user, Participant) else None
