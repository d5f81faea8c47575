"""Qualifications: earned, granted by hand, taken away."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from escollect.accounts.models import User
from escollect.accounts.selectors import get_actor
from escollect.audit.actions import record
from escollect.infra.clock import now
from escollect.people.models import Participant, Role
from escollect.training.models import Qualification
from escollect.training.practising import get_paper_to_qualify_by, is_practice_asked
from escollect.training.selectors import get_gate, get_standing_qualification, get_tutorial_for


def qualify_by_paper(participant: Participant, tutorial_version: str, score: float) -> None:
    """Grant what a passed examination earns, unless the study waits for a practice chat."""
    if not is_practice_asked(participant):
        _qualify(participant, tutorial_version, score)


def qualify_by_practice(participant: Participant) -> bool:
    """A whole practice chat was had: grant what the passed examination earned, where the study waited for it.

    False when nothing was waiting (not passed, qualified already, revoked). Runs in the caller's transaction.
    """
    paper = get_paper_to_qualify_by(participant) if is_practice_asked(participant) else None
    if paper is None:
        return False
    _qualify(participant, paper.tutorial_version, paper.score or 0.0)
    return True


def _qualify(participant: Participant, tutorial_version: str, score: float) -> None:
    if get_standing_qualification(participant):
        return
    moment = now()
    _end_former(participant, moment)
    qualification = Qualification.objects.create(
        participant=participant,
        tutorial_version=tutorial_version,
        score=score,
        granted_at=moment,
        expires_at=_get_expiry(participant, moment),
    )
    record(
        "qualification.earned",
        actor=f"participant:{participant.pk}",
        obj=qualification,
        new={"tutorial_version": tutorial_version, "score": score},
    )


def _get_expiry(participant: Participant, moment: datetime) -> datetime | None:
    days = get_gate(participant).expires_days
    return None if days is None else moment + timedelta(days=days)


def _end_former(participant: Participant, moment: datetime) -> None:
    """One that expired, or that an earlier tutorial gave, makes room for the new one."""
    former = Qualification.objects.filter(participant=participant, revoked_at=None)
    former.filter(expires_at__lte=moment).update(revoked_at=moment, end=Qualification.End.EXPIRED)
    former.update(revoked_at=moment, end=Qualification.End.RENEWED)


@transaction.atomic
def grant_qualification(participant: Participant, by: User | None, reason: str) -> Qualification:
    """Qualify a supporter by hand; `by` is None when the system does so (an invite says it, say).

    A qualification that stands is returned as it is. Raises ValueError when the participant is no
    supporter, or the reason is empty.
    """
    if participant.role != Role.SUPPORTER:
        raise ValueError("Only supporters are qualified; this participant is a seeker.")
    if not reason.strip():
        raise ValueError("Give a reason: it is kept with the qualification.")
    Participant.objects.select_for_update(no_key=True).get(pk=participant.pk)
    standing = get_standing_qualification(participant)
    if standing:
        return standing
    moment = now()
    _end_former(participant, moment)
    qualification = Qualification.objects.create(
        participant=participant,
        tutorial_version=get_tutorial_for(participant).version,
        granted_by=by,
        reason=reason.strip(),
        granted_at=moment,
        expires_at=_get_expiry(participant, moment),
    )
    record("qualification.granted", actor=get_actor(by), obj=qualification, why=reason.strip())
    return qualification


@transaction.atomic
def revoke_qualification(participant: Participant, by: User, reason: str) -> bool:
    """Take the standing qualification away; False when there was none. Raises ValueError without a reason.

    The participant cannot earn it back by another examination; staff can grant it again.
    """
    if not reason.strip():
        raise ValueError("Give a reason: it is kept with the qualification.")
    standing = get_standing_qualification(participant)
    if standing is None:
        return False
    ended = Qualification.objects.filter(pk=standing.pk, revoked_at=None).update(
        revoked_at=now(), end=Qualification.End.REVOKED
    )
    if ended:
        record("qualification.revoked", actor=get_actor(by), obj=standing, why=reason.strip())
    return bool(ended)
