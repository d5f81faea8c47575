"""How an event reaches the partner: handed over after the commit, read when one is missing."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError

from escollect.conversations import actions
from escollect.conversations.actions.locked import NewEvent
from escollect.domain.wire import Command
from escollect.infra import bus
from escollect.live import collectors, socket
from tests.live.conftest import World
from tests.live.people import Client
from tests.support.rooms import say

pytestmark = pytest.mark.django_db(transaction=True)


async def meet(*clients: Client) -> None:
    """Everybody joins and has seen the room go live."""
    for client in clients:
        await client.join()
    for client in clients:
        await client.until(kind="state", state="live")


async def test_an_utterance_reaches_the_partner_without_a_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_asked: object) -> None:
        raise OperationalError("away")

    async with world.client("seeker") as seeker, world.client("supporter") as supporter:
        await meet(seeker, supporter)
        monkeypatch.setattr(collectors, "get_news", away)
        said = await seeker.ask(t="msg", text="Hello.", strategy=None, seen=1)
        assert (await supporter.until(kind="msg"))["seq"] == said["seq"]


async def test_what_another_door_stores_reaches_both_sockets(world: World) -> None:
    async with world.client("seeker") as seeker, world.client("supporter") as supporter:
        await meet(seeker, supporter)
        command = Command(world.conversation, world.seeker.pk, None, say("By REST."))
        await sync_to_async(actions.submit)([command])
        for client in (seeker, supporter):
            assert (await client.until(kind="msg"))["text"] == "By REST."


async def test_a_gap_is_filled_from_the_database(world: World) -> None:
    async with world.client("seeker") as seeker, world.client("supporter") as supporter:
        await meet(seeker, supporter)

        def store(text: str) -> list[bus.Note]:
            with bus.held() as handed:
                actions.submit([Command(world.conversation, world.seeker.pk, None, say(text))])
            return handed

        for text in ("One", "Two"):
            last = await sync_to_async(store)(text)
        bus.deliver(last)
        assert [(await supporter.until(kind="msg"))["text"] for _ in range(2)] == ["One", "Two"]


async def test_what_was_sent_is_not_sent_again(world: World) -> None:
    async with world.client("seeker") as seeker, world.client("supporter") as supporter:
        await meet(seeker, supporter)
        handed: list[bus.Note] = []
        bus.listen(bus.room_group(world.conversation), handed.append)
        await seeker.ask(t="msg", text="Once.", strategy=None, seen=1)
        bus.deliver([*handed, replace(handed[-1], rows=()), *handed])
        await supporter.send(t="ping", n=5)
        await supporter.until(t="pong", n=5)
        seqs = [frame["seq"] for frame in supporter.received if frame.get("t") == "event"]
        assert seqs == [1, 2]


async def test_a_hint_of_another_process_is_enough(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "TICK_SECONDS", 60.0)
    async with world.client("supporter") as supporter, world.client("seeker") as seeker:
        await meet(seeker, supporter)
        command = Command(world.conversation, world.seeker.pk, None, say("From elsewhere."))

        def store_elsewhere() -> None:
            with bus.held():
                actions.submit([command])

        await sync_to_async(store_elsewhere)()
        bus.deliver([bus.Note(bus.room_group(world.conversation), bus.HINT)])
        assert (await supporter.until(kind="msg"))["text"] == "From elsewhere."


async def test_many_commands_in_flight_are_answered_in_order(world: World) -> None:
    async with world.client("seeker") as seeker, world.client("supporter") as supporter:
        await meet(seeker, supporter)
        commands = [say(str(n)) for n in range(5)]
        for command in commands:
            await seeker.send(t="msg", cid=command.cid, text=command.text, strategy=None, seen=1)
        acks = [await seeker.until(t="ack", cid=str(command.cid)) for command in commands]
        assert [ack["seq"] for ack in acks] == [2, 3, 4, 5, 6]
        heard = [await supporter.until(kind="msg") for _ in commands]
        assert [(frame["seq"], frame["text"]) for frame in heard] == [(n + 2, str(n)) for n in range(5)]


async def test_a_client_that_does_not_read_is_let_go_and_resumes_from_the_database(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("escollect.live.outbox.FRAMES", 5)
    async with world.client("seeker") as seeker, world.client("supporter") as supporter:
        await meet(seeker, supporter)
        supporter_room = bus.room_group(world.conversation)
        # Faster than any task can send: the outbox fills within one turn of the loop.
        flood = [bus.Note(supporter_room, {"type": "typing", "from": "seeker", "on": True})] * 20
        bus.deliver(flood)
        await asyncio.sleep(0)
        assert await supporter.until(close=4113)
        said = await seeker.ask(t="msg", text="Are you there?", strategy=None, seen=1)
        async with world.client("supporter") as back:
            await back.join(last_seq=1)
            assert (await back.until(kind="msg"))["seq"] == said["seq"]


def test_an_event_at_hand_looks_like_one_that_was_read() -> None:
    names = {"seq", "kind", "author", "at", "text", "strategy", "value", "payload"}
    assert names <= set(NewEvent.__slots__)
