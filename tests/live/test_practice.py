"""A practice chat over the socket: the scripted seeker is there and answers; the room closes by itself."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from asgiref.sync import sync_to_async

from escollect.conversations import actions
from escollect.domain.codes import Close
from escollect.infra import bus
from escollect.live import registry
from escollect.training.selectors import has_qualification
from tests.live.people import Client, make_session
from tests.support.practices import MOVED, STEPS, WELL, make_trainee, use_scripts

pytestmark = pytest.mark.django_db(transaction=True)
RESULT = "/training/practice/result/"


@pytest.fixture(autouse=True)
def scripts(monkeypatch: pytest.MonkeyPatch) -> Any:
    use_scripts(monkeypatch, MOVED)
    yield
    registry.reopen()
    bus.flush()


def begin() -> tuple[Any, UUID, str]:
    """A trainee, their room and their session."""
    trainee = make_trainee()
    return trainee, actions.begin_practice(trainee), make_session(trainee)


async def hear(client: Client, text: str) -> None:
    """Read on until the seeker says this."""
    await client.until(t="event", kind="msg", **{"from": "seeker"}, text=text)


async def test_the_whole_chat_goes_over_the_socket_and_leads_to_the_look_back() -> None:
    trainee, room, session = await sync_to_async(begin)()
    async with Client(f"/ws/c/{room}/", session) as client:
        joined = await client.join()
        assert (joined["role"], joined["state"], joined["partner"]) == ("supporter", "live", "online")
        await hear(client, MOVED.opening)
        for strategy, step in zip(WELL, STEPS, strict=True):
            answer = await client.ask(t="msg", text="A reply.", strategy=strategy, seen=2)
            assert answer["t"] == "ack"
            if not [f for f in client.received if f.get("text") == step.then]:
                await hear(client, step.then)
        redirect = await client.until(t="redirect")
        assert (redirect["path"], redirect["why"]) == (RESULT, "finished")
        assert await client.next() == {"close": int(Close.OVER)}
    events = [frame for frame in client.received if frame.get("t") == "event"]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert [event["kind"] for event in events] == ["state", "msg", *["msg", "msg"] * 3, "state"]
    assert await sync_to_async(has_qualification)(trainee)


async def test_a_reload_goes_on_where_the_chat_was() -> None:
    _trainee, room, session = await sync_to_async(begin)()
    async with Client(f"/ws/c/{room}/", session) as client:
        await client.join()
        await client.ask(t="msg", text="A reply.", strategy="Question", seen=2)
    async with Client(f"/ws/c/{room}/", session) as client:
        assert (await client.join())["last_seq"] == 4
        await hear(client, STEPS[0].then)


async def test_ending_early_leads_to_the_look_back_too() -> None:
    trainee, room, session = await sync_to_async(begin)()
    async with Client(f"/ws/c/{room}/", session) as client:
        await client.join()
        await client.send(t="end", cid=uuid4(), reason="leave")
        assert (await client.until(t="redirect"))["path"] == RESULT
    assert not await sync_to_async(has_qualification)(trainee)


async def test_help_is_not_acked_where_nobody_would_come() -> None:
    _trainee, room, session = await sync_to_async(begin)()
    async with Client(f"/ws/c/{room}/", session) as client:
        await client.join()
        answer = await client.ask(t="help", kind="unsafe")
        assert (answer["t"], answer["code"]) == ("nack", "state")
