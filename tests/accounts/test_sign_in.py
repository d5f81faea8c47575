from __future__ import annotations

from time import monotonic

import pytest
from django.test import Client

from escollect.accounts import backends
from escollect.accounts.models import User

pytestmark = pytest.mark.django_db

RIGHT, WRONG = "a-long-right-one", "a-wrong-one"
PAGES = ("/desk/login/", "/admin/login/")


@pytest.fixture(autouse=True)
def staff(monkeypatch: pytest.MonkeyPatch) -> User:
    monkeypatch.setattr(backends, "_buckets", type(backends._buckets)())
    return User.objects.create_superuser("ada", password=RIGHT)


def sign_in(page: str, password: str, username: str = "ada", address: str = "192.0.2.1") -> bool:
    """Whether this opened a session."""
    client = Client(REMOTE_ADDR=address)
    client.post(page, {"username": username, "password": password})
    return "_auth_user_id" in client.session


@pytest.mark.parametrize("page", PAGES)
def test_after_ten_wrong_passwords_the_right_one_does_not_open_either_page(page: str) -> None:
    assert not any(sign_in(page, WRONG) for _ in range(10))
    assert [sign_in(one, RIGHT) for one in PAGES] == [False, False]
    assert not sign_in(page, RIGHT, username="ADA")


def test_the_desk_says_that_it_is_closed_and_for_how_long() -> None:
    for _ in range(10):
        sign_in("/desk/login/", WRONG)
    answer = Client(REMOTE_ADDR="192.0.2.1").post("/desk/login/", {"username": "ada", "password": RIGHT})
    assert "Try again in 60 seconds." in answer.content.decode()


def test_nobody_is_locked_out_from_another_address_or_under_another_name() -> None:
    User.objects.create_user("rosa", password=RIGHT)
    for _ in range(11):
        sign_in("/desk/login/", WRONG)
    assert sign_in("/desk/login/", RIGHT, address="192.0.2.2")
    assert sign_in("/desk/login/", RIGHT, username="rosa")


def test_a_minute_later_one_more_try_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(10):
        sign_in("/desk/login/", WRONG)
    later = monotonic() + 61
    monkeypatch.setattr(backends, "monotonic", lambda: later)
    assert not sign_in("/desk/login/", WRONG)
    assert not sign_in("/desk/login/", RIGHT)


def test_a_right_password_forgets_the_wrong_ones() -> None:
    for _ in range(3):
        assert not any(sign_in("/desk/login/", WRONG) for _ in range(9))
        assert sign_in("/desk/login/", RIGHT)
