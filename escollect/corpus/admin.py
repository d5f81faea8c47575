from __future__ import annotations

from django.contrib import admin

from escollect.accounts.permissions import ALLOWED, Thing
from escollect.corpus.models import Import, Release, Tombstone
from escollect.infra.admin import ReadOnlyAdmin


@admin.register(Import)
class ImportAdmin(ReadOnlyAdmin):
    roles = ALLOWED[Thing.RELEASE]
    list_display = ("name", "study", "licence", "conversations", "utterances", "at")
    list_filter = ("study",)


@admin.register(Release)
class ReleaseAdmin(ReadOnlyAdmin):
    roles = ALLOWED[Thing.RELEASE]
    list_display = ("version", "study", "state", "licence", "created_by", "created_at", "ready_at")
    list_filter = ("study", "state")


@admin.register(Tombstone)
class TombstoneAdmin(ReadOnlyAdmin):
    roles = ALLOWED[Thing.RELEASE]
    list_display = ("conversation", "study", "at")
    list_filter = ("study",)
