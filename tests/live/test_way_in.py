"""The way into a room: with a pass or without, for one or for many at once, and out again when it is over."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.contrib.sessions.backends.db import SessionStore
from django.db import OperationalError

from escollect.conversations.models import Member
from escollect.domain.study import Limits
from escollect.infra.collector import Overloaded
from escollect.live import collectors, socket
from escollect.people import passes
from escollect.people.actions import block
from escollect.people.models import Participant
from tests.live.conftest import World
from tests.live.people import Client

pytestmark = pytest.mark.django_db(transaction=True)


def with_pass(world: World, who: str, age: float = 0.0, key: str | None = None) -> Client:
    """The socket of a browser with a pass that a page gave it `age` seconds ago."""
    session = world.sessions[who]
    with pytest.MonkeyPatch.context() as patch:
        then = time.time() - age
        patch.setattr(passes, "time", SimpleNamespace(time=lambda: then))
        given = passes.make_pass(getattr(world, who), Limits(), key or session)
    return Client(f"/ws/c/{world.conversation}/", f"{session}; {passes.COOKIE}={given}")


def away(*_asked: object) -> None:
    """A database that cannot be reached."""
    raise OperationalError("away")


async def test_a_pass_lets_in_without_a_look_at_the_session(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collectors, "get_identities", away)
    async with with_pass(world, "seeker") as seeker:
        assert (await seeker.join())["role"] == "seeker"
        assert (await seeker.ask(t="help", kind="tech"))["t"] == "ack"
    async with world.client("seeker") as without:
        assert await without.until(close=4113)


async def test_the_session_cookie_alone_lets_in_all_the_same(world: World) -> None:
    async with world.client("supporter") as supporter:
        assert (await supporter.join())["role"] == "supporter"


@pytest.mark.parametrize("age", [0.0, 100.0])
async def test_a_pass_of_a_session_that_ended_is_found_out_soon(world: World, age: float) -> None:
    client = with_pass(world, "seeker", age)
    await sync_to_async(SessionStore(world.sessions["seeker"]).delete)()
    async with client:
        assert await client.until(close=4010)


async def test_nothing_is_done_on_a_pass_whose_reading_is_older_than_a_minute(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collectors, "get_identities", away)
    async with with_pass(world, "seeker", age=61.0) as seeker:
        await seeker.send(t="join", v=1, last_seq=0, tab=uuid4())
        assert (await seeker.until(t="error"))["code"] == "db_unavailable"
    assert (await Member.objects.aget(participant=world.seeker)).epoch == 0


async def test_who_was_blocked_is_out_and_stores_nothing_with_an_old_pass(world: World) -> None:
    client = with_pass(world, "seeker", age=61.0)
    await sync_to_async(block)(world.seeker, None, "a test")
    async with client:
        await client.send(t="join", v=1, last_seq=0, tab=uuid4())
        assert await client.until(close=4010)
    assert (await Member.objects.aget(participant=world.seeker)).epoch == 0


async def test_who_was_blocked_after_the_handshake_is_out_within_a_minute(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "TICK_SECONDS", 0.05)
    monkeypatch.setattr(socket, "SESSION_SECONDS", 0.3)
    async with with_pass(world, "seeker") as client:
        await client.join()
        await Participant.objects.filter(pk=world.seeker.pk).aupdate(epoch=world.seeker.epoch + 1)
        assert await client.until(close=4010)


@pytest.mark.parametrize("key", ["stranger", "nobody"])
async def test_a_pass_of_another_session_is_none(world: World, key: str) -> None:
    foreign = with_pass(world, "seeker", key=world.sessions.get(key, "x" * 32))
    headers: Any = foreign.socket.scope["headers"]
    headers[0] = (b"cookie", headers[0][1].replace(world.sessions["seeker"].encode(), b"y" * 32))
    async with foreign:
        assert await foreign.until(close=4010)


@pytest.mark.parametrize("key", ["", "\x00", "x\x00y", "ключ", "'--"])
async def test_a_cookie_that_is_no_session_key_asks_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setattr(collectors, "get_identities", away)
    client = Client(f"/ws/c/{world.conversation}/", "x")
    headers: Any = client.socket.scope["headers"]
    headers[0] = (b"cookie", f"sessionid={key}".encode())
    async with client:
        assert await client.until(close=4010)


class Slow:
    """Waits at its first call until all have come, and notes how many came in each batch."""

    def __init__(self, call: Callable[[Any], Any], waiting: Any, count: int) -> None:
        self.call, self.waiting, self.count = call, waiting, count
        self.sizes: list[int] = []

    def __call__(self, batch: Sequence[Any]) -> Any:
        self.sizes.append(len(batch))
        deadline = time.monotonic() + 20
        while len(self.sizes) == 1 and len(batch) + len(self.waiting) < self.count:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        return self.call(batch)


@pytest.mark.parametrize("name", ["sessions", "sides", "joins"])
async def test_many_who_come_at_once_are_read_together(
    world: World, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    many = 12
    collector = getattr(collectors, name)
    slow = Slow(collector._handler, collector._waiting, many)
    monkeypatch.setattr(collector, "_handler", slow)
    clients = [world.client("seeker") for _ in range(many)]

    async def come(client: Client) -> None:
        await client.__aenter__()
        await client.send(t="join", v=1, last_seq=0, tab=uuid4())
        await client.until(t="joined")

    await asyncio.gather(*map(come, clients))
    assert sum(slow.sizes) == many
    assert len(slow.sizes) <= 2
    epochs = {frame["epoch"] for client in clients for frame in client.received if frame["t"] == "joined"}
    assert epochs == set(range(1, many + 1))
    newest = max(clients, key=lambda client: max(f.get("epoch", 0) for f in client.received))
    for client in clients:
        if client is not newest:
            await client.until(close=4009)
    for client in clients:
        await client.__aexit__()


@pytest.mark.parametrize("name", ["sessions", "sides", "joins"])
async def test_when_too_many_come_at_once_a_socket_comes_back_later(
    world: World, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def full(*_item: object) -> None:
        raise Overloaded(name)

    monkeypatch.setattr(getattr(collectors, name), "put", full)
    async with world.client("seeker") as seeker:
        await seeker.send(t="join", v=1, last_seq=0, tab=uuid4())
        assert (await seeker.until(t="error"))["code"] == "busy"
        assert await seeker.next() == {"close": 4113}
