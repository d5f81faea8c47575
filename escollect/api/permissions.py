"""Who may come in at which door; the table itself is `accounts.permissions`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from escollect.accounts.permissions import Thing
from escollect.api.auth import StaffAccess
from escollect.people.models import Participant

if TYPE_CHECKING:  # the framework imports this module while it makes its views
    from rest_framework.views import APIView


class IsStaff(BasePermission):
    """Lets a token in that may do what the view's `needs` names for this method."""

    message = "The role of this token does not allow this."

    def has_permission(self, request: Request, view: APIView) -> bool:
        access = request.auth
        if not isinstance(access, StaffAccess):
            return False
        needs: Mapping[str, Thing] = getattr(view, "needs", {})
        method = "GET" if request.method == "HEAD" else str(request.method)
        if method not in needs:
            # A method without an entry is not offered; the framework answers 405 after this.
            return bool(access.roles) and (method == "OPTIONS" or method not in view.allowed_methods)
        return access.may(needs[method])


class IsParticipant(BasePermission):
    """Lets the session of a participant in; what is not theirs is for the view to hide."""

    message = "There is no open session. Open your invite again, then come back."

    def has_permission(self, request: Request, view: APIView) -> bool:  # noqa: ARG002  the framework's
        return isinstance(request.user, Participant)
