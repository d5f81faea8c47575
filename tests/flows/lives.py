"""Whole lives of two participants over the contract's pages and sockets."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from websockets.exceptions import ConnectionClosed

from tests.flows.browserless import Page, Seat, Somebody, meet, send
from tests.flows.story import BEFORE, SEEKER_AFTER, STORY, SUPPORTER_AFTER

CONSENT = {"adult": "on", "take_part": "on", "recorded": "on", "release_public": "on"}
TAB = "6f8f7a52-0d3c-4f07-9a55-5b8a3c2f9f01"
TUTORIALS = Path(__file__).parents[2] / "tutorials" / "en"


@dataclass(slots=True)
class Life:
    """What two people went through: who they are, their room and their completion codes."""

    seeker: Somebody
    supporter: Somebody
    conversation: str
    codes: dict[str, str] = field(default_factory=dict)


def consent(person: Somebody, invite: str) -> Page:
    """Open the invite and agree to everything that is needed for a release."""
    page = person.get(invite)
    assert page.path == "/consent/", page.html
    return person.post("/consent/", CONSENT)


def answer_key() -> dict[str, list[str]]:
    """The right answer of every quiz item, read from the content itself: item id -> choice ids in order."""
    items = [
        item
        for path in TUTORIALS.glob("*/module.yaml")
        for item in yaml.safe_load(path.read_text("utf-8"))["quiz"]
    ]
    return {item["id"]: _key(item) for item in items}


def _key(item: Mapping[str, Any]) -> list[str]:
    if item["kind"] == "order":
        placed = [choice for choice in item["choices"] if "place" in choice]
        return [choice["id"] for choice in sorted(placed, key=lambda choice: choice["place"])]
    return [choice["id"] for choice in item["choices"] if choice.get("right")]


def be_trained(person: Somebody, key: Mapping[str, Sequence[str]]) -> int:
    """Pass every quiz and the examination, following /next/; returns how many papers were passed."""
    papers = 0
    while (page := person.get("/next/")).path != "/lobby/":
        # The overview leads on to the page of the next part, which has the quiz.
        part = next(link for link in page.links if link.startswith("/training/") and link != "/training/")
        quiz = person.get(part)
        items = [name.removeprefix("q-") for name in quiz.choices if name.startswith("q-")]
        graded = person.post(part, {f"q-{item}": key[item] for item in items})
        assert graded.status == 200, graded.html
        papers += 1
        assert papers <= 15, "the training does not end"
    return papers


def be_qualified(person: Somebody, invite: str) -> None:
    """A supporter whose qualification was granted by hand gets to the lobby with the consent."""
    assert consent(person, invite).path == "/lobby/"


def say_why_one_came(person: Somebody, invite: str, **changes: str) -> None:
    """A seeker answers the survey before the conversation and gets to the lobby."""
    assert consent(person, invite).path == "/survey/before/"
    assert person.post("/survey/before/", BEFORE | changes).path == "/lobby/"


def converse(life: Life, lines: int = len(STORY), reason: str = "done") -> None:
    """Say the story's first lines in order; the seeker answers every request for feedback; then end."""
    seats = {
        "seeker": Seat(life.seeker, life.conversation),
        "supporter": Seat(life.supporter, life.conversation),
    }
    for seat in seats.values():
        seat.until(lambda f: f["t"] == "event" and f["kind"] == "state" and f["state"] == "live")
    for role, strategy, text in STORY[:lines]:
        seq = seats[role].say(text, strategy)
        for seat in seats.values():
            seat.until_seq(seq)
        if role == "seeker":
            _rate_what_is_due(seats["seeker"])
    seats["seeker"].end(reason)
    for seat in seats.values():
        seat.socket.close()


def _rate_what_is_due(seat: Seat) -> None:
    requests = [event["seq"] for event in seat.seen if event["kind"] == "rating_request"]
    answered = [event["req"] for event in seat.seen if event["kind"] == "rating"]
    if requests and requests[-1] not in answered:
        seat.until_seq(seat.rate(requests[-1], 5))


def answer_afterwards(life: Life) -> None:
    """Both answer their survey and keep the completion code they are shown."""
    for role, person, answers in (
        ("seeker", life.seeker, SEEKER_AFTER),
        ("supporter", life.supporter, SUPPORTER_AFTER),
    ):
        done = person.post("/survey/after/", answers)
        assert done.path == "/done/", done.html
        assert done.code
        life.codes[role] = done.code


def live_through(base: str, seeker_invite: str, supporter_invite: str, lines: int = len(STORY)) -> Life:
    """From both invites to both completion codes."""
    seeker, supporter = Somebody(base), Somebody(base)
    say_why_one_came(seeker, seeker_invite)
    be_qualified(supporter, supporter_invite)
    life = Life(seeker, supporter, meet(seeker, supporter))
    converse(life, lines)
    answer_afterwards(life)
    return life


def refused(person: Somebody, path: str) -> int | None:
    """Try to enter by a socket; the code it is closed with before anything but an error was said."""
    socket = person.socket(path)
    said = []
    try:
        first = (
            {"t": "hello", "v": 1} if "lobby" in path else {"t": "join", "v": 1, "last_seq": 0, "tab": TAB}
        )
        send(socket, **first)
        while True:
            said.append(json.loads(socket.recv(timeout=20)))
    except ConnectionClosed as closed:
        assert {frame["t"] for frame in said} <= {"error"}, said
        return closed.rcvd.code if closed.rcvd else None
