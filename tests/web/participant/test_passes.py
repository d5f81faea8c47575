"""Pages of participants give the browser a pass for its sockets."""

from __future__ import annotations

import pytest
from django.test import Client

from escollect.conversations.rules import get_limits
from escollect.people.models import Participant
from escollect.people.passes import COOKIE, Pass, read_pass
from tests.support.rooms import make_participant, make_study

pytestmark = pytest.mark.django_db


def open_session(participant: Participant) -> Client:
    """A participant's browser."""
    client = Client()
    session = client.session
    session["participant"], session["epoch"] = str(participant.pk), participant.epoch
    session.save()
    return client


def test_a_page_gives_a_pass_that_scripts_cannot_read_and_only_sockets_are_sent() -> None:
    participant = make_participant(make_study(), "supporter")
    client = open_session(participant)
    cookie = client.get("/lobby/").cookies[COOKIE]
    names = ("path", "max-age", "httponly", "samesite", "secure")
    assert {name: cookie[name] for name in names} == {
        "path": "/ws/",
        "max-age": 300,
        "httponly": True,
        "samesite": "Lax",
        "secure": "",
    }
    found = read_pass(cookie.value, client.session.session_key or "")
    assert found is not None
    assert found == Pass(participant.pk, participant.epoch, get_limits(participant), found.age)


def test_a_pass_is_secure_where_the_session_is(settings: object) -> None:
    settings.SESSION_COOKIE_SECURE = True  # type: ignore[attr-defined]
    client = open_session(make_participant(make_study(), "supporter"))
    assert client.get("/next/").cookies[COOKIE]["secure"] is True


def test_who_has_not_consented_is_blocked_or_is_nobody_gets_no_pass() -> None:
    study = make_study()
    fresh, blocked = (make_participant(study, "supporter") for _ in range(2))
    Participant.objects.filter(pk=fresh.pk).update(version=None)
    Participant.objects.filter(pk=blocked.pk).update(state="blocked")
    for participant in (fresh, blocked):
        assert COOKIE not in open_session(participant).get("/next/").cookies
    assert COOKIE not in Client().get("/next/").cookies
