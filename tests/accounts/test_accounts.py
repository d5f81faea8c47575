from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.core.management import CommandError, call_command

from escollect.accounts.actions import create_staff, create_token, ensure_roles, revoke_token
from escollect.accounts.models import ApiToken, StaffRole, User
from escollect.accounts.permissions import ALLOWED, Thing
from escollect.accounts.selectors import get_roles, get_token, get_token_roles, hash_token, may
from escollect.audit.models import AuditRow
from escollect.infra.clock import now

pytestmark = pytest.mark.django_db

# The design's table, "Who may see what": role -> what it may see or do.
EVERYBODY = {"study", "text", "strategy", "verdict", "qualification", "training", "policy"}
TABLE = {
    "researcher": EVERYBODY | {"invite", "policy_change", "raw_export", "release"},
    "reviewer": EVERYBODY | {"telemetry", "finding", "moderation", "review"},
    "admin": {thing.value for thing in Thing},
}


def run(*words: str) -> dict[str, str]:
    """The last line of a command's stdout."""
    stdout = StringIO()
    call_command(*words, stdout=stdout, stderr=StringIO())
    line: dict[str, str] = json.loads(stdout.getvalue().splitlines()[-1])
    return line


def refused(*words: str) -> str:
    """The error of a command, which is its last line too."""
    stdout = StringIO()
    with pytest.raises(CommandError) as error:
        call_command(*words, stdout=stdout, stderr=StringIO())
    assert json.loads(stdout.getvalue().splitlines()[-1]) == {"error": str(error.value)}
    return str(error.value)


def test_the_groups_are_there_after_migrate_and_made_once() -> None:
    ensure_roles()
    assert sorted(Group.objects.values_list("name", flat=True)) == ["admin", "researcher", "reviewer"]


def test_every_role_may_exactly_what_the_table_says() -> None:
    for role in StaffRole:
        user = create_staff(f"a-{role}", role)
        assert {thing.value for thing in Thing if may(user, thing)} == TABLE[role]
    assert set(ALLOWED) == set(Thing)


def test_superusers_hold_every_role_and_strangers_none() -> None:
    root = User.objects.create_superuser("root")
    assert get_roles(root) == frozenset(StaffRole)
    plain = User.objects.create_user("plain")
    plain.groups.add(Group.objects.create(name="choir"))
    closed = create_staff("closed", "admin")
    closed.is_active = False
    for nobody in (AnonymousUser(), plain, closed):
        assert get_roles(nobody) == frozenset()


def test_one_login_can_hold_two_roles() -> None:
    create_staff("two", "researcher")
    user = create_staff("two", "reviewer")
    assert get_roles(user) == {"researcher", "reviewer"}


def test_a_token_is_kept_as_its_hash_alone_and_expires() -> None:
    token = create_token("ada", "researcher", name="nightly", days=30)
    row = ApiToken.objects.get()
    assert row.digest == hash_token(token)
    assert token not in str(list(ApiToken.objects.values()))
    assert row.expires_at is not None
    assert timedelta(days=29) < row.expires_at - now() <= timedelta(days=30)
    assert get_token(token) == row
    assert get_token(token + "x") is None
    assert len({create_token("ada") for _ in range(20)}) == 20


def test_a_token_narrows_the_roles_of_its_login_and_never_widens_them() -> None:
    token = create_token("ada", "researcher")
    create_staff("ada", "admin")
    row = get_token(token)
    assert row is not None
    assert get_token_roles(row) == {"researcher"}
    row.user.groups.clear()
    assert get_token_roles(row) == frozenset()
    assert get_token_roles(ApiToken(user=create_staff("bob", "admin"))) == {"admin"}


def test_create_token_makes_the_login_and_prints_the_token_last() -> None:
    line = run("create_token", "eve", "--staff-role", "reviewer")
    assert set(line) == {"token"}
    row = get_token(line["token"])
    assert row is not None
    assert row.user.username == "eve"
    assert get_token_roles(row) == {"reviewer"}
    assert not row.user.has_usable_password()
    bare = get_token(run("create_token", "zoe")["token"])
    assert bare is not None
    assert get_token_roles(bare) == frozenset()


def test_a_token_that_may_do_nothing_says_so() -> None:
    stderr = StringIO()
    call_command("create_token", "zoe", stdout=StringIO(), stderr=stderr)
    assert "zoe has no role yet" in stderr.getvalue()
    create_staff("zoe", "reviewer")
    call_command("create_token", "zoe", stdout=StringIO(), stderr=(again := StringIO()))
    assert "no role" not in again.getvalue()


def test_create_staff_prints_the_login_and_takes_the_password_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("STAFF_PASSWORD", "a long enough one")
    assert run("create_staff", "eve", "--role", "admin") == {"user": "eve"}
    monkeypatch.delenv("STAFF_PASSWORD")
    assert run("create_staff", "eve", "--role", "reviewer") == {"user": "eve"}
    user = User.objects.get(username="eve")
    assert user.check_password("a long enough one")
    assert (user.is_staff, user.is_superuser) == (True, False)
    assert get_roles(user) == {"admin", "reviewer"}


@pytest.mark.parametrize("password", ["short", "password", "12345678"])
def test_a_password_that_is_easily_guessed_makes_no_login(
    password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAFF_PASSWORD", password)
    assert "This password cannot be used" in refused("create_staff", "eve", "--role", "admin")
    assert not User.objects.exists()


def test_commands_say_what_is_wrong_and_store_nothing() -> None:
    assert "cannot be a login" in refused("create_token", "not a name!")
    assert "cannot be a login" in refused("create_staff", "", "--role", "admin")
    assert "cannot be a login" in refused("create_token", "x" * 91)
    assert "at least 1 day" in refused("create_token", "eve", "--days", "0")
    assert "at most 3650 days" in refused("create_token", "eve", "--days", "99999999999")
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("create_staff", "eve", "--role", "boss")
    assert User.objects.count() == 0


def test_who_got_a_role_or_a_token_is_in_the_audit() -> None:
    ada = create_staff("ada", "admin", "a-password-for-tests")
    create_staff("bo", "reviewer", by=ada)
    create_token("bo", name="nightly")
    token = ApiToken.objects.get()
    revoke_token(token, by=ada)
    revoke_token(token)
    rows = AuditRow.objects.order_by("pk").values_list("actor", "action", "object_id", "new")
    bo = User.objects.get(username="bo")
    assert list(rows) == [
        ("system", "staff.role_given", str(ada.pk), {"role": "admin", "password": "set"}),
        ("staff:ada", "staff.role_given", str(bo.pk), {"role": "reviewer", "password": "unchanged"}),
        ("system", "token.made", str(token.pk), {"login": "bo", "name": "nightly", "scopes": []}),
        ("staff:ada", "token.revoked", str(token.pk), None),
    ]
