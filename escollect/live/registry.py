"""Every socket this process serves: their clock, and a goodbye to all of them at a restart."""

from __future__ import annotations

import asyncio
from typing import Protocol

from escollect.infra import collector
from escollect.live import ticker

RESTART_MS = 500


class Registered(ticker.Ticked, Protocol):
    """A socket that can be told that the process is about to end; `closed` is set when it is."""

    closed: asyncio.Event

    def hang_up_for_restart(self, after_ms: int) -> None:
        """Ask the socket to say `bye` and close with 4201."""


class _Process:
    """The sockets of this process and the task that is their clock."""

    def __init__(self) -> None:
        self.sockets: set[Registered] = set()
        self.draining = False
        self.clock: asyncio.Task[None] | None = None

    def start_clock(self) -> None:
        loop = asyncio.get_running_loop()
        if self.clock is None or self.clock.done() or self.clock.get_loop() is not loop:
            self.clock = loop.create_task(ticker.run(lambda: self.sockets), name="sockets")


_process = _Process()


def add(socket: Registered) -> None:
    """Remember a socket until `discard`; one that comes while draining is sent away at once."""
    _process.sockets.add(socket)
    _process.start_clock()
    if _process.draining:
        socket.hang_up_for_restart(RESTART_MS)


def discard(socket: Registered) -> None:
    """Forget a socket that is closed."""
    _process.sockets.discard(socket)


def count() -> int:
    """How many sockets this process serves."""
    return len(_process.sockets)


async def drain(seconds: float = 3.0) -> int:
    """Answer what was sent, say `bye restart` to every socket and wait up to `seconds` until they are closed.

    Runs on the loop the sockets live on. Returns how many were still open at the end.
    """
    _process.draining = True
    await collector.flush_all()
    for socket in list(_process.sockets):
        socket.hang_up_for_restart(RESTART_MS)
    if _process.sockets:
        waits = [asyncio.ensure_future(socket.closed.wait()) for socket in _process.sockets]
        _done, pending = await asyncio.wait(waits, timeout=seconds)
        for wait in pending:
            wait.cancel()
    return len(_process.sockets)


def reopen() -> None:
    """Take sockets again after a drain that did not end the process (tests)."""
    _process.draining = False
