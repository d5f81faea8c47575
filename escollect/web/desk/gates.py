"""Who may open which part of the desk, and the frame that every page of it shares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from escollect.accounts.models import StaffRole, User
from escollect.accounts.selectors import has_role

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

RESEARCHER, REVIEWER, ADMIN = StaffRole.RESEARCHER, StaffRole.REVIEWER, StaffRole.ADMIN
EVERYONE = (RESEARCHER, REVIEWER, ADMIN)
MODERATORS = (REVIEWER, ADMIN)
PUBLISHERS = (RESEARCHER, ADMIN)
ADMINS = (ADMIN,)


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the desk with its place in the navigation."""

    key: str
    url: str
    icon: str
    label: str | Promise
    roles: tuple[StaffRole, ...] = EVERYONE


AREAS = (
    Area("overview", "/desk/", "chart-column", _("Overview")),
    Area("live", "/desk/live/", "activity", _("Live")),
    Area("review", "/desk/review/", "list-checks", _("Review")),
    Area("participants", "/desk/participants/", "users", _("Participants")),
    Area("policies", "/desk/policies/", "scale", _("Policies")),
    Area("releases", "/desk/releases/", "package", _("Releases"), PUBLISHERS),
    Area("studies", "/desk/studies/", "file-text", _("Studies")),
)


def staff(*roles: StaffRole) -> Callable[[View[P]], View[P]]:
    """Let only staff of one of these roles in: strangers are sent to sign in, other staff get a 403."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def gate(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            held = get_roles(request)
            if not held:
                return redirect_to_login(request.get_full_path())
            if held.isdisjoint(roles):
                raise PermissionDenied
            response = view(request, *args, **kwargs)
            response.headers.setdefault("Cache-Control", "private, no-store")
            return response

        return gate

    return decorate


def get_staff(request: HttpRequest) -> User:
    """The staff login behind a request that passed the gate."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def may(request: HttpRequest, roles: tuple[StaffRole, ...]) -> bool:
    """Whether the staff login of this request holds one of these roles."""
    return not get_roles(request).isdisjoint(roles)


def get_roles(request: HttpRequest) -> frozenset[StaffRole]:
    """The staff roles behind a request, none for strangers; asked of the database once a request."""
    held: frozenset[StaffRole] | None = getattr(request, "desk_roles", None)
    if held is None:
        user = request.user
        known = isinstance(user, User) and user.is_active
        held = frozenset(role for role in StaffRole if known and has_role(user, role))
        request.desk_roles = held  # type: ignore[attr-defined]
    return held


def page(
    request: HttpRequest, template: str, area: str, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """Render a page of the desk inside its frame: the navigation shows what this person may open."""
    areas = [entry for entry in AREAS if may(request, entry.roles)]
    frame = {"area": area, "areas": areas}
    return render(request, f"desk/{template}", {**frame, **context}, status=status)
