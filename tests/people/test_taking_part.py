from __future__ import annotations

import re
import uuid
from typing import Any

import pytest

from escollect.accounts.models import User
from escollect.audit.models import AuditRow
from escollect.domain.events import Refused
from escollect.domain.outcomes import Outcome
from escollect.people import actions
from escollect.people.models import Consent, Invite, Participant, Person
from escollect.people.selectors import get_decline_outcome, get_session_participant
from escollect.people.signals import participant_blocked, participant_withdrawn
from escollect.studies.actions import set_state
from escollect.studies.models import Study
from tests.support.rooms import make_study

pytestmark = pytest.mark.django_db

ALL = ("adult", "take_part", "recorded", "release_public", "recontact")
NEEDED = ALL[:3]


@pytest.fixture
def study() -> Study:
    return make_study()


@pytest.fixture
def seeker(study: Study) -> Participant:
    return actions.create_participant(study, "seeker", "p-1", platform="prolific")


def refusal(call: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(Refused) as caught:
        call(*args, **kwargs)
    assert caught.value.message
    return caught.value.code


def test_an_invites_token_is_long_and_only_its_hash_is_kept(study: Study) -> None:
    made, token = actions.invite(study, "seeker", note="first wave")
    assert len(token) >= 22
    kept = Invite.objects.values().get()
    assert token not in str(kept)
    assert actions.invite(study, "seeker")[1] != token
    assert AuditRow.objects.filter(action="invite.create", object_id=str(made.pk)).count() == 1


def test_an_open_invite_makes_a_fresh_participant_each_time(study: Study) -> None:
    _made, token = actions.invite(study, "supporter", qualified=True)
    first, second = actions.enter(token), actions.enter(token)
    assert first.participant != second.participant
    assert first.participant.person != second.participant.person
    assert first.qualified
    assert re.fullmatch(r"supporter-[2-9A-Z]{4}", first.participant.pseudonym)


def test_a_bound_invite_lets_its_participant_in_again_until_it_is_revoked(
    study: Study, seeker: Participant
) -> None:
    made, token = actions.invite(study, "seeker", participant=seeker)
    assert actions.enter(token).participant == seeker
    assert actions.enter(token).participant == seeker
    actions.revoke_invite(made, None, "lost")
    assert refusal(actions.enter, token) == "invite_unknown"
    assert Participant.objects.count() == 1


@pytest.mark.parametrize("token", ["", "x", "é" * 30, "\ud800", "a" * 500])
def test_an_unknown_token_lets_nobody_in(study: Study, token: str) -> None:
    actions.invite(study, "seeker")
    assert refusal(actions.enter, token) == "invite_unknown"
    assert not Participant.objects.exists()


def test_a_closed_study_takes_nobody_new_but_keeps_those_it_has(study: Study, seeker: Participant) -> None:
    _open, open_token = actions.invite(study, "seeker")
    _bound, bound_token = actions.invite(study, "seeker", participant=seeker)
    set_state(study, "closed", None)
    assert refusal(actions.enter, open_token) == "study_closed"
    assert refusal(actions.create_participant, study, "seeker") == "study_closed"
    assert actions.enter(bound_token).participant == seeker


def test_a_platform_id_is_the_same_person_in_both_roles_and_the_same_participant_in_one(
    study: Study, seeker: Participant
) -> None:
    again = actions.create_participant(study, "seeker", " p-1 ", platform="prolific")
    other_role = actions.create_participant(study, "supporter", "p-1", platform="prolific")
    stranger = actions.create_participant(study, "seeker", "p-1", platform="mturk")
    assert again == seeker
    assert other_role.person == seeker.person
    assert stranger.person != seeker.person
    assert "p-1" not in seeker.person.external_hash


@pytest.mark.parametrize("external_id", ["x" * 201, "a\x00b", "a\nb"])
def test_a_platform_id_that_cannot_be_kept_is_refused(study: Study, external_id: str) -> None:
    assert refusal(actions.create_participant, study, "seeker", external_id) == "external_id"
    assert not Person.objects.exists()


def test_consent_keeps_the_items_and_pins_the_version_that_was_seen(
    study: Study, seeker: Participant
) -> None:
    actions.give_consent(seeker, [*NEEDED, "release_public", "unknown"], "en")
    consent = Consent.objects.values("given", "version", *ALL).get()
    assert consent == {
        "given": True,
        "version": study.current_id,
        "adult": True,
        "take_part": True,
        "recorded": True,
        "release_public": True,
        "recontact": False,
    }
    assert Participant.objects.get().version == study.current
    row = AuditRow.objects.get(action="participant.consent")
    assert row.new == {"version": 1, "items": ["adult", "recorded", "release_public", "take_part"]}


@pytest.mark.parametrize("missing", NEEDED)
def test_consent_needs_all_three_items(seeker: Participant, missing: str) -> None:
    with pytest.raises(Refused) as caught:
        actions.give_consent(seeker, [item for item in ALL if item != missing])
    assert list(caught.value.fields) == [missing]
    assert not Consent.objects.exists()
    assert Participant.objects.get().version is None


def test_consent_sent_twice_is_kept_once(seeker: Participant) -> None:
    first = actions.give_consent(seeker, NEEDED)
    assert actions.give_consent(seeker, ALL) == first
    assert Consent.objects.count() == 1


@pytest.mark.parametrize(("underage", "outcome"), [(False, Outcome.NO_CONSENT), (True, Outcome.UNDERAGE)])
def test_declining_ends_the_way_and_forgets_the_platforms_id(
    seeker: Participant, underage: bool, outcome: Outcome
) -> None:
    assert actions.decline_consent(seeker, underage=underage) == outcome
    assert actions.decline_consent(seeker, underage=underage) == outcome
    stored = Participant.objects.get()
    assert (stored.state, stored.person.external_id, get_decline_outcome(stored)) == ("declined", "", outcome)
    assert Consent.objects.values_list("given", "adult").get() == (False, False)
    assert refusal(actions.give_consent, stored, NEEDED) == "consent_over"


def test_who_has_agreed_cannot_decline_any_more(seeker: Participant) -> None:
    actions.give_consent(seeker, NEEDED)
    assert refusal(actions.decline_consent, seeker) == "consent_over"
    assert Participant.objects.get().state == "active"


def session_of(participant: Participant) -> dict[str, object]:
    return {"participant": str(participant.pk), "epoch": participant.epoch}


@pytest.mark.parametrize(
    "session",
    [
        {},
        {"participant": "nonsense", "epoch": 1},
        {"participant": None, "epoch": None},
        {"participant": str(uuid.uuid4()), "epoch": 1},
    ],
)
def test_a_session_without_a_participant_is_nobodys(seeker: Participant, session: dict[str, object]) -> None:
    assert get_session_participant(session) is None
    assert get_session_participant(session_of(seeker)) == seeker


def test_a_block_ends_every_session_and_every_way_in_until_it_is_lifted(
    study: Study, seeker: Participant
) -> None:
    admin = User.objects.create(username="ada")
    session = session_of(seeker)
    _made, token = actions.invite(study, "seeker", participant=seeker)
    told: list[Participant] = []
    participant_blocked.connect(
        lambda participant, **_: told.append(participant), weak=False, dispatch_uid="t"
    )
    actions.block(seeker, admin, "abusive messages")
    participant_blocked.disconnect(dispatch_uid="t")
    assert told == [seeker]
    assert get_session_participant(session) is None
    assert get_session_participant(session_of(Participant.objects.get())) is None
    assert refusal(actions.enter, token) == "blocked"
    assert refusal(actions.create_participant, study, "supporter", "p-1", platform="prolific") == "blocked"
    actions.unblock(seeker, admin, "a mistake")
    assert actions.enter(token).participant == seeker
    assert get_session_participant(session) is None
    rows = AuditRow.objects.filter(object_id=str(seeker.pk), actor="staff:ada").order_by("pk")
    assert [(row.action, row.why) for row in rows] == [
        ("participant.block", "abusive messages"),
        ("participant.unblock", "a mistake"),
    ]


def test_an_unblocked_participant_who_had_declined_is_not_asked_again(seeker: Participant) -> None:
    actions.decline_consent(seeker)
    actions.block(seeker, None, "abusive mail")
    actions.unblock(seeker, None, "a mistake")
    assert Participant.objects.get().state == "declined"
    assert refusal(actions.give_consent, Participant.objects.get(), NEEDED) == "consent_over"


def test_a_block_needs_a_reason(seeker: Participant) -> None:
    with pytest.raises(ValueError, match="reason"):
        actions.block(seeker, None, "  ")
    assert Participant.objects.get().state == "active"


def test_withdrawing_ends_sessions_tells_later_stages_and_forgets_the_platforms_id(
    study: Study, seeker: Participant
) -> None:
    session = session_of(seeker)
    _made, token = actions.invite(study, "seeker", participant=seeker, note="the tall one from the clinic")
    told: list[Participant] = []
    participant_withdrawn.connect(
        lambda participant, **_: told.append(participant), weak=False, dispatch_uid="t"
    )
    actions.withdraw(seeker)
    actions.withdraw(seeker)
    participant_withdrawn.disconnect(dispatch_uid="t")
    assert told == [seeker]
    assert get_session_participant(session) is None
    stored = Participant.objects.get()
    assert (stored.state, stored.epoch, stored.person.external_id) == ("withdrawn", 2, "")
    assert refusal(actions.create_participant, study, "seeker", "p-1", platform="prolific") == "withdrawn"
    assert (Invite.objects.get().note, refusal(actions.enter, token)) == ("", "withdrawn")
    row = AuditRow.objects.get(action="participant.withdraw")
    assert (row.actor, row.old, row.new) == (
        f"participant:{seeker.pk}",
        {"state": "active"},
        {"state": "withdrawn"},
    )


def test_pseudonyms_stay_unique_when_the_short_ones_run_out(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "PSEUDONYM_LETTERS", "A")
    names = [actions.create_participant(study, "seeker").pseudonym for _ in range(3)]
    assert names == ["seeker-AAAA", "seeker-AAAAA", "seeker-AAAAAA"]
