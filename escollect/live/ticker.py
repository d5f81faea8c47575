"""The one clock of all sockets of a process."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from time import monotonic
from typing import Protocol

logger = logging.getLogger(__name__)

STEP_SECONDS = 0.25


class Ticked(Protocol):
    """Something that looks at the clock."""

    def tick(self, now: float) -> None:
        """Do what is due at `now`; called a few times a second."""


async def run(get: Callable[[], Collection[Ticked]]) -> None:
    """Tick everything there is, until nothing is left."""
    while everything := get():
        now = monotonic()
        for one in tuple(everything):
            try:
                one.tick(now)
            except Exception:
                logger.exception("the clock of a socket failed")
        await asyncio.sleep(STEP_SECONDS)
