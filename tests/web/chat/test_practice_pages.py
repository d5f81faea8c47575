"""The pages around a practice chat: the way in, the room's words, the look back."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from escollect.conversations.models import Conversation
from escollect.domain.events import Role
from escollect.people.models import Participant
from tests.support.practices import MOVED, MOVING, STEPS, WELL, Practising, make_trainee, use_scripts
from tests.support.rooms import call_help, end, make_participant, make_study
from tests.web.chat.test_pages import browser_of, page_data

pytestmark = pytest.mark.django_db
START, RESULT = "/training/practice/", "/training/practice/result/"


@pytest.fixture(autouse=True)
def scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    use_scripts(monkeypatch, MOVED)


@pytest.fixture
def trainee() -> Participant:
    return make_trainee()


def words(response: Any) -> str:
    """The page's words in one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def begin(browser: Client) -> str:
    """Begin a practice chat by the page's button; the room's address."""
    response = browser.post(START)
    assert response.status_code == 303
    return str(response["Location"])


def test_the_way_leads_from_the_passed_paper_by_the_chat_and_the_look_back_to_the_lobby(
    trainee: Participant,
) -> None:
    browser = browser_of(trainee)
    assert browser.get("/next/")["Location"] == START
    assert "One thing is left" in words(browser.get(START))
    room = begin(browser)
    assert browser.get("/next/")["Location"] == browser.get(RESULT)["Location"] == room
    Practising.begin(trainee).reply(WELL)
    assert browser.get(room)["Location"] == RESULT
    assert "You are qualified as a supporter" in words(browser.get(RESULT))
    assert browser.get("/next/")["Location"] == "/lobby/"


def test_beginning_twice_is_one_room(trainee: Participant) -> None:
    browser = browser_of(trainee)
    assert begin(browser) == begin(browser)
    assert "Go on with the practice chat" in words(browser.get(START))
    assert Conversation.objects.count() == 1


def test_opening_the_page_begins_nothing(trainee: Participant) -> None:
    browser_of(trainee).get(START)
    assert not Conversation.objects.exists()


def test_the_room_says_that_it_is_practice_and_what_the_script_reports(trainee: Participant) -> None:
    browser = browser_of(trainee)
    response = browser.get(begin(browser))
    said, data = words(response), page_data(response.content.decode(), "room-data")
    assert (data["role"], data["next"], data["minimum"]) == ("supporter", RESULT, 1 + 2 * len(STEPS))
    assert data["strings"]["partner_online"] == "The seeker is scripted"
    for text in ("This is practice", MOVING.situation, "4 of 5", "End the practice chat?"):
        assert text in said
    for text in ("Tell the team", "questions follow", "Waiting for your partner", MOVED.opening, "choir"):
        assert text not in said
    assert "A few questions follow" not in data["strings"]["state_finished"]


def test_no_page_before_the_end_tells_what_fits_or_what_comes_next(trainee: Participant) -> None:
    browser = browser_of(trainee)
    pages = [browser.get(START), browser.get(begin(browser)), browser.get(START)]
    for response in pages:
        said = response.content.decode()
        for step in STEPS:
            assert step.model not in said
            assert step.why not in said
            assert step.then not in said


def test_the_look_back_shows_every_exchange_beside_the_script(trainee: Participant) -> None:
    Practising.begin(trainee).reply(["Restatement or Paraphrasing", "Information", "Others"])
    response = browser_of(trainee).get(RESULT)
    said = words(response)
    assert "2 of your 3 choices are among those that fit" in said
    for at, step in enumerate(STEPS, 1):
        for text in (f"Reply {at}", step.model, step.why, ", ".join(step.fits), step.then):
            assert text in said
    assert MOVED.opening in said
    rows = re.findall(r"<tr>.*?</tr>", response.content.decode(), re.DOTALL)[1:]
    assert [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in rows] == [
        "Exploration Restatement or Paraphrasing 1 of 1",
        "Comforting Information 0 of 1",
        "Action Others 1 of 1",
    ]


def test_a_practice_left_early_says_what_was_had_and_offers_another(trainee: Participant) -> None:
    pair = Practising.begin(trainee)
    pair.reply(["Others"])
    pair.ack(Role.SUPPORTER, end("leave"))
    browser = browser_of(trainee)
    said = words(browser.get(RESULT))
    for text in ("ended early", "You had 1 of 3 exchanges", "answer a whole one", "0 of your 1 choice is"):
        assert text in said
    assert "You are qualified" not in said
    assert browser.get("/next/")["Location"] == START
    assert begin(browser) != f"/chat/{pair.conversation}/"


def test_without_a_look_back_the_page_leads_to_the_beginning(trainee: Participant) -> None:
    assert browser_of(trainee).get(RESULT)["Location"] == START


def test_whoever_may_not_practise_is_sent_to_where_they_stand() -> None:
    study = make_study()
    seeker = make_participant(study, Role.SEEKER)
    beginner = make_trainee(study, passed=False)
    for who, where in ((seeker, "/survey/before/"), (beginner, "/training/")):
        for response in (browser_of(who).get(START), browser_of(who).post(START)):
            assert (response.status_code, response["Location"]) == (303, where)
    assert browser_of(beginner).get(RESULT)["Location"] == START
    assert Client().get(START).status_code == 403


def test_a_practice_chat_is_nobody_elses(trainee: Participant) -> None:
    room = begin(browser_of(trainee))
    stranger = make_participant(trainee.study, Role.SUPPORTER)
    assert browser_of(stranger).get(room).status_code == 404
    assert browser_of(stranger).get(f"/api/v1/c{room.removeprefix('/chat')}events").status_code == 404


def test_the_rest_way_into_a_room_works_for_practice_too(trainee: Participant) -> None:
    browser = browser_of(trainee)
    room = begin(browser).removeprefix("/chat/")
    seen = browser.get(f"/api/v1/c/{room}events").json()
    assert [event.get("text") for event in seen["events"]] == [None, MOVED.opening]
    body = {"t": "msg", "cid": str(call_help().cid), "text": "Hello", "strategy": "Others", "seen": 2}
    replies = browser.post(f"/api/v1/c/{room}commands", body, content_type="application/json").json()
    assert replies["replies"][0]["t"] == "ack"
    seen = browser.get(f"/api/v1/c/{room}events?after=2").json()
    assert [event["text"] for event in seen["events"]] == ["Hello", STEPS[0].then]
