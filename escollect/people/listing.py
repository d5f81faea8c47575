"""Invites and consents as staff see them."""

from __future__ import annotations

from uuid import UUID

from escollect.people.models import Consent, Invite, Participant
from escollect.studies.models import Study


def get_invites(study: Study, limit: int = 100) -> list[Invite]:
    """The newest invites of a study, revoked ones included; their tokens are not stored anywhere."""
    rows = Invite.objects.filter(study=study).select_related("participant", "created_by")
    return list(rows.order_by("-created_at", "-pk")[:limit])


def get_invite_by_id(invite_id: UUID) -> Invite | None:
    """An invite by its id, with its study."""
    return Invite.objects.select_related("study").filter(pk=invite_id).first()


def get_consents(participant: Participant) -> list[Consent]:
    """Everything a participant ever said to the consent page, the newest first."""
    return list(Consent.objects.filter(participant=participant).select_related("version").order_by("-pk"))
