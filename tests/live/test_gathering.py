"""Requests store together with the sockets of their process; too much at once may be sent again."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest
from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.db import OperationalError

from escollect.conversations import actions, gathering
from escollect.conversations.models import Event
from escollect.domain.wire import Command, Reply, refusal
from escollect.infra import collector
from escollect.infra.threads import DatabaseThreads
from escollect.live import collectors
from tests.live.conftest import World
from tests.support.rooms import say

pytestmark = pytest.mark.django_db(transaction=True)

pages = DatabaseThreads(get_asgi_application(), pages=2)


async def post(world: World, who: str, *texts: str, cids: Sequence[UUID] = ()) -> list[dict[str, object]]:
    """The replies to utterances that a browser without websockets sends."""
    named = zip(cids or [uuid4() for _ in texts], texts, strict=True)
    frames = [{"t": "msg", "cid": str(cid), "text": text, "seen": 1} for cid, text in named]
    content = json.dumps({"commands": frames}).encode()
    token = "a" * 32
    cookie = f"{settings.SESSION_COOKIE_NAME}={world.sessions[who]}; csrftoken={token}"
    headers = {
        "host": "127.0.0.1",
        "content-type": "application/json",
        "content-length": str(len(content)),
        "cookie": cookie,
        "x-csrftoken": token,
    }
    scope = {
        "type": "http",
        "method": "POST",
        "path": f"/api/v1/c/{world.conversation}/commands",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    request: Any = ApplicationCommunicator(pages, scope)  # type: ignore[no-untyped-call]
    await request.send_input({"type": "http.request", "body": content})
    start = await request.receive_output(20)
    assert start["status"] == 200, start
    body = b""
    while True:
        part = await request.receive_output(20)
        body += part.get("body", b"")
        if not part.get("more_body"):
            break
    await request.wait(20)
    replies: list[dict[str, object]] = json.loads(body)["replies"]
    return replies


class Held:
    """Stores as ever, but waits before each batch until it is let go, and notes the texts of the batches."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.begun = threading.Semaphore(0)
        self.go = threading.Semaphore(0)
        self.submit = actions.submit

    def __call__(self, commands: Sequence[Command]) -> list[Reply]:
        self.batches.append([getattr(command.body, "text", "") for command in commands])
        self.begun.release()
        assert self.go.acquire(timeout=20)
        return self.submit(commands)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    """The storing thread, which waits."""
    handler = Held()
    monkeypatch.setattr(actions, "submit", handler)
    yield handler
    handler.go.release(100)
    collectors.messages.flush(20)


async def until_waiting(count: int) -> None:
    """Wait until that many commands wait for the next batch."""
    async with asyncio.timeout(20):
        while len(gathering.messages._waiting) < count:  # noqa: ASYNC110  nobody tells
            await asyncio.sleep(0.005)


async def test_a_request_is_stored_in_one_batch_with_what_the_sockets_say(world: World, held: Held) -> None:
    async with world.client("seeker") as seeker, world.client("supporter") as supporter:
        await seeker.join()
        await supporter.join()
        cid = uuid4()
        await supporter.send(t="msg", cid=cid, text="First", strategy="Question", seen=1)
        await asyncio.to_thread(held.begun.acquire)
        request = asyncio.ensure_future(post(world, "seeker", "Second", "Third"))
        await until_waiting(2)
        await supporter.send(t="msg", cid=uuid4(), text="Fourth", strategy="Question", seen=1)
        await until_waiting(3)
        held.go.release(2)
        assert [(reply["t"], reply["seq"]) for reply in await request] == [("ack", 3), ("ack", 4)]
        heard = [(await supporter.until(kind="msg"))["text"] for _ in range(4)]
        assert heard == ["First", "Second", "Third", "Fourth"]
        assert [(await seeker.until(kind="msg"))["text"] for _ in range(4)] == heard
    assert held.batches == [["First"], ["Second", "Third", "Fourth"]]


async def test_what_a_request_alone_stores_reaches_the_sockets(world: World) -> None:
    async with world.client("seeker") as seeker, world.client("supporter") as supporter:
        await seeker.join()
        await supporter.join()
        await supporter.until(kind="state")
        assert [reply["t"] for reply in await post(world, "seeker", "By REST.")] == ["ack"]
        assert (await supporter.until(kind="msg"))["text"] == "By REST."


async def test_when_too_much_waits_a_socket_is_told_to_send_again_and_nothing_is_lost(
    world: World, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world.client("seeker") as seeker, world.client("supporter") as supporter:
        await seeker.join()
        await supporter.join()
        monkeypatch.setattr(collector, "QUEUE", 1)
        cids = [uuid4() for _ in range(3)]
        for n, cid in enumerate(cids):
            await seeker.send(t="msg", cid=cid, text=str(n), strategy=None, seen=1)
            if n == 0:
                await asyncio.to_thread(held.begun.acquire)
        busy = await seeker.until(t="nack")
        assert (busy["cid"], busy["code"], busy["retry"]) == (str(cids[2]), "busy", True)
        assert busy["after_ms"] > 0
        held.go.release(100)
        for cid in cids[:2]:
            assert (await seeker.until(cid=str(cid)))["t"] == "ack"
        again = await seeker.ask(t="msg", cid=cids[2], text="2", strategy=None, seen=1)
        assert (again["t"], again["dup"]) == ("ack", False)
        assert [(await supporter.until(kind="msg"))["text"] for _ in cids] == ["0", "1", "2"]


async def test_when_too_much_waits_a_request_is_told_to_send_again(
    world: World, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world.client("seeker") as seeker, world.client("supporter") as supporter:
        await seeker.join()
        await supporter.join()
        monkeypatch.setattr(collector, "QUEUE", 1)
        cids = [uuid4(), uuid4()]
        replies = await post(world, "seeker", "One", "Two", cids=cids)
        assert [(reply["code"], reply["retry"]) for reply in replies] == [("busy", True)] * 2
        monkeypatch.setattr(collector, "QUEUE", 10)
        held.go.release(100)
        replies = await post(world, "seeker", "One", "Two", cids=cids)
        assert [(reply["t"], reply["dup"]) for reply in replies] == [("ack", False)] * 2
    assert await Event.objects.filter(kind="msg").acount() == 2


async def test_a_request_that_waited_too_long_may_be_sent_again_and_is_stored_once(
    world: World, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "WAIT_SECONDS", 0.05)
    async with world.client("seeker") as seeker, world.client("supporter") as supporter:
        await seeker.join()
        await supporter.join()
        cid = uuid4()
        (late,) = await post(world, "seeker", "Slow.", cids=[cid])
        assert (late["code"], late["retry"]) == ("db_unavailable", True)
        held.go.release(100)
        await asyncio.to_thread(gathering.messages.flush, 20)
        monkeypatch.setattr(gathering, "WAIT_SECONDS", 20)
        (again,) = await post(world, "seeker", "Slow.", cids=[cid])
        assert (again["t"], again["dup"]) == ("ack", True)
    assert await Event.objects.filter(kind="msg").acount() == 1


@pytest.mark.parametrize(
    ("error", "code", "retry"),
    [(OSError("a bug"), "internal", False), (OperationalError("away"), "db_unavailable", True)],
)
async def test_a_batch_that_breaks_is_a_refusal_to_its_requests(
    world: World, monkeypatch: pytest.MonkeyPatch, error: Exception, code: str, retry: bool
) -> None:
    def broken(_commands: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(actions, "submit", broken)
        (reply,) = await post(world, "seeker", "Hello?")
    assert (reply["t"], reply["code"], reply["retry"]) == ("nack", code, retry)


async def test_outside_of_a_web_process_commands_are_stored_here_and_now(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[int] = []

    def note(commands: Sequence[Command]) -> list[Reply]:
        threads.append(threading.get_ident())
        return [refusal(command.body.cid, "state") for command in commands]

    monkeypatch.setattr(actions, "submit", note)

    def run() -> int:
        gathering.submit_together([Command(world.conversation, world.seeker.pk, None, say("Hi"))])
        return threading.get_ident()

    here = await asyncio.to_thread(run)
    assert threads == [here]
