from __future__ import annotations

from django.contrib import admin

from escollect.accounts.permissions import ALLOWED, Thing
from escollect.infra.admin import ReadOnlyAdmin
from escollect.training.models import Attempt, Qualification


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    roles = ALLOWED[Thing.QUALIFICATION]
    list_display = ("participant", "module", "number", "state", "score", "started_at", "graded_at")
    list_filter = ("module", "state")


@admin.register(Qualification)
class QualificationAdmin(ReadOnlyAdmin):
    roles = ALLOWED[Thing.QUALIFICATION]
    list_display = ("participant", "score", "granted_at", "expires_at", "granted_by", "revoked_at")
