"""Hints to sockets: "look into the database", sent after the commit, at most once.

Nothing depends on a hint arriving: every socket also polls. So a hint never raises, never delays the
commit it follows, and is dropped when the channel layer does not take it within a second.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from channels.layers import get_channel_layer
from django.db import transaction

from escollect.infra.background import Background

logger = logging.getLogger(__name__)

SEND_SECONDS = 1.0


def room_group(conversation_id: UUID | str) -> str:
    """The group of all sockets in one room."""
    return f"room.{conversation_id}"


def lobby_group(participant_id: UUID | str) -> str:
    """The group of all lobby sockets of one participant."""
    return f"lobby.{participant_id}"


def hint(group: str, kind: str = "hint") -> None:
    """After the commit, tell every socket in `group` to read the database again.

    The sockets get `{"type": kind}`. The same hint given twice in a batch is sent once.
    """
    publish(group, {"type": kind})


def publish(group: str, message: Mapping[str, Any]) -> None:
    """After the commit, send `message` (with a `type`, JSON values only) to every socket in `group`."""
    transaction.on_commit(partial(_sender.put, (group, dict(message))), robust=True)


def flush(timeout: float = 2.0) -> bool:
    """Wait until what was committed has been handed to the channel layer (tests and short commands)."""
    return _sender.flush(timeout)


async def _send_batch(batch: Sequence[tuple[str, dict[str, Any]]]) -> None:
    layer = get_channel_layer()
    if layer is None:
        return
    unique: list[tuple[str, dict[str, Any]]] = []
    for item in batch:
        if item not in unique[-50:]:
            unique.append(item)
    sends = [asyncio.wait_for(layer.group_send(group, message), SEND_SECONDS) for group, message in unique]
    for result in await asyncio.gather(*sends, return_exceptions=True):
        if isinstance(result, BaseException):
            logger.warning("a hint was not sent: %r", result)


class _Loop:
    """The sender thread's own event loop: it keeps one connection to Redis instead of one per call."""

    def __init__(self) -> None:
        self._runner: asyncio.Runner | None = None

    def run(self, batch: Sequence[tuple[str, dict[str, Any]]]) -> None:
        if self._runner is None:
            self._runner = asyncio.Runner()
        self._runner.run(_send_batch(batch))


_sender: Background[tuple[str, dict[str, Any]]] = Background("hints", _Loop().run)
