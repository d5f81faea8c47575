"""The channel layer over Redis that keeps sockets open whatever happens to Redis.

It is at most once by design. Processes join their group again and again and sockets poll, so losing a hint
costs seconds; closing a socket because Redis is away would cost a conversation.
"""

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any

from channels_redis.core import RedisChannelLayer
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

REDIS_CAPACITY = 5_000
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 2.0

# What a Redis that is down, restarting, loading or unreachable raises through redis-py.
OUTAGES = (RedisError, OSError, TimeoutError)


class ResilientRedisLayer(RedisChannelLayer):  # type: ignore[misc]  # it comes without types
    """channels-redis core that survives an outage of Redis: it waits instead of raising.

    `receive` tries again with a growing pause; group calls and sends are dropped with one warning an outage.
    """

    def __init__(self, url: str, capacity: int = REDIS_CAPACITY, **kwargs: Any) -> None:
        # socket_timeout must exceed the 5 s of the blocking pop, or every idle socket is closed with 1011.
        host = {
            "address": url,
            "socket_timeout": 15,
            "socket_connect_timeout": 2,
            "health_check_interval": 30,
        }
        super().__init__(hosts=[host], capacity=capacity, **kwargs)
        self._down = False

    async def receive(self, channel: str) -> dict[str, Any]:
        pause = FIRST_PAUSE
        while True:
            try:
                message: dict[str, Any] = await super().receive(channel)
            except OUTAGES as error:
                self._note_outage(error)
                await asyncio.sleep(pause)
                pause = min(LONGEST_PAUSE, pause * 2)
            else:
                self._down = False
                return message

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        await self._or_drop(super().send(channel, message))

    async def group_add(self, group: str, channel: str) -> None:
        await self._or_drop(super().group_add(group, channel))

    async def group_discard(self, group: str, channel: str) -> None:
        await self._or_drop(super().group_discard(group, channel))

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        await self._or_drop(super().group_send(group, message))

    async def ping(self) -> None:
        """Raise when Redis does not answer; for the readiness check only."""
        await self.connection(0).ping()

    async def _or_drop(self, call: Awaitable[Any]) -> None:
        try:
            await call
        except OUTAGES as error:
            self._note_outage(error)
        else:
            self._down = False

    def _note_outage(self, error: BaseException) -> None:
        """Warn once an outage; raises CancelledError when the library took a cancellation for one."""
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise asyncio.CancelledError from error
        if not self._down:
            self._down = True
            logger.warning("Redis does not answer; sockets go on by polling: %r", error)
