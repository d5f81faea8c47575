"""The way out to one client, as a server may offer it in the scope of a socket."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

EXTENSION = "escollect.line"
"""Where the scope's extensions have the line of a socket, if the server offers one."""


class Line(Protocol):
    """Takes texts at once, without a task or a coroutine."""

    on_drain: Callable[[], None] | None
    on_text: Callable[[str], bool] | None
    """Called with a text that came, before anything else; False has it delivered as an ASGI message."""

    def push(self, text: str) -> bool:
        """Send a text. False says that the line is full from now on, until it calls `on_drain`."""
