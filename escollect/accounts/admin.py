from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from escollect.accounts.actions import revoke_token
from escollect.accounts.models import ApiToken, User
from escollect.infra.admin import ReadOnlyAdmin

if TYPE_CHECKING:
    from django.http import HttpRequest  # noqa: TID251  the type of the admin's hooks


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    """Logins are made with `manage.py create_staff`, passwords set with `manage.py changepassword`."""

    list_display = ("username", "is_active", "is_superuser", "last_login")
    fields = ("username", "email", "groups", "is_active", "is_superuser", "date_joined", "last_login")
    search_fields = ("username",)


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    list_display = ("user", "name", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at")
    fields = list_display
    search_fields = ("user__username", "name")
    actions = ("revoke",)

    @admin.action(description=_("Revoke the selected tokens"))
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        for token in queryset:
            revoke_token(token, request.user if isinstance(request.user, User) else None)
        self.message_user(request, _("Revoked. Scripts that use these tokens stop working now."))
