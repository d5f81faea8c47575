"""Channel layers that keep sockets open: one for a single process, one for Redis.

Both are at most once by design. Sockets re-add themselves to their groups and poll, so losing a hint costs
seconds; closing a socket because Redis is away would cost a conversation.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from channels.layers import InMemoryChannelLayer
from channels_redis.core import RedisChannelLayer
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

EMBEDDED_CAPACITY = 1_000
REDIS_CAPACITY = 5_000
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 2.0
MARSHAL_SECONDS = 1.0

# What a Redis that is down, restarting, loading or unreachable raises through redis-py.
OUTAGES = (RedisError, OSError, TimeoutError)


class EmbeddedLayer(InMemoryChannelLayer):
    """The in-memory layer, safe to call from worker threads with event loops of their own.

    The stock layer puts into an `asyncio.Queue` of the websocket loop from whatever thread calls, and the
    receiver then wakes up to 0.9 s late. Here sends and group calls run on the loop the sockets live on.
    """

    def __init__(self, capacity: int = EMBEDDED_CAPACITY, **kwargs: Any) -> None:
        super().__init__(capacity=capacity, **kwargs)
        self._home: asyncio.AbstractEventLoop | None = None

    async def new_channel(self, prefix: str = "specific.") -> str:
        self._settle()
        return str(await super().new_channel(prefix))

    async def receive(self, channel: str) -> dict[str, Any]:
        self._settle()
        message: dict[str, Any] = await super().receive(channel)
        return message

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        await self._at_home(lambda: InMemoryChannelLayer.send(self, channel, message))

    async def group_add(self, group: str, channel: str) -> None:
        await self._at_home(lambda: InMemoryChannelLayer.group_add(self, group, channel))

    async def group_discard(self, group: str, channel: str) -> None:
        await self._at_home(lambda: InMemoryChannelLayer.group_discard(self, group, channel))

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        await self._at_home(lambda: InMemoryChannelLayer.group_send(self, group, message))

    def _settle(self) -> None:
        """The loop that receives is the one the queues belong to; a new loop starts with empty queues."""
        loop = asyncio.get_running_loop()
        if loop is self._home:
            return
        if self._home is not None and self._home.is_closed():
            self.channels, self.groups = {}, {}
        self._home = loop

    async def _at_home(self, call: Callable[[], Coroutine[Any, Any, None]]) -> None:
        home = self._home
        if home is None or home.is_closed() or home is asyncio.get_running_loop():
            await call()
            return
        future = asyncio.run_coroutine_threadsafe(call(), home)
        await asyncio.wait_for(asyncio.wrap_future(future), MARSHAL_SECONDS)


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
