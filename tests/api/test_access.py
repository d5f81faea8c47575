from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from escollect.accounts.actions import create_staff, create_token, revoke_token
from escollect.accounts.models import ApiToken, User
from tests.api.conftest import V1, Api, World

pytestmark = pytest.mark.django_db

MISSING = "00000000-0000-4000-8000-000000000000"
YES, BAD, NO, GONE, METHOD = 200, 400, 403, 404, 405

# address: method, then the status for researcher, reviewer, admin, and a login without a role.
TABLE: dict[tuple[str, str], tuple[int, int, int, int]] = {
    ("GET", "studies/"): (YES, YES, YES, NO),
    ("GET", "studies/calm/"): (YES, YES, YES, NO),
    ("GET", "studies/none/"): (GONE, GONE, GONE, NO),
    ("GET", "studies/calm/funnel/"): (YES, YES, YES, NO),
    ("GET", "studies/calm/live/"): (YES, YES, YES, NO),
    ("GET", "studies/calm/training/"): (YES, YES, YES, NO),
    ("GET", "studies/none/training/"): (GONE, GONE, GONE, NO),
    ("POST", "participants/"): (BAD, NO, BAD, NO),
    ("GET", "conversations/"): (YES, YES, YES, NO),
    ("GET", "conversations/?flag=copies"): (NO, YES, YES, NO),
    ("GET", "conversations/{room}/"): (YES, YES, YES, NO),
    ("GET", f"conversations/{MISSING}/"): (GONE, GONE, GONE, NO),
    ("POST", "conversations/{room}/review/"): (NO, BAD, BAD, NO),
    ("POST", f"conversations/{MISSING}/review/"): (NO, GONE, GONE, NO),
    ("GET", "verdicts/"): (YES, YES, YES, NO),
    ("GET", "policies/"): (YES, YES, YES, NO),
    ("POST", "policies/"): (BAD, NO, BAD, NO),
    ("POST", "policies/activate/"): (BAD, NO, BAD, NO),
    ("POST", "policies/simulate/"): (BAD, BAD, BAD, NO),
    ("GET", "relabels/"): (YES, YES, YES, NO),
    ("POST", f"relabels/{MISSING}/decision/"): (NO, GONE, GONE, NO),
    ("GET", "relabels/campaigns/"): (YES, YES, YES, NO),
    ("POST", "relabels/campaigns/"): (NO, BAD, BAD, NO),
    ("GET", f"relabels/campaigns/{MISSING}/"): (GONE, GONE, GONE, NO),
    ("GET", "releases/"): (YES, NO, YES, NO),
    ("POST", "releases/"): (BAD, NO, BAD, NO),
    ("GET", f"releases/{MISSING}/"): (GONE, NO, GONE, NO),
    ("GET", f"releases/{MISSING}/files/manifest.json"): (GONE, NO, GONE, NO),
    ("POST", "studies/"): (METHOD, METHOD, METHOD, NO),
}
ROLES = ("researcher", "reviewer", "admin", "nobody")
CODES = {BAD: "invalid", NO: "permission_denied", GONE: "not_found", METHOD: "method_not_allowed"}


def test_each_role_gets_what_its_row_of_the_table_allows(world: World) -> None:
    found = {}
    for method, path in TABLE:
        address = path.format(room=world.pair.conversation)
        answers = [world.api(role).call(method, address) for role in ROLES]
        found[method, path] = tuple(answer.status_code for answer in answers)
        for answer in answers:
            if answer.status_code != YES:
                assert answer.json()["code"] == CODES[answer.status_code]
                assert set(answer.json()) <= {"code", "detail", "fields"}
                assert answer.json()["detail"]
    assert found == TABLE


def test_without_a_token_nothing_is_told_not_even_what_exists(world: World) -> None:
    for method, path in TABLE:
        answer = Api(None).call(method, path.format(room=world.pair.conversation))
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
        assert answer.headers["WWW-Authenticate"] == "Token"


@pytest.mark.parametrize("header", ["Token", "Token a b", "Token nonsense", "Token \xe9", "token x"])
@pytest.mark.usefixtures("world")
def test_a_header_that_is_no_token_is_refused(header: str) -> None:
    client = Client(headers={"authorization": header})
    answer = client.get(V1 + "studies/")
    assert (answer.status_code, answer.json()["code"]) == (401, "authentication_failed")


@pytest.mark.usefixtures("world")
def test_a_password_or_a_desk_session_is_no_token() -> None:
    client = Client(headers={"authorization": "Basic dGhlLWFkbWluOng="})
    client.force_login(User.objects.get(username="the-admin"))
    assert client.get(V1 + "studies/").status_code == 401


def test_a_participants_session_opens_nothing_of_the_staffs(world: World) -> None:
    client = Client()
    session = client.session
    session["participant"], session["epoch"] = str(world.pair.seeker.pk), world.pair.seeker.epoch
    session.save()
    answer = client.get(f"{V1}conversations/{world.pair.conversation}/")
    assert answer.status_code == 401


@pytest.mark.usefixtures("world")
def test_revoked_expired_and_closed_tokens_stop_working() -> None:
    revoked, expired, closed = (create_token(name, "admin") for name in ("one", "two", "three"))
    revoke_token(ApiToken.objects.get(user__username="one"))
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    ApiToken.objects.filter(user__username="two").update(expires_at=long_ago)
    User.objects.filter(username="three").update(is_active=False)
    for token in (revoked, expired, closed):
        assert Api(token).get("studies/").status_code == 401


def test_a_scoped_token_acts_in_its_role_alone(world: World) -> None:
    create_staff("both", "researcher")
    token = create_token("both", "reviewer")
    path = f"conversations/{world.pair.conversation}/review/"
    assert Api(token).get("releases/").status_code == 403
    assert Api(token).post(path, {}).status_code == 400
    wide = create_token("both")
    assert Api(wide).get("releases/").status_code == 200


def test_a_role_that_was_taken_away_is_gone_from_the_token_too(world: World) -> None:
    user = User.objects.get(username="the-admin")
    user.groups.clear()
    assert world.api("admin").get("studies/").status_code == 403


def test_the_time_of_use_is_noted_once_a_minute(world: World) -> None:
    world.api("admin").get("studies/")
    token = ApiToken.objects.get(user__username="the-admin")
    first = token.last_used_at
    assert first is not None
    world.api("admin").get("studies/")
    token.refresh_from_db()
    assert token.last_used_at == first
    ApiToken.objects.filter(pk=token.pk).update(last_used_at=first - timedelta(minutes=2))
    world.api("admin").get("studies/")
    token.refresh_from_db()
    assert token.last_used_at > first - timedelta(minutes=1)


def test_the_601st_request_of_a_minute_is_told_to_wait(world: World) -> None:
    api = world.api("researcher")
    statuses = {api.get("studies/calm/").status_code for _ in range(600)}
    assert statuses == {200}
    answer = api.get("studies/calm/")
    assert (answer.status_code, answer.json()["code"]) == (429, "throttled")
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert world.api("admin").get("studies/calm/").status_code == 200
