from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from escollect.audit.models import AuditRow
from escollect.domain.outcomes import Outcome
from escollect.people.models import Consent, Invite, Participant
from escollect.studies.models import Study

GONE = (Participant.State.BLOCKED, Participant.State.WITHDRAWN)
DECLINE_ACTION = "participant.decline"


def hash_token(token: str) -> str:
    """What is stored of an invite's token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def hash_external_id(platform: str, external_id: str) -> str:
    """What a platform's id is matched by: its hash under the key of this installation."""
    text = f"{platform}:{external_id.strip()}".encode("utf-8", "replace")
    return hmac.new(settings.PSEUDONYM_KEY.encode(), text, hashlib.sha256).hexdigest()


def find_participant(
    study: Study, role: str, external_id: str, platform: str = "platform"
) -> Participant | None:
    """The participant whom a platform's id stands for in a study and role, in whatever state."""
    digest = hash_external_id(platform, external_id)
    return Participant.objects.filter(
        study=study, role=role, person__platform=platform, person__external_hash=digest
    ).first()


def get_session_participant(session: Mapping[str, Any]) -> Participant | None:
    """The participant of a session; None without one, or when it was ended, blocked or withdrawn."""
    claim = _get_claim(session)
    if claim is None:
        return None
    key, epoch = claim
    return (
        Participant.objects.select_related("study__current", "version", "person")
        .filter(pk=key, epoch=epoch)
        .exclude(state__in=GONE)
        .first()
    )


def get_session_participants(keys: Collection[str]) -> dict[str, Participant]:
    """The participants of stored sessions by session key, in two queries; ended sessions are left out."""
    stored = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    claims = {row.session_key: _get_claim(row.get_decoded()) for row in stored}
    wanted = {claim[0] for claim in claims.values() if claim is not None}
    found = {
        (participant.pk, participant.epoch): participant
        for participant in Participant.objects.select_related("version")
        .defer("version__definition", "version__source")
        .filter(pk__in=wanted)
        .exclude(state__in=GONE)
    }
    return {key: found[claim] for key, claim in claims.items() if claim is not None and claim in found}


def _get_claim(session: Mapping[str, Any]) -> tuple[UUID, int] | None:
    """Whose session it says it is, and the epoch in which it was opened."""
    try:
        return UUID(str(session["participant"])), int(session["epoch"])
    except (KeyError, ValueError, TypeError):
        return None


def get_invite(token: str) -> Invite | None:
    """The standing invite of a token."""
    return (
        Invite.objects.select_related("study__current", "participant__study")
        .filter(digest=hash_token(token), revoked_at=None)
        .first()
    )


def get_participant(participant_id: UUID) -> Participant | None:
    """A participant by id, in whatever state."""
    return Participant.objects.select_related("study", "version", "person").filter(pk=participant_id).first()


def get_consent(participant: Participant) -> Consent | None:
    """What the participant last said to the consent page."""
    return participant.consents.select_related("version").order_by("-pk").first()


def get_decline_outcome(participant: Participant) -> Outcome:
    """Why somebody who declined did: under age, or without a reason to give."""
    row = (
        AuditRow.objects.filter(
            action=DECLINE_ACTION, object_type="people.participant", object_id=str(participant.pk)
        )
        .order_by("-pk")
        .first()
    )
    said = {} if row is None or row.new is None else row.new
    return Outcome(said.get("outcome", Outcome.NO_CONSENT))
