from __future__ import annotations

from django.contrib import admin

from escollect.accounts.permissions import ALLOWED, Thing
from escollect.infra.admin import ReadOnlyAdmin
from escollect.quality.models import Finding, Flag, Policy, QcJob, Review, Verdict


@admin.register(Policy)
class PolicyAdmin(ReadOnlyAdmin):
    roles = ALLOWED[Thing.POLICY]
    list_display = ("name", "version", "kind", "active", "created_by", "created_at")
    list_filter = ("kind", "active")


@admin.register(Verdict)
class VerdictAdmin(ReadOnlyAdmin):
    roles = ALLOWED[Thing.VERDICT]
    list_display = ("conversation", "policy", "outcome", "at")
    list_filter = ("policy", "outcome")
    show_full_result_count = False


@admin.register(Flag)
class FlagAdmin(ReadOnlyAdmin):
    roles = ALLOWED[Thing.FINDING]
    list_display = ("conversation", "kind", "severity", "raised_at", "closed_at")
    list_filter = ("kind", "severity")


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin):
    roles = ALLOWED[Thing.VERDICT]
    list_display = ("conversation", "decision", "reviewer", "at")
    list_filter = ("decision",)


@admin.register(QcJob)
class QcJobAdmin(ReadOnlyAdmin):
    roles = ALLOWED[Thing.VERDICT]
    list_display = ("conversation", "policy", "state", "attempts", "lease_until", "created_at")
    list_filter = ("state", "policy")


@admin.register(Finding)
class FindingAdmin(ReadOnlyAdmin):
    roles = ALLOWED[Thing.FINDING]
    list_display = ("conversation", "policy", "rule", "severity", "value", "at")
    list_filter = ("rule", "severity", "policy")
    show_full_result_count = False
