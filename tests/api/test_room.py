"""The room over REST: the same action and the same views as the socket, for the two people in it alone."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client

from escollect.conversations.models import Event, HelpRequest
from escollect.domain.events import Role
from escollect.domain.wire import view
from escollect.people.actions import block
from escollect.people.models import Participant
from tests.api.conftest import V1, Api, World
from tests.support.rooms import Pair, end, make_pair, make_participant, rate, say

pytestmark = pytest.mark.django_db


class Browser:
    """A participant's browser without websockets."""

    def __init__(self, participant: Participant | None, pair: Pair, *, csrf: bool = False) -> None:
        self.client = Client(enforce_csrf_checks=csrf)
        self.base = f"{V1}c/{pair.conversation}"
        if participant is not None:
            session = self.client.session
            session["participant"], session["epoch"] = str(participant.pk), participant.epoch
            session.save()

    def events(self, after: Any = 0) -> Any:
        return self.client.get(f"{self.base}/events", {"after": after})

    def send(self, body: Any, **headers: str) -> Any:
        return self.client.post(
            f"{self.base}/commands", body, content_type="application/json", headers=headers
        )

    def one(self, **frame: Any) -> dict[str, Any]:
        (reply,) = self.send({"cid": str(uuid.uuid4()), **frame}).json()["replies"]
        answer: dict[str, Any] = reply
        return answer


@pytest.fixture
def pair() -> Pair:
    return make_pair().go_live()


def test_each_side_reads_what_its_socket_would_show(pair: Pair) -> None:
    pair.talk(4)
    request = pair.row.open_request
    assert request is not None
    pair.ack(Role.SEEKER, rate(request, 2))
    pair.ack(Role.SEEKER, end("unsafe"))
    stored = list(Event.objects.filter(conversation=pair.conversation).order_by("seq"))
    for role in Role:
        body = Browser(pair.of(role), pair).events().json()
        assert body == {
            "role": role.value,
            "state": "survey",
            "last_seq": len(stored),
            "now": body["now"],
            "rating": None,
            "deadlines": {"survey_by": body["deadlines"]["survey_by"]},
            "partner": "online",
            "events": [view(event, role) for event in stored],
        }
    supporter = Browser(pair.supporter, pair).events().content.decode()
    seeker = Browser(pair.seeker, pair).events().content.decode()
    assert "Question" in supporter
    assert "Question" not in seeker
    assert '"value"' in seeker
    assert '"value"' not in supporter
    assert "unsafe" not in supporter


def test_reading_goes_on_after_a_sequence_number(pair: Pair) -> None:
    pair.talk(3)
    browser = Browser(pair.seeker, pair)
    assert [event["seq"] for event in browser.events(2).json()["events"]] == [3, 4, 5]
    assert browser.events(5).json()["events"] == []
    for wrong in ("-1", "x", "1.5", "9" * 30, "0" * 12 + "9" * 30, "0" * 5000, "", "٣"):
        answer = browser.events(wrong)
        assert (answer.status_code, set(answer.json()["fields"])) == (400, {"after"})


def test_a_command_is_stored_once_and_answered_as_on_the_socket(pair: Pair) -> None:
    browser, cid = Browser(pair.supporter, pair), str(uuid.uuid4())
    frame = {"t": "msg", "cid": cid, "text": "How are you?", "strategy": "Question", "seen": 0}
    first = browser.send(frame).json()["replies"]
    event = pair.row.events.get(cid=cid)
    at = view(event, "staff")["at"]
    assert first == [{"t": "ack", "cid": cid, "seq": event.seq, "at": at, "dup": False}]
    again = browser.send({"commands": [frame]}).json()["replies"]
    assert again == [{**first[0], "dup": True}]
    assert (
        browser.one(t="msg", cid=cid, text="Another", strategy="Question", seen=0)["code"] == "cid_conflict"
    )
    assert pair.row.events.filter(kind="msg").count() == 1


def test_the_rules_of_the_room_hold(pair: Pair) -> None:
    seeker, supporter = Browser(pair.seeker, pair), Browser(pair.supporter, pair)
    codes = {
        "seeker with strategy": seeker.one(t="msg", text="Hi", strategy="Question", seen=0)["code"],
        "supporter without": supporter.one(t="msg", text="Hi", strategy=None, seen=0)["code"],
        "unknown strategy": supporter.one(t="msg", text="Hi", strategy="Greeting", seen=0)["code"],
        "empty": seeker.one(t="msg", text="  ", seen=0)["code"],
        "too long": seeker.one(t="msg", text="x" * 2001, seen=0)["code"],
        "unasked feedback": seeker.one(t="rate", req=1, value=5)["code"],
        "feedback of 6": seeker.one(t="rate", req=1, value=6)["code"],
        "feedback by the supporter": supporter.one(t="rate", req=1, value=5)["code"],
        "strange reason": seeker.one(t="end", reason="bored")["code"],
        "no text": seeker.one(t="msg", seen=0)["code"],
        "a socket's frame": seeker.one(t="typing", on=True)["code"],
    }
    assert codes == {
        "seeker with strategy": "strategy_forbidden",
        "supporter without": "strategy_required",
        "unknown strategy": "strategy_invalid",
        "empty": "text_empty",
        "too long": "text_too_long",
        "unasked feedback": "rating_invalid",
        "feedback of 6": "rating_invalid",
        "feedback by the supporter": "forbidden",
        "strange reason": "bad_frame",
        "no text": "bad_frame",
        "a socket's frame": "unknown_type",
    }
    assert pair.row.events.filter(kind="msg").count() == 0


def test_a_batch_is_answered_in_order_and_a_bad_one_hurts_no_other(pair: Pair) -> None:
    cids = [str(uuid.uuid4()) for _ in range(3)]
    frames = [
        {"t": "msg", "cid": cids[0], "text": "One", "seen": 0},
        {"t": "msg", "cid": cids[1], "text": "Two", "strategy": "Question", "seen": 0},
        {"t": "nonsense"},
        {"t": "help", "cid": cids[2], "kind": "unsafe", "note": "please"},
    ]
    replies = Browser(pair.seeker, pair).send({"commands": frames}).json()["replies"]
    assert [(r["t"], r.get("cid"), r.get("code")) for r in replies] == [
        ("ack", cids[0], None),
        ("nack", cids[1], "strategy_forbidden"),
        ("error", None, "unknown_type"),
        ("ack", cids[2], None),
    ]
    assert HelpRequest.objects.get().note == "please"
    partner = Browser(pair.supporter, pair).events().content.decode()
    assert "please" not in partner


def test_the_sixth_utterance_in_a_row_has_to_wait(pair: Pair) -> None:
    browser = Browser(pair.seeker, pair)
    frames = [{"t": "msg", "cid": str(uuid.uuid4()), "text": f"Line {n}", "seen": 0} for n in range(7)]
    replies = browser.send({"commands": frames}).json()["replies"]
    assert [reply["t"] for reply in replies] == ["ack"] * 5 + ["nack"] * 2
    assert (replies[5]["code"], replies[5]["retry"]) == ("rate_limited", True)
    assert 0 < replies[5]["after_ms"] <= 1000
    assert browser.one(t="end", reason="done")["t"] == "ack"


def test_a_body_that_is_no_frame_is_refused_and_nothing_is_stored(pair: Pair) -> None:
    browser = Browser(pair.seeker, pair)
    bodies: dict[bytes, tuple[int, str]] = {
        b"": (400, "invalid"),
        b"{": (400, "bad_json"),
        b"[]": (400, "bad_frame"),
        b"\xff": (400, "bad_json"),
        b'{"t": "msg", "t": "msg"}': (400, "bad_json"),
        b'{"t": NaN}': (400, "bad_json"),
        b'{"a":' * 7 + b"1" + b"}" * 7: (400, "bad_json"),
        b'{"t": "' + b"x" * 17_000 + b'"}': (413, "too_large"),
        b"{}": (400, "invalid"),
        b'{"commands": []}': (400, "invalid"),
        b'{"commands": {}}': (400, "invalid"),
        b'{"commands": [' + b"1," * 20 + b"1]}": (400, "invalid"),
    }
    for body, expected in bodies.items():
        answer = browser.client.generic("POST", f"{browser.base}/commands", body, "application/json")
        assert (answer.status_code, answer.json()["code"]) == expected, body[:30]
    strange = browser.send({"commands": [1, None, "x", [], {"t": 5}]}).json()["replies"]
    assert [reply["code"] for reply in strange] == ["bad_frame"] * 5
    form = browser.client.post(f"{browser.base}/commands", {"t": "msg"})
    assert (form.status_code, form.json()["code"]) == (415, "unsupported_media_type")
    assert pair.row.events.filter(kind="msg").count() == 0


def test_nobody_else_learns_that_the_room_exists(world: World) -> None:
    pair = make_pair(world.study).go_live()
    pair.ack(Role.SEEKER, say("Only for two"))
    other_pair = make_pair(pair.row.study).go_live()
    stranger = make_participant(pair.row.study, "seeker")
    answers = {}
    for name, who in (("stranger", stranger), ("of another room", other_pair.supporter), ("nobody", None)):
        browser = Browser(who, pair)
        sent = browser.send({"t": "msg", "cid": str(uuid.uuid4()), "text": "Hi", "seen": 0})
        answers[name] = (browser.events().status_code, sent.status_code)
    assert answers == {"stranger": (404, 404), "of another room": (404, 404), "nobody": (403, 403)}
    unknown = Browser(pair.seeker, Pair(pair.seeker, pair.supporter)).events()
    known = Browser(stranger, pair).events()
    assert (unknown.status_code, unknown.json()) == (known.status_code, known.json())
    assert Api(world.tokens["admin"]).get(f"c/{pair.conversation}/events").status_code == 403
    assert pair.row.events.filter(kind="msg").count() == 1


def test_a_blocked_participant_and_an_erased_room_are_closed(pair: Pair) -> None:
    seeker, supporter = Browser(pair.seeker, pair), Browser(pair.supporter, pair)
    block(pair.seeker, None, "a test")
    assert seeker.events().status_code == 403
    row = pair.row
    row.state = "erased"
    row.save()
    assert supporter.events().status_code == 404


def test_a_post_needs_the_csrf_token_of_the_pages(pair: Pair) -> None:
    browser = Browser(pair.seeker, pair, csrf=True)
    frame = {"t": "msg", "cid": str(uuid.uuid4()), "text": "Hi", "seen": 0}
    refused = browser.send(frame)
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
    token = "a" * 32
    browser.client.cookies["csrftoken"] = token
    assert browser.send(frame, **{"X-CSRFToken": token}).json()["replies"][0]["t"] == "ack"
    assert browser.events().status_code == 200


def test_reading_counts_as_being_there(pair: Pair) -> None:
    side = pair.side(Role.SEEKER)
    side.seen_at = None
    side.save()
    Browser(pair.seeker, pair).events()
    assert pair.side(Role.SEEKER).seen_at is not None


def test_who_has_no_socket_enters_the_room_by_reading() -> None:
    pair = make_pair().meet().get_ready()
    first, second = (Browser(pair.of(role), pair).events().json() for role in Role)
    assert (first["state"], second["state"]) == ("created", "live")
    assert Browser(pair.seeker, pair).one(t="msg", text="Hi", seen=0)["t"] == "ack"
