"""Django's admin shows, and changes nothing; each role sees the models of its row of the table."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client

from escollect.accounts.actions import create_staff, create_token
from escollect.accounts.models import ApiToken
from escollect.audit.models import AuditRow
from escollect.infra.admin import ReadOnlyAdmin
from escollect.people.models import Invite, Participant, Person
from tests.support.rooms import make_pair

pytestmark = pytest.mark.django_db

EVERYBODY = {
    "study", "studyversion", "participant", "consent", "attempt", "qualification", "conversation", "ticket",
    "outcome", "policy", "verdict", "review", "qcjob",
}  # fmt: skip
TABLE = {
    "researcher": EVERYBODY | {"import", "release", "tombstone"},
    "reviewer": EVERYBODY | {"helprequest", "flag", "finding"},
    "admin": EVERYBODY
    | {"import", "release", "tombstone", "helprequest", "flag", "finding"}
    | {"person", "invite", "user", "apitoken", "auditrow"},
}
OURS = [(model, shown) for model, shown in admin.site._registry.items() if model is not Group]


def login(role: str) -> Client:
    client = Client()
    client.force_login(create_staff(f"a-{role}", role))
    return client


def address(model: type, rest: str = "") -> str:
    meta = model._meta  # type: ignore[attr-defined]
    return f"/admin/{meta.app_label}/{meta.model_name}/{rest}"


@pytest.mark.parametrize("role", TABLE)
def test_a_role_opens_the_lists_of_its_row_and_no_other(role: str) -> None:
    make_pair().go_live()
    client, opened = login(role), set()
    for model, _ in OURS:
        answer = client.get(address(model))
        assert answer.status_code in {200, 403}
        if answer.status_code == 200:
            opened.add(model._meta.model_name)
    assert opened == TABLE[role]


def test_every_model_of_ours_is_read_only_even_for_a_superuser(admin_client: Client) -> None:
    pair = make_pair().go_live()
    create_token("ada", "admin")
    for model, shown in OURS:
        assert isinstance(shown, ReadOnlyAdmin), model
        assert admin_client.get(address(model, "add/")).status_code == 403
        row = model._default_manager.first()
        if row is not None:
            assert admin_client.get(address(model, f"{row.pk}/change/")).status_code == 200
            assert admin_client.post(address(model, f"{row.pk}/change/"), {}).status_code == 403
            assert admin_client.post(address(model, f"{row.pk}/delete/"), {"post": "yes"}).status_code == 403
    assert Participant.objects.filter(pk=pair.seeker.pk).exists()


def test_who_somebody_is_stays_with_the_admins() -> None:
    pair = make_pair()
    Person.objects.filter(pk=pair.seeker.person_id).update(external_id="worker-4711")
    invite = Invite.objects.create(digest="d" * 64, study=pair.seeker.study, role="seeker")
    path = address(Participant, f"{pair.seeker.pk}/change/")
    person = address(Person, f"{pair.seeker.person_id}/change/")
    for role in ("researcher", "reviewer"):
        client = login(role)
        assert str(pair.seeker.person_id) not in client.get(path).content.decode()
        assert client.get(person).status_code == 403
        assert client.get(address(Invite, f"{invite.pk}/change/")).status_code == 403
    client = login("admin")
    assert str(pair.seeker.person_id) in client.get(path).content.decode()
    assert "worker-4711" in client.get(person).content.decode()
    assert "d" * 64 not in client.get(address(Invite, f"{invite.pk}/change/")).content.decode()


def test_an_admin_revokes_tokens_and_never_sees_their_hashes() -> None:
    client = login("admin")
    create_token("ada", "researcher")
    token = ApiToken.objects.get()
    assert token.digest not in client.get(address(ApiToken, f"{token.pk}/change/")).content.decode()
    client.post(address(ApiToken), {"action": "revoke", "_selected_action": [token.pk]})
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_participants_and_strangers_are_sent_to_the_sign_in() -> None:
    AuditRow.objects.create(actor="system", action="a.test")
    answer = Client().get(address(AuditRow))
    assert (answer.status_code, answer.headers["Location"][:13]) == (302, "/admin/login/")
