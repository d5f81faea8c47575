"""The same against the real server, with what only a real line can carry."""

from __future__ import annotations

import json
from collections.abc import Iterator
from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from escollect.domain.codes import Close
from tests.flows.browserless import Somebody, meet
from tests.flows.lives import be_qualified, say_why_one_came
from tests.flows.staff import Staff
from tests.support.frame_noise import KILLERS, draw, noise
from tests.support.frames import LOBBY, ROOM, check_frame
from tests.support.processes import ROOT
from tests.support.servers import Embedded

pytestmark = [pytest.mark.servers, pytest.mark.timeout(240)]

FAST = """
limits:
  utterance_rate: 10000
  utterance_burst: 100000
  frame_rate: 10000
  frame_burst: 100000
"""
OUR_CLOSES = {int(close) for close in Close} - {int(Close.INTERNAL)}
ABNORMAL = 1006
MARK = 10**14
KINDS = ("join", "msg", "msg", "rate", "help", "typing", "ping", "hello", "ready", "leave")


@pytest.fixture(scope="module")
def staff(embedded_server: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staff]:
    """The staff of a study without a brake; at the end the server's log has no trace of an error."""
    study = tmp_path_factory.mktemp("study") / "esconv.yaml"
    study.write_text((ROOT / "fixtures/studies/esconv.yaml").read_text("utf-8") + FAST, "utf-8")
    yield Staff(embedded_server, str(study))
    log = embedded_server.log()
    assert "Traceback" not in log
    # The start asks /readyz before the server is ready, and Django writes a line about that.
    assert [line for line in log.splitlines() if " ERROR " in line and "/readyz" not in line] == []


@pytest.fixture(scope="module")
def people(staff: Staff) -> tuple[Somebody, Somebody]:
    url = staff.application.url
    seeker, supporter = Somebody(url), Somebody(url)
    say_why_one_came(seeker, staff.invite("seeker"))
    be_qualified(supporter, staff.invite("supporter", qualified=True))
    return seeker, supporter


@pytest.fixture(scope="module")
def room(people: tuple[Somebody, Somebody]) -> str:
    """The address of a room's socket that both were let into."""
    return f"/ws/c/{meet(*people)}/"


class Fuzzed:
    """A real socket that is opened again whenever it was closed."""

    def __init__(self, person: Somebody, path: str, union: str) -> None:
        self.person, self.path, self.union = person, path, union
        self.marks = MARK
        self.socket: ClientConnection | None = None

    def throw(self, raw: str | bytes, *, text: bool = True) -> int | None:
        """Send one message; the close code when that was the end, None when the socket lives on."""
        socket = self.open()
        self.marks += 1
        try:
            socket.send(raw, text=text)
            socket.send(json.dumps({"t": "ping", "n": self.marks}))
            while True:
                frame = json.loads(socket.recv(timeout=20))
                check_frame(self.union, frame)
                assert frame.get("code") != "internal", raw
                if frame["t"] == "pong" and frame["n"] == self.marks:
                    return None
        except ConnectionClosed as closed:
            self.socket = None
            return closed.rcvd.code if closed.rcvd else ABNORMAL

    def open(self) -> ClientConnection:
        if self.socket is None:
            self.socket = self.person.socket(self.path)
            if self.union == ROOM:
                self.throw(json.dumps({"t": "join", "v": 1, "last_seq": 0, "tab": str(uuid4())}))
        assert self.socket is not None
        return self.socket

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()


def test_a_room_answers_everything(people: tuple[Somebody, Somebody], room: str) -> None:
    sockets = [Fuzzed(person, room, ROOM) for person in people]
    for socket in sockets:
        socket.open()
    for socket in sockets:
        codes = {socket.throw(text) for text in [*KILLERS, *draw(noise(*KINDS), 150)]}
        # More than fifty unreadable frames are closed with a code that says so.
        assert codes - {None} <= OUR_CLOSES
        assert None in codes
        assert socket.throw(b'{"t":"ping","n":1}', text=False) is None
    sockets[0].throw(json.dumps({"t": "end", "cid": str(uuid4()), "reason": "done"}))
    for socket in sockets:
        socket.close()


@pytest.mark.parametrize(
    "raw",
    [
        '{"t":"dance","x":"é'.encode()[:-1],
        b'{"t":"\xff\xfe"}',
        b'"\xed\xa0\x80"',
        b'"' + b"x" * (32 * 1024 - 1) + b'"',
        b"[" * 200_000,
    ],
    ids=["truncated UTF-8", "no UTF-8", "a surrogate in UTF-8", "32 KiB + 1", "200 KB"],
)
def test_what_is_no_message_at_all_is_closed_with_a_code_of_ours(
    people: tuple[Somebody, Somebody], raw: bytes
) -> None:
    socket = Fuzzed(people[0], "/ws/lobby/", LOBBY)
    assert socket.throw(raw) == Close.ABUSE
    assert socket.throw('{"t":"ping","n":1}') is None
    socket.close()


def test_the_lobby_answers_everything(people: tuple[Somebody, Somebody]) -> None:
    socket = Fuzzed(people[1], "/ws/lobby/", LOBBY)
    codes = {socket.throw(text) for text in [*KILLERS, *draw(noise("hello", "leave", "decline", "msg"), 60)]}
    assert codes - {None} <= OUR_CLOSES
    socket.close()
