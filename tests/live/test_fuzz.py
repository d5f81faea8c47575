"""Whatever comes in, the answer is an ack, a nack, an error, or a close that our clients know."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from asgiref.sync import sync_to_async

from escollect.conversations.models import Event
from escollect.domain.codes import Close
from escollect.domain.events import Role
from escollect.domain.frames import Refusal, Typing, parse_lobby, parse_room
from escollect.domain.study import Limits
from escollect.infra import bus
from escollect.live import socket
from tests.live.people import Client, make_session
from tests.support.frame_noise import KILLERS, draw, noise
from tests.support.rooms import Pair, make_pair, make_study

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(120)]

ROOM = ("join", "msg", "rate", "end", "help", "typing", "ping")
LIVE = ("join", *("msg",) * 4, "rate", "help", "typing", "ping")
LOBBY = ("hello", "ready", "decline", "leave", "ping")
OUR_CLOSES = {int(close) for close in Close} - {int(Close.INTERNAL)}
MARK = 10**14
FAST = Limits(utterance_rate=10_000, utterance_burst=100_000, frame_rate=10_000, frame_burst=100_000)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a socket read as much nonsense as it likes."""
    monkeypatch.setattr(socket, "MALFORMED_LIMIT", 10**6)


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Two people with an offer that both said ready to, in a study without a brake."""
    yield make_pair(make_study(limits=FAST)).meet().get_ready()
    bus.flush()


class Fuzzed:
    """A socket that is thrown at; `closes` has the codes it was closed with."""

    def __init__(self, path: str, session: str, joins: bool) -> None:
        self.path, self.session, self.joins = path, session, joins
        self.client: Client | None = None
        self.marks = MARK
        self.closes: list[int] = []

    async def open(self) -> Client:
        if self.client is None:
            self.client = await Client(self.path, self.session).__aenter__()
            if self.joins:
                await self.client.send(t="join", v=1, last_seq=0, tab=uuid4())
        return self.client

    async def close(self) -> None:
        if self.client is not None:
            client, self.client = self.client, None
            await client.__aexit__()

    async def throw(self, text: str | None = None, data: bytes | None = None) -> list[dict[str, Any]]:
        """Everything that came back for one frame; a ping after it marks the end."""
        client = await self.open()
        self.marks += 1
        await client.socket.send_input({"type": "websocket.receive", "text": text, "bytes": data})
        await client.send(t="ping", n=self.marks)
        answers: list[dict[str, Any]] = []
        while True:
            frame = await client.next()
            if frame.get("t") == "pong" and frame["n"] == self.marks:
                return answers
            answers.append(frame)
            if "close" in frame:
                self.closes.append(frame["close"])
                await self.close()
                return answers


def check_answers(parsed: object, answers: list[dict[str, Any]], text: str) -> None:
    """A frame that nobody can read is answered with its code; any other is answered, too.

    A close is an answer to everything that was under way.
    """
    about = [answer for answer in answers if answer.get("t") not in {"event", "presence"}]
    assert all(answer.get("close", 4005) in OUR_CLOSES for answer in answers), (text, answers)
    assert not any(answer.get("code") == "internal" for answer in answers), (text, answers)
    if any("close" in answer for answer in answers):
        return
    if isinstance(parsed, Refusal):
        cid = {"cid": str(parsed.cid)} if parsed.cid else {}
        found = [(answer.get("t"), answer.get("code"), answer.get("cid")) for answer in about]
        assert ("nack" if cid else "error", parsed.code, cid.get("cid")) in found, (text, answers)
    elif not isinstance(parsed, Typing):
        assert about, text


async def fuzz_room(room: Fuzzed, count: int, kinds: tuple[str, ...]) -> None:
    for text in [*KILLERS, *draw(noise(*kinds), count)]:
        check_answers(parse_room(text), await room.throw(text), text)
    check_answers(Refusal("bad_frame"), await room.throw(data=b'{"t":"ping","n":1}'), "binary")
    check_answers(Refusal("too_large"), await room.throw(" " * (32 * 1024 + 1)), "32 KiB + 1")


async def get_session(pair: Pair, role: Role) -> str:
    return await sync_to_async(make_session)(pair.of(role))


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the server found worth more than a line of information."""
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def room_path(conversation: UUID) -> str:
    return f"/ws/c/{conversation}/"


async def test_a_live_room_answers_everything_and_keeps_its_sequence(
    pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    path = room_path(pair.conversation)
    seeker = Fuzzed(path, await get_session(pair, Role.SEEKER), joins=True)
    supporter = Fuzzed(path, await get_session(pair, Role.SUPPORTER), joins=True)
    await seeker.throw("{}")
    for room in (supporter, seeker):
        await fuzz_room(room, 200, LIVE)
    await seeker.throw(json.dumps({"t": "end", "cid": str(uuid4()), "reason": "done"}))
    for room in (supporter, seeker):
        await room.close()
    seqs = [seq async for seq in Event.objects.order_by("seq").values_list("seq", flat=True)]
    assert seqs == list(range(1, len(seqs) + 1))
    assert len(seqs) > 10
    assert set(seeker.closes) | set(supporter.closes) <= {Close.OVER}
    assert errors(caplog) == []


async def test_a_room_answers_everything_before_the_join(
    pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    room = Fuzzed(room_path(pair.conversation), await get_session(pair, Role.SEEKER), joins=False)
    await fuzz_room(room, 100, tuple(kind for kind in ROOM if kind != "join"))
    assert room.closes == []
    await room.close()
    assert not await Event.objects.aexists()
    assert errors(caplog) == []


async def test_a_room_that_is_over_answers_everything(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    sessions = [await get_session(pair, role) for role in Role]
    sockets = [Fuzzed(room_path(pair.conversation), session, joins=True) for session in sessions]
    await sockets[0].throw("{}")
    await sockets[1].throw(json.dumps({"t": "end", "cid": str(uuid4()), "reason": "done"}))
    before = await Event.objects.acount()
    for room in sockets:
        await room.close()
    late = Fuzzed(room_path(pair.conversation), sessions[0], joins=False)
    await fuzz_room(late, 80, ROOM)
    await late.close()
    assert set(late.closes) == {Close.OVER}
    assert await Event.objects.acount() == before
    assert errors(caplog) == []


async def test_the_lobby_answers_everything(caplog: pytest.LogCaptureFixture) -> None:
    alone = await sync_to_async(make_pair)(await sync_to_async(make_study)(limits=FAST))
    lobby = Fuzzed("/ws/lobby/", await get_session(alone, Role.SUPPORTER), joins=False)
    for text in [*KILLERS, *draw(noise(*LOBBY), 120)]:
        check_answers(parse_lobby(text), await lobby.throw(text), text)
    check_answers(Refusal("bad_frame"), await lobby.throw(data=b"\xff"), "binary")
    await lobby.close()
    assert set(lobby.closes) <= {Close.VERSION}
    assert errors(caplog) == []
