"""A websocket client that costs next to nothing: enough of RFC 6455 for a load client, and no more."""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import Callable

SHORT, MEDIUM = 126, 127
TEXT, CLOSE, PING = 0x1, 0x8, 0x9
GONE = 1006


class Wire(asyncio.Protocol):
    """One socket; `on_text` gets every text frame, `on_close` the close code (1006 without one).

    Frames are masked with a key of zeros, which is a legal key and saves the client the work.
    """

    def __init__(
        self,
        path: str,
        headers: dict[str, str],
        on_text: Callable[[bytes], None],
        on_close: Callable[[int], None],
    ) -> None:
        self._path, self._headers = path, headers
        self._on_text, self._on_close = on_text, on_close
        self._transport: asyncio.Transport | None = None
        self._rest = b""
        self._code = GONE
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        lines = [f"GET {self._path} HTTP/1.1", "Upgrade: websocket", "Connection: Upgrade"]
        lines += [
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
            "Sec-WebSocket-Version: 13",
        ]
        lines += [f"{name}: {value}" for name, value in self._headers.items()]
        transport.write("\r\n".join([*lines, "", ""]).encode())

    def data_received(self, data: bytes) -> None:
        data = self._rest + data if self._rest else data
        if not self.opened.done():
            head, found, data = data.partition(b"\r\n\r\n")
            if not found:
                self._rest = head
                return
            if b" 101 " not in head.split(b"\r\n", 1)[0]:
                self.opened.set_exception(ConnectionError(head.decode("latin-1")))
                return
            self.opened.set_result(None)
        self._rest = self._take_frames(data)

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(ConnectionError("the server hung up"))
        self._on_close(self._code)

    def send(self, text: str) -> None:
        """Send one text frame."""
        self._write(TEXT, text.encode())

    def pause(self) -> None:
        """Read nothing more: a slow reader."""
        assert self._transport is not None
        self._transport.pause_reading()

    def close(self) -> None:
        """Say goodbye and hang up."""
        if self._transport is not None and not self._transport.is_closing():
            self._write(CLOSE, (1000).to_bytes(2, "big"))
            self._transport.close()

    def _write(self, kind: int, data: bytes) -> None:
        assert self._transport is not None
        size = len(data)
        if size < SHORT:
            head = bytes((0x80 | kind, 0x80 | size))
        else:
            head = bytes((0x80 | kind, 0x80 | SHORT)) + size.to_bytes(2, "big")
        self._transport.write(head + b"\0\0\0\0" + data)

    def _take_frames(self, data: bytes) -> bytes:
        """Act on every whole frame and return what is left."""
        at, end = 0, len(data)
        while end - at >= 2:
            size, start = data[at + 1] & 0x7F, at + 2
            if size == SHORT:
                size, start = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
            elif size == MEDIUM:
                size, start = int.from_bytes(data[at + 2 : at + 10], "big"), at + 10
            if start + size > end:
                break
            self._act(data[at] & 0x0F, data[start : start + size])
            at = start + size
        return data[at:]

    def _act(self, kind: int, payload: bytes) -> None:
        if kind == TEXT:
            self._on_text(payload)
        elif kind == PING:
            self._write(0xA, payload)
        elif kind == CLOSE:
            self._code = int.from_bytes(payload[:2], "big") if len(payload) >= 2 else GONE
            if self._transport is not None:
                self._transport.close()


async def connect(
    port: int,
    path: str,
    headers: dict[str, str],
    on_text: Callable[[bytes], None],
    on_close: Callable[[int], None],
) -> Wire:
    """Open a socket on this machine; raises ConnectionError when the server refuses it."""
    wire = Wire(path, {"Host": f"127.0.0.1:{port}"} | headers, on_text, on_close)
    await asyncio.get_running_loop().create_connection(lambda: wire, "127.0.0.1", port)
    await wire.opened
    return wire
