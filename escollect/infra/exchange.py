"""The line between processes: each has one channel in one group, and what one sends reaches all others.

Sockets have no channels of their own: joining a room costs Redis nothing, and a batch of notes is one
message. Embedded there is no other process, and nothing is sent at all.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import uuid4

from channels.layers import get_channel_layer
from django.conf import settings

from escollect.infra.background import Background

logger = logging.getLogger(__name__)

GROUP = "processes"
SEND_SECONDS = 1.0
REJOIN_SECONDS = 15.0
PAUSE_SECONDS = 1.0
CANCEL_TRIES = 40
CANCEL_SECONDS = 0.25

Told = tuple[str, dict[str, Any]]
Hear = Callable[[Sequence[tuple[str, Mapping[str, Any]]]], None]


def is_needed() -> bool:
    """Whether there are other processes that may have sockets."""
    return bool(settings.REDIS_URL)


def attend(hear: Hear) -> None:
    """From now on call `hear` on this loop with what other processes send."""
    if is_needed():
        _attendance.start(hear)


async def leave() -> None:
    """Hear nothing any more; for a loop that is about to end."""
    await _attendance.stop()


def send(notes: Sequence[Told]) -> None:
    """Send notes (topic and message, JSON values only) to the other processes; they may get lost."""
    for note in notes:
        _sender.put(note)


def flush(timeout: float = 2.0) -> bool:
    """Wait until what was sent has been handed to the channel layer."""
    return _sender.flush(timeout)


class _Attendance:
    """The task that receives, on the loop of the sockets."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self, hear: Hear) -> None:
        loop = asyncio.get_running_loop()
        if self._task is None or self._loop is not loop or self._task.done():
            self._loop = loop
            self._task = loop.create_task(_receive(hear), name="exchange")

    async def stop(self) -> None:
        """Cancel until it is over: while it connects, the Redis library may miss a cancellation."""
        task, self._task = self._task, None
        if task is None or self._loop is not asyncio.get_running_loop():
            return
        for _ in range(CANCEL_TRIES):
            if task.done():
                break
            task.cancel()
            await asyncio.wait({task}, timeout=CANCEL_SECONDS)


async def _receive(hear: Hear) -> None:
    """Receive for ever; membership of the group runs out, so it is joined again and again."""
    layer = get_channel_layer()
    if layer is None:
        return
    # A name of its own instead of `new_channel`: nothing else of this process receives.
    channel = f"process.{uuid4().hex}"
    joined_at = 0.0
    while True:
        if time.monotonic() - joined_at > REJOIN_SECONDS:
            await layer.group_add(GROUP, channel)
            joined_at = time.monotonic()
        try:
            async with asyncio.timeout(REJOIN_SECONDS):
                message = await layer.receive(channel)
        except TimeoutError:
            continue
        except Exception:
            logger.warning("nothing is heard of other processes; sockets poll", exc_info=True)
            await asyncio.sleep(PAUSE_SECONDS)
            continue
        if message.get("origin") != _origin():
            hear(message["notes"])


_names: dict[int, str] = {}


def _origin() -> str:
    """The name of this process, another one after a fork."""
    return _names.setdefault(os.getpid(), uuid4().hex)


async def _send_batch(batch: Sequence[Told]) -> None:
    layer = get_channel_layer()
    if layer is None:
        return
    plain = [topic for topic, message in batch if len(message) == 1]
    unique = [(topic, {"type": "hint"}) for topic in dict.fromkeys(plain)]
    unique += [note for note in batch if len(note[1]) > 1]
    message = {"type": "notes", "origin": _origin(), "notes": unique}
    try:
        await asyncio.wait_for(layer.group_send(GROUP, message), SEND_SECONDS)
    except Exception as error:  # noqa: BLE001 - a hint that is lost costs a poll
        logger.warning("%d hints were not sent: %r", len(unique), error)


class _Loop:
    """The sender thread's own event loop: it keeps one connection to Redis instead of one per call."""

    def __init__(self) -> None:
        self._runner: asyncio.Runner | None = None

    def run(self, batch: Sequence[Told]) -> None:
        if self._runner is None:
            self._runner = asyncio.Runner()
        self._runner.run(_send_batch(batch))


_attendance = _Attendance()
_sender: Background[Told] = Background("hints", _Loop().run)
