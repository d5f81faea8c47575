from __future__ import annotations

from django.contrib import admin

from escollect.accounts.permissions import ALLOWED, Thing
from escollect.conversations.models import Conversation, HelpRequest, Outcome, Ticket
from escollect.infra.admin import ReadOnlyAdmin


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    roles = ALLOWED[Thing.TEXT]
    list_display = ("id", "study", "kind", "state", "utterances", "verdict", "created_at")
    list_filter = ("study", "kind", "state", "verdict")
    list_select_related = ("study",)
    show_full_result_count = False


@admin.register(Ticket)
class TicketAdmin(ReadOnlyAdmin):
    roles = ALLOWED[Thing.TEXT]
    list_display = ("id", "study", "participant", "role", "state", "since", "closed_at")
    list_filter = ("study", "role", "state")
    list_select_related = ("study", "participant")


@admin.register(HelpRequest)
class HelpRequestAdmin(ReadOnlyAdmin):
    roles = ALLOWED[Thing.MODERATION]
    list_display = ("conversation", "participant", "kind", "at", "handled_at")
    list_filter = ("kind",)


@admin.register(Outcome)
class OutcomeAdmin(ReadOnlyAdmin):
    roles = ALLOWED[Thing.TEXT]
    identity_fields = ("completion_code",)
    list_display = ("participant", "code", "pay_rule", "completion_code", "at")
    fields = ("participant", "ticket", "conversation", "code", "pay_rule", "completion_code", "at")
    list_filter = ("code",)
