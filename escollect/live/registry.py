"""Every socket this process serves, so that a restart can say goodbye to all of them."""

from __future__ import annotations

import asyncio
from typing import Protocol

RESTART_MS = 500


class Drainable(Protocol):
    """A socket that can be told that the process is about to end; `closed` is set when it is."""

    closed: asyncio.Event

    def hang_up_for_restart(self, after_ms: int) -> None:
        """Ask the socket to say `bye` and close with 4201."""


_sockets: set[Drainable] = set()
_draining = False


def add(socket: Drainable) -> None:
    """Remember a socket until `discard`; one that comes while draining is sent away at once."""
    _sockets.add(socket)
    if _draining:
        socket.hang_up_for_restart(RESTART_MS)


def discard(socket: Drainable) -> None:
    """Forget a socket that is closed."""
    _sockets.discard(socket)


def count() -> int:
    """How many sockets this process serves."""
    return len(_sockets)


async def drain(seconds: float = 3.0) -> int:
    """Say `bye restart` to every socket and wait up to `seconds` until they are closed.

    Runs on the loop the sockets live on. Returns how many were still open at the end.
    """
    global _draining  # noqa: PLW0603 - one process, one door
    _draining = True
    for socket in list(_sockets):
        socket.hang_up_for_restart(RESTART_MS)
    if _sockets:
        waits = [asyncio.ensure_future(socket.closed.wait()) for socket in _sockets]
        _done, pending = await asyncio.wait(waits, timeout=seconds)
        for wait in pending:
            wait.cancel()
    return len(_sockets)


def reopen() -> None:
    """Take sockets again after a drain that did not end the process (tests)."""
    global _draining  # noqa: PLW0603
    _draining = False
