from __future__ import annotations

from django.contrib import admin

from escollect.accounts.permissions import ALLOWED, Thing
from escollect.infra.admin import ReadOnlyAdmin
from escollect.studies.models import Study, StudyVersion


@admin.register(Study)
class StudyAdmin(ReadOnlyAdmin):
    roles = ALLOWED[Thing.STUDY]
    list_display = ("slug", "title", "state", "licence", "current", "created_at")
    list_filter = ("state",)
    search_fields = ("slug", "title")


@admin.register(StudyVersion)
class StudyVersionAdmin(ReadOnlyAdmin):
    roles = ALLOWED[Thing.STUDY]
    list_display = ("study", "number", "created_by", "created_at")
    list_filter = ("study",)
