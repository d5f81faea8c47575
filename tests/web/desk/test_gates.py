from __future__ import annotations

from uuid import UUID

import pytest
from django.test import Client

from escollect.accounts.models import User
from escollect.conversations.models import Conversation
from escollect.corpus.actions import create_release
from escollect.quality.models import Flag
from escollect.studies.models import Study
from tests.web.desk.conftest import Login
from tests.web.desk.scenes import PASSWORD, make_finished, make_staff

ROLES = ("researcher", "reviewer", "admin")
# Page, and the roles that may open it.
PAGES = {
    "/desk/": ROLES,
    "/desk/live/": ROLES,
    "/desk/live/{room}/": ("reviewer", "admin"),
    "/desk/review/": ROLES,
    "/desk/review/{room}/": ROLES,
    "/desk/participants/": ROLES,
    "/desk/participants/invites/": ("researcher", "admin"),
    "/desk/participants/{seeker}/": ROLES,
    "/desk/participants/{supporter}/": ROLES,
    "/desk/training/": ROLES,
    "/desk/policies/": ROLES,
    "/desk/releases/": ("researcher", "admin"),
    "/desk/releases/new/": ("researcher", "admin"),
    "/desk/releases/{release}/": ("researcher", "admin"),
    "/desk/studies/": ROLES,
    "/desk/studies/open/": ("researcher", "admin"),
    "/desk/studies/first-light/": ROLES,
    "/desk/studies/first-light/versions/1/": ROLES,
}
# What is done by POST, and the roles that may.
ACTS = {
    "/desk/live/{room}/hold/": ("reviewer", "admin"),
    "/desk/live/{room}/clear/": ("reviewer", "admin"),
    "/desk/live/{room}/tell/": ("reviewer", "admin"),
    "/desk/live/{room}/crisis-stop/": ("reviewer", "admin"),
    "/desk/live/{room}/moderator-stop/": ("reviewer", "admin"),
    "/desk/review/{room}/": ("reviewer", "admin"),
    "/desk/review/{room}/flags/{flag}/close/": ("reviewer", "admin"),
    "/desk/participants/{seeker}/block/": ("reviewer", "admin"),
    "/desk/participants/{seeker}/unblock/": ("reviewer", "admin"),
    "/desk/participants/{supporter}/grant/": ROLES,
    "/desk/participants/{supporter}/revoke/": ROLES,
    "/desk/participants/invites/": ("researcher", "admin"),
    "/desk/releases/new/": ("researcher", "admin"),
    "/desk/studies/open/": ("researcher", "admin"),
    "/desk/studies/first-light/state/": ("researcher", "admin"),
}
NOBODY = UUID(int=7)
MISSING = (
    f"/desk/live/{NOBODY}/",
    f"/desk/review/{NOBODY}/",
    f"/desk/participants/{NOBODY}/",
    f"/desk/releases/{NOBODY}/",
    f"/desk/releases/{NOBODY}/files/ESConv.json",
    "/desk/studies/no-such-study/",
    "/desk/studies/first-light/versions/9/",
    "/desk/?study=no-such-study",
    "/desk/review/1/",
    "/desk/training/?version=unheard-of",
)


@pytest.fixture
def names(study: Study) -> dict[str, str]:
    """The ids that stand in the addresses."""
    room = make_finished(study, 4)
    flag = Flag.objects.create(conversation=room, kind="help_unsafe", severity="urgent")
    release = create_release(study)
    return {
        "room": str(room.pk),
        "flag": str(flag.pk),
        "seeker": str(room.seeker_id),
        "supporter": str(room.supporter_id),
        "release": str(release.pk),
    }


def test_each_page_opens_for_its_roles_and_no_other(names: dict[str, str], login: Login) -> None:
    found = {
        page: tuple(role for role in ROLES if login(role).get(page.format(**names)).status_code == 200)
        for page in PAGES
    }
    assert found == PAGES


def test_each_act_is_refused_to_every_other_role(names: dict[str, str], login: Login) -> None:
    refused = {
        page: tuple(role for role in ROLES if login(role).post(page.format(**names)).status_code == 403)
        for page in ACTS
    }
    assert refused == {page: tuple(role for role in ROLES if role not in may) for page, may in ACTS.items()}


def test_strangers_are_sent_to_sign_in_and_come_back(names: dict[str, str]) -> None:
    found = {}
    for page in (*PAGES, *ACTS):
        address = page.format(**names)
        answer = Client().get(address) if page in PAGES else Client().post(address)
        found[address] = answer.headers.get("Location")
    assert found == {address: f"/desk/login/?next={address}" for address in found}


def test_a_login_without_a_role_is_a_stranger(study: Study) -> None:
    client = Client()
    client.force_login(User.objects.create_user("nobody"))
    answer = client.get("/desk/", follow=True)
    assert answer.redirect_chain == [("/desk/login/?next=/desk/", 302)]
    assert "a login without a role at the desk" in answer.content.decode()
    assert study.title not in answer.content.decode()


@pytest.mark.parametrize("address", MISSING)
def test_what_does_not_exist_is_not_found(study: Study, login: Login, address: str) -> None:
    assert study.slug == "first-light"
    answer = login("admin").get(address)
    assert answer.status_code == 404
    text = answer.content.decode()
    assert "There is nothing here" in text
    assert "To the desk" in text


@pytest.mark.parametrize("change", [{"state": "erased"}, {"kind": "practice"}])
def test_erased_and_practice_conversations_are_not_found(
    study: Study, login: Login, change: dict[str, str]
) -> None:
    room = make_finished(study, 4)
    Conversation.objects.filter(pk=room.pk).update(**change)
    assert login("admin").get(f"/desk/review/{room.pk}/").status_code == 404


def test_the_navigation_lists_only_what_the_role_may_open(study: Study, login: Login) -> None:
    assert study.slug == "first-light"
    links = {role: 'href="/desk/releases/"' in login(role).get("/desk/").content.decode() for role in ROLES}
    assert links == {"researcher": True, "reviewer": False, "admin": True}


def test_staff_sign_in_and_out(study: Study) -> None:
    make_staff("reviewer")
    client = Client()
    wrong = client.post("/desk/login/", {"username": "reviewer", "password": "guessed"})
    assert "do not fit together" in wrong.content.decode()
    right = client.post(
        "/desk/login/?next=/desk/review/",
        {"username": "reviewer", "password": PASSWORD, "next": "/desk/review/"},
    )
    assert right.headers["Location"] == "/desk/review/"
    assert client.get("/desk/logout/").status_code == 405
    assert client.post("/desk/logout/").headers["Location"] == "/desk/login/"
    assert client.get("/desk/").status_code == 302
    assert study.slug == "first-light"


def test_a_form_that_was_open_for_too_long_is_refused_in_our_words(study: Study) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_staff("admin"))
    answer = client.post(f"/desk/studies/{study.slug}/state/", {"state": "paused", "reason": "Enough."})
    assert answer.status_code == 403
    assert "the page had been open for too long" in answer.content.decode()
    study.refresh_from_db()
    assert study.state == "open"


def test_pages_of_the_desk_are_never_cached(study: Study, login: Login) -> None:
    assert study.slug == "first-light"
    assert login("admin").get("/desk/").headers["Cache-Control"] == "private, no-store"
