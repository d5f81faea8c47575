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

from escollect.accounts import selectors as accounts
from escollect.accounts.models import StaffRole, User
from escollect.accounts.permissions import ALLOWED, Thing

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the desk with its place in the navigation, and what one must be allowed to see it."""

    key: str
    url: str
    icon: str
    label: str | Promise
    thing: Thing


AREAS = (
    Area("overview", "/desk/", "chart-column", _("Overview"), Thing.STUDY),
    Area("live", "/desk/live/", "activity", _("Live"), Thing.STUDY),
    Area("review", "/desk/review/", "list-checks", _("Review"), Thing.TEXT),
    Area("relabel", "/desk/relabel/", "tag", _("Relabelling"), Thing.TEXT),
    Area("participants", "/desk/participants/", "users", _("Participants"), Thing.STUDY),
    Area("training", "/desk/training/", "graduation-cap", _("Training"), Thing.TRAINING),
    Area("policies", "/desk/policies/", "scale", _("Policies"), Thing.POLICY),
    Area("releases", "/desk/releases/", "package", _("Releases"), Thing.RELEASE),
    Area("studies", "/desk/studies/", "file-text", _("Studies"), Thing.STUDY),
)


def staff(thing: Thing) -> Callable[[View[P]], View[P]]:
    """Let only staff in who may see or do `thing`: strangers are sent to sign in, others get a 403."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def gate(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not get_roles(request):
                return redirect_to_login(request.get_full_path())
            if not may(request, thing):
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


def may(request: HttpRequest, thing: Thing) -> bool:
    """Whether the login of this request may see or do `thing`."""
    return not get_roles(request).isdisjoint(ALLOWED[thing])


def get_roles(request: HttpRequest) -> frozenset[StaffRole]:
    """The staff roles behind a request, none for strangers; asked of the database once a request."""
    held: frozenset[StaffRole] | None = getattr(request, "desk_roles", None)
    if held is None:
        held = accounts.get_roles(request.user)
        request.desk_roles = held  # type: ignore[attr-defined]
    return held


def page(
    request: HttpRequest, template: str, area: str, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """Render a page of the desk in its frame: the navigation lists what this person may open."""
    areas = [entry for entry in AREAS if may(request, entry.thing)]
    return render(request, f"desk/{template}", {"area": area, "areas": areas, **context}, status=status)
