"""A channel layer that outlives its server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from redis.exceptions import RedisError

from escollect.infra.layer import ResilientRedisLayer
from tests.support.databases import Redis

HINT = {"type": "hint"}


@pytest.fixture
def own_redis() -> Iterator[Redis]:
    """A Redis that the test may stop."""
    with Redis() as server:
        yield server


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
