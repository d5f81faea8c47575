"""The base of our ModelAdmins: they show, and what they change goes through actions."""

# ruff: noqa: ARG002  the signatures are Django's

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Model

if TYPE_CHECKING:
    from django.http import HttpRequest  # noqa: TID251  the type of the admin's hooks

    Base = admin.ModelAdmin[Any]
else:
    Base = admin.ModelAdmin


def holds_role(request: HttpRequest, roles: Collection[str]) -> bool:
    """Whether the signed-in login is in one of these staff groups; a superuser is in all of them."""
    user = request.user
    if not (user.is_active and user.is_staff):
        return False
    return user.is_superuser or user.groups.filter(name__in=list(roles)).exists()


class ReadOnlyAdmin(Base):
    """Shows rows to `roles`; `identity_fields` are left out for everybody but `identity_roles`."""

    roles: Collection[str] = ("admin",)
    identity_fields: Sequence[str] = ()
    identity_roles: Collection[str] = ("admin",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return holds_role(request, self.roles)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return holds_role(request, self.roles)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[Any, ...]:
        return self._shown(request, super().get_fields(request, obj))

    def get_list_display(self, request: HttpRequest) -> tuple[Any, ...]:
        return self._shown(request, super().get_list_display(request))

    def get_search_fields(self, request: HttpRequest) -> tuple[Any, ...]:
        return self._shown(request, super().get_search_fields(request))

    def _shown(self, request: HttpRequest, names: Sequence[Any]) -> tuple[Any, ...]:
        if not self.identity_fields or holds_role(request, self.identity_roles):
            return tuple(names)
        return tuple(name for name in names if name not in self.identity_fields)
