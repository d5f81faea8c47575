"""Who is asking: staff by token, participants by the session of their pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from rest_framework.authentication import BaseAuthentication, CSRFCheck, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from escollect.accounts.actions import touch_token
from escollect.accounts.models import ApiToken, StaffRole, User
from escollect.accounts.permissions import ALLOWED, Thing
from escollect.accounts.selectors import get_token, get_token_roles
from escollect.people.models import Participant
from escollect.people.selectors import get_session_participant

KEYWORD = "Token"


@dataclass(frozen=True, slots=True)
class StaffAccess:
    """A token that was accepted, and the roles in which it acts (`request.auth` of the staff's part)."""

    user: User
    token: ApiToken
    roles: frozenset[StaffRole]

    def may(self, thing: Thing) -> bool:
        """Whether this token may see or do `thing`."""
        return not self.roles.isdisjoint(ALLOWED[thing])


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Token …`, made by `manage.py create_token`."""

    def authenticate(self, request: Request) -> tuple[User, StaffAccess] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != KEYWORD.lower().encode():
            return None
        if len(words) != 2:
            raise AuthenticationFailed('The header must read "Authorization: Token <token>".')
        token = get_token(words[1].decode("latin-1"))
        if token is None:
            raise AuthenticationFailed("This token is not known, was revoked or has expired.")
        touch_token(token)
        return token.user, StaffAccess(token.user, token, get_token_roles(token))

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002  the framework's signature
        return KEYWORD


class ParticipantAuthentication(BaseAuthentication):
    """The session that an invite opened; anything but reading needs the CSRF token of the pages."""

    def authenticate(self, request: Request) -> tuple[Participant, None] | None:
        participant = get_session_participant(request._request.session)  # noqa: SLF001  has no public name
        if participant is None:
            return None
        self._check_csrf(request)
        return participant, None

    def _check_csrf(self, request: Request) -> None:
        check = CSRFCheck(lambda _request: HttpResponse())
        check.process_request(request._request)  # noqa: SLF001  has no public name
        reason: Any = check.process_view(request._request, None, (), {})  # type: ignore[arg-type]  # noqa: SLF001
        if reason:
            raise PermissionDenied(f"{reason} Send the page's CSRF token in the header X-CSRFToken.")
