"""A fixed number of database threads under ASGI."""

import itertools
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from asgiref.sync import ThreadSensitiveContext

# Scope, receive, send; Channels and Django describe their messages differently.
Application = Callable[[Any, Any, Any], Awaitable[None]]

DEFAULT_THREADS = 4


class DatabaseThreads:
    """ASGI middleware: every request and every socket does its database work on one of `count` threads.

    Left alone, each HTTP request gets a fresh thread, whose persistent connection leaks, and all sockets
    share a single thread. With a fixed set of one-thread executors there are exactly `count` connections,
    which CONN_MAX_AGE may keep.
    """

    def __init__(self, application: Application, count: int = DEFAULT_THREADS) -> None:
        self._application = application
        executors = [ThreadPoolExecutor(1, thread_name_prefix=f"database-{n}") for n in range(count)]
        self._next = itertools.cycle(executors)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._application(scope, receive, send)
            return
        async with ThreadSensitiveContext(executor=next(self._next)):
            await self._application(scope, receive, send)
