"""Channel layers that deliver at once and outlive their server."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator

import pytest
from redis.exceptions import RedisError

from escollect.infra.layer import EMBEDDED_CAPACITY, EmbeddedLayer, ResilientRedisLayer
from tests.support.databases import Redis

HINT = {"type": "hint"}


@pytest.fixture
def own_redis() -> Iterator[Redis]:
    """A Redis that the test may stop."""
    with Redis() as server:
        yield server


async def test_a_message_from_another_thread_arrives_at_once() -> None:
    layer = EmbeddedLayer()
    channel = await layer.new_channel()
    await layer.group_add("room.x", channel)
    delays = []
    for _ in range(5):
        waiting = asyncio.create_task(layer.receive(channel))
        # Let the loop go to sleep in its selector, as an idle server does.
        await asyncio.sleep(0.05)
        began = time.monotonic()
        thread = threading.Thread(target=lambda: asyncio.run(layer.group_send("room.x", HINT)))
        thread.start()
        assert await waiting == HINT
        delays.append(time.monotonic() - began)
        await asyncio.to_thread(thread.join)
    assert max(delays) < 0.5


async def test_a_burst_as_large_as_the_capacity_is_kept_in_order() -> None:
    layer = EmbeddedLayer()
    channel = await layer.new_channel()
    await layer.group_add("room.x", channel)
    for number in range(EMBEDDED_CAPACITY):
        await layer.group_send("room.x", {"type": "hint", "n": number})
    received = [(await layer.receive(channel))["n"] for _ in range(EMBEDDED_CAPACITY)]
    assert received == list(range(EMBEDDED_CAPACITY))


async def test_who_left_a_group_hears_nothing() -> None:
    layer = EmbeddedLayer()
    channel = await layer.new_channel()
    await layer.group_add("room.x", channel)
    await layer.group_discard("room.x", channel)
    await layer.group_send("room.x", HINT)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(layer.receive(channel), 0.05)


def test_a_layer_outlives_the_loop_it_was_used_on() -> None:
    layer = EmbeddedLayer()

    async def talk() -> dict[str, str]:
        channel = await layer.new_channel()
        await layer.group_add("room.x", channel)
        await layer.group_send("room.x", HINT)
        return await layer.receive(channel)

    assert [asyncio.run(talk()) for _ in range(2)] == [HINT, HINT]


@pytest.mark.servers
async def test_a_receiver_waits_through_an_outage_of_redis(own_redis: Redis) -> None:
    layer = ResilientRedisLayer(own_redis.url)
    channel = await layer.new_channel()
    await layer.group_add("room.x", channel)
    waiting = asyncio.create_task(layer.receive(channel))
    await asyncio.sleep(0.2)
    own_redis.child.kill()
    await layer.group_send("room.x", HINT)
    await layer.group_add("room.x", channel)
    await layer.group_discard("room.y", channel)
    assert not waiting.done()
    await asyncio.to_thread(own_redis.start)
    # What a socket does every few seconds: join its group again and ask anew.
    async with asyncio.timeout(20):
        while not waiting.done():
            await layer.group_add("room.x", channel)
            await layer.group_send("room.x", HINT)
            await asyncio.sleep(0.1)
    assert await waiting == HINT
    await layer.close_pools()


@pytest.mark.servers
async def test_ping_tells_whether_redis_answers(own_redis: Redis) -> None:
    layer = ResilientRedisLayer(own_redis.url)
    await layer.ping()
    own_redis.child.kill()
    with pytest.raises(RedisError):
        await layer.ping()
    await layer.close_pools()
