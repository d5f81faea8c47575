"""Waiting for a partner: taking the place, keeping it, accepting the offer."""

from __future__ import annotations

import asyncio
import random

from escollect.domain.wire import VERSION, Frame
from escollect.ops.simulation.ledger import Ledger
from escollect.ops.simulation.line import NORMAL, Line
from escollect.ops.simulation.pace import Pace
from escollect.ops.simulation.pages import Browser

PATH = "/ws/lobby/"


class Lobby(Line):
    """The lobby's socket of one person; `path` is where to go when it is over."""

    def __init__(self, browser: Browser, ledger: Ledger, rng: random.Random, pace: Pace) -> None:
        super().__init__("lobby", PATH, browser, ledger, rng)
        self.pace = pace
        self.goal = ""
        self._answering: asyncio.Task[None] | None = None

    async def wait(self) -> str:
        """Wait until there is a partner or no more hope; returns the path to go on with."""
        try:
            code = await self.run()
        finally:
            if self._answering is not None:
                self._answering.cancel()
        # Whoever may not wait is told so by the close code; the page says what comes first.
        return self.goal if code == NORMAL and self.goal else "/next/"

    async def opened(self) -> None:
        await self.send({"t": "hello", "v": VERSION})

    async def received(self, frame: Frame) -> None:
        kind = frame["t"]
        if kind == "offer":
            self._answering = asyncio.create_task(self._accept(frame["offer"]))
        elif kind == "prompt":
            await self.send({"t": "hello", "v": VERSION})
        elif kind in {"matched", "closed"}:
            self.goal = frame["path"]
            await self.hang_up()
        elif kind == "waiting":
            self.welcomed()

    async def _accept(self, offer: str) -> None:
        await self.pace.rest(1.0, 2.5)
        await self.send({"t": "ready", "offer": offer})
