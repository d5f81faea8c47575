"""A fixed number of database threads under ASGI."""

import itertools
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import Any

from asgiref.sync import ThreadSensitiveContext

# Scope, receive, send; Channels and Django describe their messages differently.
Application = Callable[[Any, Any, Any], Awaitable[None]]

PAGE_THREADS = 4
SOCKET_THREADS = 2

_serving: ContextVar[bool] = ContextVar("serving", default=False)


def is_serving() -> bool:
    """Whether this call is made for a request or a socket of a web process, on whatever thread of it."""
    return _serving.get()


class DatabaseThreads:
    """ASGI middleware: each request and each socket does its database work on one of a fixed set of threads.

    Left alone, each HTTP request gets a fresh thread, whose persistent connection leaks, and all sockets
    share a single thread. With a fixed set of one-thread executors there are exactly as many connections,
    which CONN_MAX_AGE may keep. Pages and sockets have threads of their own, so that a page that reads a
    whole corpus holds up no conversation.
    """

    def __init__(
        self, application: Application, pages: int = PAGE_THREADS, sockets: int = SOCKET_THREADS
    ) -> None:
        self._application = application
        self._threads = {"http": _threads("page", pages), "websocket": _threads("socket", sockets)}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        threads = self._threads.get(scope["type"])
        if threads is None:
            await self._application(scope, receive, send)
            return
        token = _serving.set(True)
        try:
            async with ThreadSensitiveContext(executor=next(threads)):
                await self._application(scope, receive, send)
        finally:
            _serving.reset(token)


def _threads(name: str, count: int) -> Iterator[ThreadPoolExecutor]:
    return itertools.cycle([ThreadPoolExecutor(1, thread_name_prefix=f"{name}-{n}") for n in range(count)])
