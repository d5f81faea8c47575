"""What a socket still has to send: frames go out in order, and a reader who falls behind is let go."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from escollect.infra.line import Line

FRAMES = 2_000
"""More than a whole conversation: whoever leaves that many unread comes back and reads the database."""

Send = Callable[[Any], Awaitable[None]]


class Outbox:
    """Sends texts one after the other: down a line at once, or with ASGI's `send`, which may wait.

    What a full line does not take waits here; `overflow` is called when too much does.
    """

    def __init__(self, send: Send, line: Line | None, overflow: Callable[[], None]) -> None:
        self._send, self._line, self._overflow = send, line, overflow
        self._texts: deque[str] = deque()
        self._full = line is None
        self._empty = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        if line is not None:
            line.on_drain = self._drain

    def put(self, text: str) -> None:
        """Send a text as soon as there is room for it."""
        if self._line is not None and not self._full:
            self._full = not self._line.push(text)
        elif len(self._texts) >= FRAMES:
            self._overflow()
        else:
            self._texts.append(text)
            if self._line is None and (self._task is None or self._task.done()):
                self._task = asyncio.get_running_loop().create_task(self._pump(self._send))

    async def finish(self, seconds: float) -> None:
        """Wait until what is left was sent, for at most `seconds`; not for a reader who fell behind."""
        if self._texts and len(self._texts) < FRAMES:
            self._empty.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._empty.wait(), seconds)
        self._texts.clear()
        if self._line is not None:
            self._line.on_drain = None
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait({self._task})

    def _drain(self) -> None:
        self._full = False
        while self._texts and not self._full and self._line is not None:
            self._full = not self._line.push(self._texts.popleft())
        if not self._texts:
            self._empty.set()

    async def _pump(self, send: Send) -> None:
        while self._texts:
            await send({"type": "websocket.send", "text": self._texts[0]})
            # Only now, so that `finish` sees what is under way.
            if self._texts:
                self._texts.popleft()
        self._empty.set()
