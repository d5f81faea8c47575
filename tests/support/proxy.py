"""A TCP proxy between clients and web processes that can break what passes through it.

It runs on a thread with an event loop of its own; every method may be called from the test's thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

CHUNK = 4096
SLOW_CHUNK = 64
TICK_SECONDS = 1.0
CONNECT_SECONDS = 2.0
UPGRADE = b"upgrade: websocket"
FORBIDDEN = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
RESET = struct.pack("ii", 1, 0)


@dataclass(eq=False)
class Link:
    """One client's connection and its half on the server's side."""

    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    head: bytes = b""
    frozen: bool = False
    muted: bool = False
    rate: float = 0.0
    aborted: asyncio.Event = field(default_factory=asyncio.Event)

    def abort(self) -> None:
        """Reset both halves: the peers read an error, not an end."""
        self.aborted.set()
        for writer in self.writers:
            raw = writer.get_extra_info("socket")
            with contextlib.suppress(OSError):
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            writer.transport.abort()


class FaultProxy:
    """Shares connections among the ports of `backends`; one that refuses is passed over for another."""

    def __init__(self, backends: Sequence[int]) -> None:
        self.backends = list(backends)
        self.links: set[Link] = set()
        self.broken = 0
        self._rng = random.Random(0)
        self._share = 0.0
        self._without_sockets: str | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fault proxy", daemon=True)
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(10)
        self.port: int = self._server.sockets[0].getsockname()[1]
        self._ticker = asyncio.run_coroutine_threadsafe(self._tick(), self._loop)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def seed(self, seed: str) -> None:
        """Draw from now on the connections that this seed gives."""
        self._rng = random.Random(seed)

    # Faults. Each says how many connections it hit through `broken`. With `host` only those that were opened
    # under this name are hit, so that people in the same test can have lines of their own.

    def reset(self, share: float, host: str = "") -> None:
        """Reset a share of the connections now."""
        self._call(lambda: self._each(share, Link.abort, host))

    def reset_every_second(self, share: float) -> None:
        """Reset a share of the connections once a second, until `heal`."""
        self._share = share

    def freeze(self, share: float) -> None:
        """Half-open: a share of the connections swallows everything, and neither side is told."""
        self._call(lambda: self._each(share, lambda link: setattr(link, "frozen", True)))

    def mute(self, share: float, host: str = "") -> None:
        """Deliver what clients send to the server, and swallow what comes back, until `heal`."""
        self._call(lambda: self._each(share, lambda link: setattr(link, "muted", True), host))

    def block_sockets(self, host: str = "") -> None:
        """Cut the websockets and refuse new ones, until `heal`; other requests get through."""
        self._without_sockets = host
        self._call(lambda: self._each(1.0, Link.abort, host, UPGRADE))

    def slow_down(self, share: float, rate: float) -> None:
        """Let a share of the clients read `rate` bytes a second, until `heal`."""
        self._call(lambda: self._each(share, lambda link: setattr(link, "rate", rate)))

    def heal(self) -> None:
        """No more faults; what is half-open is reset, as a network that is back does."""
        self._share = 0.0
        self._without_sockets = None
        self._call(self._heal)

    def stop(self) -> None:
        """Cut everything and end the thread."""
        self._ticker.cancel()
        self._call(self._server.close)
        self._call(lambda: self._each(1.0, Link.abort))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    # On the loop.

    async def _open(self) -> asyncio.Server:
        return await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1024)

    def _call(self, act: Callable[[], object]) -> None:
        async def run() -> None:
            act()

        asyncio.run_coroutine_threadsafe(run(), self._loop).result(10)

    def _each(self, share: float, act: Callable[[Link], object], host: str = "", only: bytes = b"") -> None:
        for link in list(self.links):
            if _is_of(link, host) and only in link.head and self._rng.random() < share:
                act(link)
                self.broken += 1

    def _heal(self) -> None:
        for link in list(self.links):
            link.rate = 0.0
            if link.frozen or link.muted:
                link.abort()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            if self._share:
                self._each(self._share, Link.abort)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = Link([writer])
        try:
            head = await reader.read(CHUNK)
            link.head = head.lower()
            if self._refuses(link):
                writer.write(FORBIDDEN)
                return
            back = await self._connect()
            if back is None:
                return
            link.writers.append(back[1])
            self.links.add(link)
            back[1].write(head)
            await asyncio.gather(
                _pump(link, reader, back[1], down=False), _pump(link, back[0], writer, down=True)
            )
        except OSError:
            link.abort()
        finally:
            self.links.discard(link)
            for one in link.writers:
                one.close()

    def _refuses(self, link: Link) -> bool:
        host = self._without_sockets
        return host is not None and UPGRADE in link.head and _is_of(link, host)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        for port in self._rng.sample(self.backends, len(self.backends)):
            raw = socket.socket()
            # Small buffers, so that a slow reader is felt by the server.
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, CHUNK)
            raw.setblocking(False)
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", port))
                return await asyncio.open_connection(sock=raw, limit=CHUNK)
            except OSError:
                raw.close()
        return None


def _is_of(link: Link, host: str) -> bool:
    return not host or f"host: {host}:".encode() in link.head


async def _pump(
    link: Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, down: bool
) -> None:
    """Carry bytes one way to the end; `down` is from the server to the client."""
    while data := await reader.read(SLOW_CHUNK if down and link.rate else CHUNK):
        if link.frozen or (down and link.muted):
            continue
        if down and link.rate:
            await asyncio.sleep(len(data) / link.rate)
        writer.write(data)
        await writer.drain()
    if link.frozen:
        await link.aborted.wait()
    if writer.can_write_eof():
        with contextlib.suppress(OSError):
            writer.write_eof()
