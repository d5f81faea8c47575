"""Everything that changes who takes part: invites, entry, consent, blocking, withdrawal."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from escollect.accounts.models import User
from escollect.accounts.selectors import get_actor
from escollect.audit.actions import record
from escollect.domain.events import Refused
from escollect.domain.marking import gettext_noop
from escollect.domain.outcomes import Outcome
from escollect.domain.study import CONSENT_ITEMS, CONSENT_REQUIRED
from escollect.infra.clock import now
from escollect.people.models import Consent, Invite, Participant, Person, Role
from escollect.people.selectors import DECLINE_ACTION, get_invite, hash_external_id, hash_token
from escollect.people.signals import participant_blocked, participant_withdrawn
from escollect.studies.models import Study

TOKEN_BYTES = 16
PSEUDONYM_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
PSEUDONYM_TRIES = 20
MAX_EXTERNAL_ID = 200

State = Participant.State

MESSAGES = {
    "invite_unknown": gettext_noop(
        "This invite is not known, or it was taken back. Ask the people who invited you for a new one."
    ),
    "study_closed": gettext_noop("This study takes no new participants at the moment. Nothing was recorded."),
    "blocked": gettext_noop(
        "Your part in this study was ended by its staff. What you sent is kept; "
        "ask them if you want to know why."
    ),
    "withdrawn": gettext_noop(
        "You took everything back, and it was erased. You cannot take part again here."
    ),
    "invited": gettext_noop(
        "You were invited to this study by a link of your own. Open that link; nothing was changed here."
    ),
    "external_id": gettext_noop("The id that your platform sent cannot be used. Open its link again."),
    "consent_missing": gettext_noop("Tick this to take part, or say below that you do not want to."),
    "consent_over": gettext_noop("This was already decided. Nothing was changed."),
}


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody came in: the participant, and whether the invite vouches for their qualification."""

    participant: Participant
    qualified: bool


def _refuse(code: str) -> Refused:
    return Refused(code, MESSAGES[code])


@transaction.atomic
def invite(
    study: Study,
    role: str,
    *,
    participant: Participant | None = None,
    qualified: bool = False,
    note: str = "",
    by: User | None = None,
) -> tuple[Invite, str]:
    """Make an invite; returns it with its token, of which only the hash is kept.

    With `participant` it lets that participant in again and again; without, each opening makes a fresh
    one. `qualified` vouches for a supporter's training: the door that opens the invite grants it.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    made = Invite.objects.create(
        digest=hash_token(token),
        study=study,
        role=Role(role),
        participant=participant,
        qualified=qualified,
        note=note,
        created_by=by,
    )
    record("invite.create", actor=get_actor(by), obj=made, new={"study": study.slug, "role": str(role)})
    return made, token


@transaction.atomic
def revoke_invite(made: Invite, by: User | None, why: str) -> None:
    """Take an invite back; who came in by it stays in."""
    if Invite.objects.filter(pk=made.pk, revoked_at=None).update(revoked_at=now()) == 1:
        record("invite.revoke", actor=get_actor(by), obj=made, why=why)


@transaction.atomic
def enter(token: str) -> Entered:
    """Come in by an invite. Raises Refused with a sentence for the person when that is not possible."""
    found = get_invite(token)
    if found is None:
        raise _refuse("invite_unknown")
    participant = found.participant
    if participant is None:
        _check_open(found.study)
        participant = _make_participant(found.study, found.role, Person.objects.create(), "invite")
    _check_welcome(participant)
    return Entered(participant, found.qualified)


@transaction.atomic
def create_participant(
    study: Study,
    role: str,
    external_id: str = "",
    *,
    platform: str = "platform",
    source: str = "platform",
    by: User | None = None,
    by_link: bool = False,
) -> Participant:
    """A participant of an open study, the same one again for the same platform id and role.

    Without `external_id` it is always a new person. `by_link` says that nobody but the link vouches for the
    id: then it opens nothing for which an invite was handed out, for ids can be guessed and tokens cannot.
    Raises Refused when the study is not open, the id is too long, or the person was invited, was blocked
    or has withdrawn. Qualification is training's to grant.
    """
    _check_open(study)
    person = _get_or_make_person(platform, external_id)
    known = Participant.objects.select_related("study", "version", "person").filter(
        person=person, study=study
    )
    if known.filter(state=State.BLOCKED).exists():
        raise _refuse("blocked")
    participant = known.filter(role=role).first()
    if participant is None:
        participant = _make_participant(study, role, person, source)
        record("participant.create", actor=get_actor(by), obj=participant, new={"role": str(role)})
    _check_welcome(participant)
    if by_link and participant.invites.filter(revoked_at=None).exists():
        raise _refuse("invited")
    return participant


def _check_open(study: Study) -> None:
    if study.state != Study.State.OPEN or study.current_id is None:
        raise _refuse("study_closed")


def _check_welcome(participant: Participant) -> None:
    if participant.state == State.BLOCKED:
        raise _refuse("blocked")
    if participant.state == State.WITHDRAWN:
        raise _refuse("withdrawn")


def _get_or_make_person(platform: str, external_id: str) -> Person:
    """The human behind a platform's id; ids are matched by a keyed hash."""
    name = external_id.strip()
    if not name:
        return Person.objects.create(platform=platform)
    if len(name) > MAX_EXTERNAL_ID or not name.isprintable():
        raise _refuse("external_id")
    person, _ = Person.objects.get_or_create(
        platform=platform,
        external_hash=hash_external_id(platform, name),
        defaults={"external_id": name},
    )
    return person


def _make_participant(study: Study, role: str, person: Person, source: str) -> Participant:
    """Add a participant under a pseudonym that is unique in the study, longer when short ones run out."""
    for attempt in range(PSEUDONYM_TRIES):
        letters = "".join(secrets.choice(PSEUDONYM_LETTERS) for _ in range(4 + attempt // 4))
        try:
            with transaction.atomic():
                return Participant.objects.create(
                    person=person, study=study, role=Role(role), pseudonym=f"{role}-{letters}", source=source
                )
        except IntegrityError:
            taken = Participant.objects.filter(person=person, study=study, role=role).first()
            if taken is not None:
                return taken
    raise RuntimeError(f"no free pseudonym in {study.slug}")


@transaction.atomic
def give_consent(participant: Participant, items: Collection[str], language: str = "en") -> Consent:
    """Note what a participant agreed to, and pin the study version they saw.

    `items` are names of the consent page. Sent twice, the first answer stands. Raises Refused with the
    fields that miss, when the study is not open, or when the participant has declined before.
    """
    missing = {item: MESSAGES["consent_missing"] for item in CONSENT_REQUIRED if item not in items}
    if missing:
        raise Refused("consent_missing", MESSAGES["consent_missing"], missing)
    locked = _lock(participant)
    given = locked.consents.filter(given=True).first()
    if given is not None:
        return given
    if locked.state != State.ACTIVE:
        raise _refuse("consent_over")
    _check_open(locked.study)
    consent = _add_consent(locked, items, language)
    locked.version = locked.study.current
    locked.save(update_fields=["version"])
    participant.version = locked.version
    record(
        "participant.consent",
        actor=f"participant:{participant.pk}",
        obj=participant,
        new={"version": consent.version.number, "items": sorted(set(items) & set(CONSENT_ITEMS))},
    )
    return consent


def _add_consent(
    participant: Participant, items: Collection[str], language: str, given: bool = True
) -> Consent:
    version = participant.study.current
    if version is None:
        raise _refuse("study_closed")
    text = version.settings.consent.text
    return Consent.objects.create(
        participant=participant,
        version=version,
        given=given,
        text_hash=hashlib.sha256(text.encode()).hexdigest(),
        language=language,
        **{item: item in items for item in CONSENT_ITEMS},
    )


@transaction.atomic
def decline_consent(participant: Participant, *, underage: bool = False, language: str = "en") -> Outcome:
    """Note that somebody does not take part; nothing else of them is kept. Returns the outcome.

    Raises Refused when they have agreed before: then withdrawing is what they want.
    """
    outcome = Outcome.UNDERAGE if underage else Outcome.NO_CONSENT
    locked = _lock(participant)
    if locked.state == State.DECLINED:
        return outcome
    if locked.version_id is not None or locked.state != State.ACTIVE:
        raise _refuse("consent_over")
    _add_consent(locked, (), language, given=False)
    _set_state(locked, State.DECLINED)
    _forget_person(locked)
    participant.state = State.DECLINED
    record(
        DECLINE_ACTION,
        actor=f"participant:{participant.pk}",
        obj=participant,
        new={"outcome": outcome.value},
    )
    return outcome


@transaction.atomic
def block(participant: Participant, by: User | None, why: str) -> None:
    """End a participation: every session ends, no invite lets them in again. A reason is needed."""
    if not why.strip():
        raise ValueError("A block needs a reason. Nobody was blocked.")
    locked = _lock(participant)
    if locked.state in {State.BLOCKED, State.WITHDRAWN}:
        return
    old = locked.state
    _set_state(locked, State.BLOCKED, end_sessions=True)
    _audit_state("participant.block", locked, old, get_actor(by), why)
    participant_blocked.send(sender=Participant, participant=locked)
    participant.refresh_from_db(fields=["state", "epoch"])


@transaction.atomic
def unblock(participant: Participant, by: User | None, why: str) -> None:
    """Let a blocked participant in again, by the invite they had; who had declined still has."""
    locked = _lock(participant)
    if locked.state != State.BLOCKED:
        return
    declined = locked.version_id is None and locked.consents.filter(given=False).exists()
    _set_state(locked, State.DECLINED if declined else State.ACTIVE, end_sessions=True)
    _audit_state("participant.unblock", locked, State.BLOCKED, get_actor(by), why)
    participant.refresh_from_db(fields=["state", "epoch"])


@transaction.atomic
def withdraw(participant: Participant, by: User | None = None, why: str = "") -> None:
    """Take everything back: sessions end, and every stage erases what it holds of the participant.

    The platform's id is forgotten with the person's last participation; its hash stays, so that nobody
    is asked again. What staff noted on their invites goes too. Without `by` it is the participant's own wish.
    """
    locked = _lock(participant)
    if locked.state == State.WITHDRAWN:
        return
    old = locked.state
    _set_state(locked, State.WITHDRAWN, end_sessions=True)
    actor = f"participant:{participant.pk}" if by is None else get_actor(by)
    _audit_state("participant.withdraw", locked, old, actor, why)
    _forget_person(locked)
    Invite.objects.filter(participant=locked).update(note="")
    participant_withdrawn.send(sender=Participant, participant=locked)
    participant.refresh_from_db(fields=["state", "epoch"])


def _forget_person(locked: Participant) -> None:
    """Drop the platform's id of a person who takes part in nothing any more; its hash stays."""
    others = Participant.objects.filter(person=locked.person_id)
    if not others.filter(state__in=[State.ACTIVE, State.BLOCKED]).exists():
        Person.objects.filter(pk=locked.person_id).update(external_id="")


def _lock(participant: Participant) -> Participant:
    return (
        Participant.objects.select_for_update(of=("self",), no_key=True)
        .select_related("study__current")
        .get(pk=participant.pk)
    )


def _set_state(locked: Participant, state: Participant.State, end_sessions: bool = False) -> None:
    locked.state = state
    locked.epoch += int(end_sessions)
    locked.save(update_fields=["state", "epoch"])


def _audit_state(action: str, locked: Participant, old: str, actor: str, why: str) -> None:
    record(action, actor=actor, obj=locked, old={"state": old}, new={"state": locked.state}, why=why)
