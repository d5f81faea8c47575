"""The pages of the lobby and the room: who gets them, and what they hand to the scripts."""

import json
import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from escollect.conversations.models import Ticket
from escollect.domain.events import Role
from escollect.domain.strategies import STRATEGIES
from escollect.people.models import Participant
from escollect.training.models import Qualification
from tests.support.rooms import BEFORE, Pair, end, make_pair, make_participant

pytestmark = pytest.mark.django_db


def browser_of(participant: Participant) -> Client:
    """A browser with the participant's session."""
    client = Client()
    session = client.session
    session["participant"] = str(participant.pk)
    session["epoch"] = participant.epoch
    session.save()
    return client


def page_data(html: str, name: str) -> Any:
    """The JSON that a page holds for its scripts."""
    found = re.search(rf'<script id="{name}" type="application/json">(.*?)</script>', html, re.DOTALL)
    assert found
    return json.loads(found[1])


@pytest.fixture
def pair() -> Pair:
    return make_pair()


def test_the_room_of_a_supporter_has_the_chips_the_answers_and_the_stages(pair: Pair) -> None:
    pair.go_live()
    response = browser_of(pair.supporter).get(f"/chat/{pair.conversation}/")
    html = response.content.decode()
    data = page_data(html, "room-data")
    assert (data["role"], data["state"], data["minimum"], data["text_limit"]) == (
        "supporter",
        "live",
        16,
        2000,
    )
    assert data["socket"] == f"/ws/c/{pair.conversation}/"
    assert re.findall(r'data-strategy="([^"]+)"', html) == list(STRATEGIES)
    assert all(re.findall(r'data-reminder="([^"]*)"', html))
    assert BEFORE["situation"] in html
    assert "5 of 5" in html
    for stage in ("Exploration", "Comforting", "Action"):
        assert stage in html


def test_the_room_of_a_seeker_has_stars_and_no_strategies(pair: Pair) -> None:
    pair.go_live()
    html = browser_of(pair.seeker).get(f"/chat/{pair.conversation}/").content.decode()
    assert re.findall(r'class="star" type="button" data-value="(\d)"', html) == list("12345")
    assert page_data(html, "room-data")["labels"] == {}
    assert [name for name in STRATEGIES if f'"{name}"' in html] == []


def test_a_room_is_nobody_elses(pair: Pair) -> None:
    pair.go_live()
    stranger = make_participant(pair.seeker.study, Role.SEEKER)
    for path in (f"/chat/{pair.conversation}/", f"/chat/{uuid4()}/"):
        assert browser_of(stranger).get(path).status_code == 404
    nobody = Client().get(f"/chat/{pair.conversation}/")
    assert nobody.status_code == 403
    assert BEFORE["situation"] not in nobody.content.decode()


def test_a_room_opens_when_both_are_ready_and_closes_with_the_conversation(pair: Pair) -> None:
    pair.meet()
    browser, path = browser_of(pair.seeker), f"/chat/{pair.conversation}/"
    assert browser.get(path)["Location"] == "/lobby/"
    pair.get_ready()
    assert browser.get(path).status_code == 200
    for role in Role:
        pair.join(role)
    pair.ack(Role.SUPPORTER, end())
    closed = browser.get(path)
    assert (closed.status_code, closed["Location"]) == (303, "/survey/after/")


def test_opening_the_lobby_takes_no_place(pair: Pair) -> None:
    browser = browser_of(pair.supporter)
    data = page_data(browser.get("/lobby/").content.decode(), "lobby-data")
    assert (data["waiting"], data["next"]) == (False, "/next/")
    assert Ticket.objects.count() == 0


def test_the_lobby_goes_on_waiting_after_a_reload(pair: Pair) -> None:
    pair.meet()
    data = page_data(browser_of(pair.seeker).get("/lobby/").content.decode(), "lobby-data")
    assert data["waiting"] is True


def test_the_lobby_is_shut_for_whoever_has_another_step_first(pair: Pair) -> None:
    assert browser_of(pair.seeker).get("/lobby/")["Location"] == "/survey/before/"
    Qualification.objects.all().delete()
    assert browser_of(pair.supporter).get("/lobby/")["Location"] == "/training/"


def test_a_supporter_may_go_to_the_lobby_again_and_a_seeker_answers_first(pair: Pair) -> None:
    pair.go_live()
    pair.ack(Role.SEEKER, end())
    assert browser_of(pair.supporter).get("/lobby/")["Location"] == "/survey/after/"
    for role in Role:
        pair.answer(role)
    assert browser_of(pair.supporter).get("/lobby/").status_code == 200
    assert browser_of(pair.seeker).get("/lobby/")["Location"] == "/done/"


def test_the_pages_take_only_get(pair: Pair) -> None:
    for path in ("/lobby/", f"/chat/{uuid4()}/"):
        assert browser_of(pair.supporter).post(path).status_code == 405
