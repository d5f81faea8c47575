from __future__ import annotations

from django.contrib import admin

from escollect.accounts.permissions import ALLOWED, Thing
from escollect.infra.admin import ReadOnlyAdmin
from escollect.people.models import Consent, Invite, Participant, Person


@admin.register(Person)
class PersonAdmin(ReadOnlyAdmin):
    roles = ALLOWED[Thing.IDENTITY]
    list_display = ("id", "platform", "external_id", "created_at")
    fields = ("id", "platform", "external_id", "created_at")
    search_fields = ("external_id",)


@admin.register(Invite)
class InviteAdmin(ReadOnlyAdmin):
    roles = ALLOWED[Thing.IDENTITY]
    list_display = ("id", "study", "role", "participant", "qualified", "note", "created_at", "revoked_at")
    list_filter = ("study", "role")
    fields = (*list_display, "created_by")


@admin.register(Participant)
class ParticipantAdmin(ReadOnlyAdmin):
    roles = ALLOWED[Thing.TEXT]
    identity_fields = ("person", "source")
    list_display = ("pseudonym", "study", "role", "state", "created_at")
    list_filter = ("study", "role", "state")
    fields = ("id", "pseudonym", "study", "version", "role", "state", "person", "source", "created_at")
    search_fields = ("pseudonym",)


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin):
    roles = ALLOWED[Thing.TEXT]
    list_display = ("participant", "given", "release_public", "recontact", "version", "at")
    list_filter = ("given", "release_public")
