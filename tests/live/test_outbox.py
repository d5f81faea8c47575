"""What a socket still has to send: in order, and not for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from escollect.live import outbox
from escollect.live.outbox import Outbox


class NarrowLine:
    """A line that is full after every `room` texts."""

    on_drain: Callable[[], None] | None = None
    on_text: Callable[[str], bool] | None = None

    def __init__(self, room: int) -> None:
        self.room = self.left = room
        self.sent: list[str] = []

    def push(self, text: str) -> bool:
        self.sent.append(text)
        self.left -= 1
        return self.left > 0

    def drain(self) -> None:
        """The client read everything."""
        self.left = self.room
        assert self.on_drain is not None
        self.on_drain()


class Slow:
    """ASGI's `send` of a server that waits until it is let go."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.go = asyncio.Event()

    async def __call__(self, message: Any) -> None:
        await self.go.wait()
        self.sent.append(message["text"])


def never() -> None:
    raise AssertionError("nobody fell behind")


async def test_a_full_line_gets_the_rest_in_order_when_it_drains() -> None:
    line = NarrowLine(2)
    box = Outbox(Slow(), line, never)
    for text in "abcde":
        box.put(text)
    assert line.sent == ["a", "b"]
    line.drain()
    assert line.sent == ["a", "b", "c", "d"]
    box.put("f")
    line.drain()
    assert "".join(line.sent) == "abcdef"


async def test_a_reader_who_falls_behind_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "FRAMES", 3)
    behind: list[str] = []
    box = Outbox(Slow(), NarrowLine(1), lambda: behind.append("behind"))
    for text in "abcd":
        box.put(text)
    assert behind == []
    box.put("e")
    assert behind == ["behind"]
    async with asyncio.timeout(1):
        await box.finish(60)


async def test_without_a_line_everything_is_sent_before_the_end() -> None:
    send = Slow()
    box = Outbox(send, None, never)
    for text in "abc":
        box.put(text)
    asyncio.get_running_loop().call_later(0.02, send.go.set)
    await box.finish(5)
    assert send.sent == ["a", "b", "c"]


async def test_the_end_waits_for_nobody_for_ever() -> None:
    send = Slow()
    box = Outbox(send, None, never)
    box.put("a")
    await box.finish(0.02)
    assert send.sent == []
