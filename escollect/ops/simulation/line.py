"""A websocket that comes back: heartbeats, silence, back-off, and the server's reasons to stay away."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Subprotocol

from escollect.domain.codes import Close
from escollect.domain.wire import SUBPROTOCOL, Frame
from escollect.ops.simulation.ledger import Ledger
from escollect.ops.simulation.pages import Browser

STAY_AWAY = frozenset(int(code) for code in Close if code.reconnect == "never")
GONE_AWAY = 1006
NORMAL = 1000
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0
SILENCE_SECONDS = 30.0
OPEN_SECONDS = 15.0
CLOSE_SECONDS = 1.0


def get_pause(attempt: int, rng: random.Random) -> float:
    """Seconds before try `attempt` (from 0): a share between a half and the whole of the back-off."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(attempt, 10)) * (0.5 + rng.random() / 2)


class Line:
    """One socket of one person. Subclasses say what opens it and what a frame does."""

    def __init__(self, name: str, path: str, browser: Browser, ledger: Ledger, rng: random.Random) -> None:
        parts = urlsplit(browser.base)
        self.name = name
        self.url = f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}{path}"
        self.browser, self.log, self.ledger, self.rng = browser, browser.log, ledger, rng
        self.heartbeat = 15.0
        self._socket: ClientConnection | None = None
        self._tries = 0
        self._heard_at = 0.0
        self._restart_after = 0.0
        self._asleep_until = 0.0
        self._hung_up = False

    def comes_back(self) -> bool:
        """Whether a lost line is opened again."""
        return True

    async def opened(self) -> None:
        """Say the first frame; called again after every reconnect."""
        raise NotImplementedError

    async def received(self, frame: Frame) -> None:
        """Act on a frame of the server."""
        raise NotImplementedError

    async def run(self) -> int:
        """Keep the line until it is over. Returns the close code after which one stays away."""
        while True:
            code = await self._once()
            if self._hung_up:
                return NORMAL
            self.ledger.closes[code] += 1
            if code in STAY_AWAY or not self.comes_back():
                return code
            await asyncio.sleep(self._wait(code))

    def welcomed(self) -> None:
        """The server let us in: the next failure starts with a short pause again."""
        self._tries = 0

    async def send(self, frame: Frame) -> bool:
        """Send a frame; false when there is no connection to send it over."""
        if self._socket is None:
            return False
        self.log.frame("sent", self.name, frame)
        with contextlib.suppress(ConnectionClosed):
            await self._socket.send(json.dumps(frame))
            return True
        return False

    async def hang_up(self) -> None:
        """Close the line for good."""
        self._hung_up = True
        if self._socket is not None:
            await self._socket.close()

    def drop(self, seconds: float = 0.0) -> None:
        """Lose the connection without a word, as a phone does, for some seconds."""
        self._asleep_until = time.monotonic() + seconds
        if self._socket is not None:
            self.log.note("dropped", line=self.name, seconds=round(seconds, 3))
            self._socket.transport.abort()

    async def _once(self) -> int:
        code = GONE_AWAY
        try:
            async with connect(
                self.url,
                subprotocols=[Subprotocol(SUBPROTOCOL)],
                additional_headers={"Cookie": self.browser.cookies()},
                compression=None,
                proxy=None,
                open_timeout=OPEN_SECONDS,
                close_timeout=CLOSE_SECONDS,
                ping_interval=None,
            ) as socket:
                await self._talk(socket)
                code = socket.close_code or GONE_AWAY
        except ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd else GONE_AWAY
        except (OSError, TimeoutError, WebSocketException) as error:
            self.log.note("unreachable", line=self.name, why=f"{type(error).__name__}: {error}")
        self.log.note("closed", line=self.name, code=code)
        return code

    async def _talk(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._heard_at = time.monotonic()
        self.log.note("connected", line=self.name)
        heart = asyncio.create_task(self._beat(socket))
        try:
            await self.opened()
            async for raw in socket:
                self._heard_at = time.monotonic()
                frame: dict[str, Any] = json.loads(raw)
                self.log.frame("received", self.name, frame)
                if frame["t"] == "bye":
                    self._restart_after = frame.get("after_ms", 0) / 1000
                await self.received(frame)
        finally:
            self._socket = None
            heart.cancel()

    async def _beat(self, socket: ClientConnection) -> None:
        """A ping a heartbeat; a line that is silent for too long is given up."""
        number = 0
        while True:
            await asyncio.sleep(self.heartbeat)
            if time.monotonic() - self._heard_at > max(SILENCE_SECONDS, 2 * self.heartbeat):
                self.log.note("silence", line=self.name)
                socket.transport.abort()
                return
            number += 1
            await self.send({"t": "ping", "n": number})

    def _wait(self, code: int) -> float:
        asleep = self._asleep_until - time.monotonic()
        if asleep > 0:
            return asleep
        if code == Close.RESTART:
            return self._restart_after * (1 + self.rng.random())
        self._tries += 1
        return get_pause(self._tries - 1, self.rng)
