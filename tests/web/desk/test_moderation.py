"""A moderator looks into a live room on the desk and acts on it."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.test import Client

from escollect.audit.models import AuditRow
from escollect.conversations.models import Conversation, Event
from escollect.domain.wire import Say
from escollect.studies.models import Study
from tests.web.desk.conftest import Login
from tests.web.desk.scenes import open_room, send, talk

ACTS = ("hold", "clear", "tell", "crisis-stop", "moderator-stop")


@pytest.fixture
def room(study: Study) -> Conversation:
    found = open_room(study)
    send(found, ("seeker", Say(uuid4(), "I do not want to wake up.")))
    return found


@pytest.fixture
def reviewer(login: Login) -> Client:
    return login("reviewer")


def offered(client: Client, room: Conversation) -> list[str]:
    """What the page of a room offers to do."""
    page = client.get(f"/desk/live/{room.pk}/").content.decode()
    return re.findall(rf'action="/desk/live/{room.pk}/([a-z-]+)/"', page)


def act(client: Client, room: Conversation, name: str, reason: str = "I read it.") -> tuple[int, str]:
    answer = client.post(f"/desk/live/{room.pk}/{name}/", {"reason": reason}, follow=True)
    return answer.status_code, " ".join(answer.content.decode().split())


def test_the_live_page_leads_moderators_to_the_room_and_shows_a_hold(
    room: Conversation, login: Login, reviewer: Client
) -> None:
    link = f'href="/desk/live/{room.pk}/"'
    assert link in reviewer.get("/desk/live/").content.decode()
    assert link not in login("researcher").get("/desk/live/").content.decode()
    assert "on hold" not in reviewer.get("/desk/live/").content.decode()
    act(reviewer, room, "hold")
    assert "on hold" in reviewer.get("/desk/live/").content.decode()


def test_a_room_shows_what_is_being_said_and_offers_what_is_possible(
    room: Conversation, reviewer: Client
) -> None:
    page = reviewer.get(f"/desk/live/{room.pk}/").content.decode()
    assert "I do not want to wake up." in page
    assert offered(reviewer, room) == ["hold", "tell", "moderator-stop"]
    status, page = act(reviewer, room, "hold")
    assert (status, "no time runs out" in page) == (200, True)
    assert offered(reviewer, room) == ["clear", "crisis-stop", "tell", "moderator-stop"]
    act(reviewer, room, "crisis-stop")
    assert offered(reviewer, room) == []
    room.refresh_from_db()
    assert (room.state, room.end_reason) == ("survey", "crisis_stop")


@pytest.mark.parametrize(
    ("steps", "end"),
    [
        (("hold", "clear"), ("live", "")),
        (("hold", "moderator-stop"), ("survey", "moderator_stop")),
        (("moderator-stop",), ("survey", "moderator_stop")),
    ],
)
def test_every_act_does_what_it_says_and_keeps_the_reason(
    room: Conversation, reviewer: Client, steps: tuple[str, ...], end: tuple[str, str]
) -> None:
    for step in steps:
        assert act(reviewer, room, step, f"Because of {step}.")[0] == 200
    room.refresh_from_db()
    assert (room.state, room.end_reason) == end
    rows = AuditRow.objects.filter(action="conversation.moderated", object_id=str(room.pk)).order_by("pk")
    assert [(row.actor, row.why) for row in rows] == [
        ("staff:reviewer", f"Because of {step}.") for step in steps
    ]


def test_what_a_moderator_says_stands_in_the_room_and_in_the_transcript(
    room: Conversation, reviewer: Client
) -> None:
    act(reviewer, room, "tell", "Please take your time.")
    event = Event.objects.get(kind="moderator")
    assert (event.author, event.text) == ("moderator", "Please take your time.")
    for address in (f"/desk/live/{room.pk}/", f"/desk/review/{room.pk}/"):
        assert "Please take your time." in reviewer.get(address).content.decode()


@pytest.mark.parametrize("name", ACTS)
def test_without_a_reason_nothing_happens_and_the_form_says_so(
    room: Conversation, reviewer: Client, name: str
) -> None:
    if name in {"clear", "crisis-stop"}:
        act(reviewer, room, "hold")
    seq = Conversation.objects.get(pk=room.pk).last_seq
    status, page = act(reviewer, room, name, " ")
    assert status == 422
    assert ("Write what both shall read." if name == "tell" else "Give a reason.") in page
    assert Conversation.objects.get(pk=room.pk).last_seq == seq


def test_who_comes_too_late_is_told_that_nothing_was_changed(room: Conversation, reviewer: Client) -> None:
    status, page = act(reviewer, room, "clear", "Both are well.")
    assert (status, "Put it on hold first; nothing was changed." in page) == (422, True)
    act(reviewer, room, "moderator-stop")
    status, page = act(reviewer, room, "hold", "Too late.")
    assert (status, "not live any more. Nothing was changed." in page) == (422, True)


def test_only_the_latest_lines_are_shown(room: Conversation, reviewer: Client) -> None:
    talk(room, 44)
    page = reviewer.get(f"/desk/live/{room.pk}/")
    assert len(page.context["lines"]) == 40
    assert "earlier events are left out" in page.content.decode()


def test_nobody_else_may_and_other_rooms_do_not_exist(room: Conversation, login: Login) -> None:
    researcher, reviewer = login("researcher"), login("reviewer")
    addresses = [f"/desk/live/{room.pk}/{name}/" for name in ACTS]
    assert {researcher.post(address, {"reason": "I may not."}).status_code for address in addresses} == {403}
    assert researcher.get(f"/desk/live/{room.pk}/").status_code == 403
    Conversation.objects.update(kind="imported")
    for address in (f"/desk/live/{room.pk}/", f"/desk/live/{uuid4()}/"):
        assert reviewer.get(address).status_code == 404
    assert {reviewer.post(address, {"reason": "Nothing."}).status_code for address in addresses} == {404}
