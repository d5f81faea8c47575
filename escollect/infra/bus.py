"""What happened, told to the sockets: directly within a process, as a hint to the others.

A socket listens to a topic (its room, its place in the lobby). What is told goes out after the commit.
Sockets of this process get the stored rows themselves; the other processes get one hint a batch, "look into
the database", over the channel layer. Nothing depends on a hint arriving: every socket also polls. So
telling never raises and never delays the commit it follows.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import Context
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any
from uuid import UUID

from django.db import transaction

from escollect.infra import exchange

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Note:
    """What the listeners of a topic are told: a message with a `type`, and rows when they are at hand."""

    topic: str
    message: Mapping[str, Any]
    rows: Sequence[Any] = ()


Listener = Callable[[Note], None]
HINT = {"type": "hint"}
ROWS = {"type": "rows"}


@lru_cache(maxsize=4096)
def room_group(conversation_id: UUID | str) -> str:
    """The topic of all sockets in one room."""
    return f"room.{conversation_id}"


def lobby_group(participant_id: UUID | str) -> str:
    """The topic of all lobby sockets of one participant."""
    return f"lobby.{participant_id}"


class _Local:
    """Who listens in this process, and the loop they live on."""

    def __init__(self) -> None:
        self.listeners: dict[str, list[Listener]] = {}
        self.loop: asyncio.AbstractEventLoop | None = None


_local = _Local()
_thread = threading.local()


def listen(topic: str, listener: Listener) -> None:
    """Call `listener` on this loop with everything that is told on `topic` from now on."""
    loop = asyncio.get_running_loop()
    if loop is not _local.loop:
        _local.loop, _local.listeners = loop, {}
    _local.listeners.setdefault(topic, []).append(listener)
    exchange.attend(_hear)


def leave(topic: str, listener: Listener) -> None:
    """Stop listening; a listener that does not listen is no error."""
    found = _local.listeners.get(topic, [])
    if listener in found:
        found.remove(listener)
    if not found:
        _local.listeners.pop(topic, None)


def hint(topic: str, kind: str = "hint") -> None:
    """After the commit, tell every socket of `topic` to read the database again."""
    tell_after_commit([Note(topic, {"type": kind})])


def announce(rows: Mapping[str, Sequence[Any]]) -> None:
    """After the commit, hand the rows of each topic to the sockets of this process and hint at the others."""
    tell_after_commit([Note(topic, ROWS, found) for topic, found in rows.items()])


def tell_after_commit(notes: Sequence[Note]) -> None:
    """After the commit, tell the notes; at once outside of a transaction."""
    transaction.on_commit(partial(tell, notes), robust=True)


def tell(notes: Sequence[Note]) -> None:
    """Tell the notes now, here and in the other processes. Never raises, from whatever thread."""
    if exchange.is_needed():
        exchange.send([(note.topic, dict(note.message)) for note in notes])
    held: list[Note] | None = getattr(_thread, "held", None)
    if held is not None:
        held.extend(notes)
        return
    tell_here(notes)


def tell_here(notes: Sequence[Note]) -> None:
    """Tell the notes to the sockets of this process alone, soon. Never raises, from whatever thread."""
    loop = _local.loop
    if not notes or loop is None or loop.is_closed():
        return
    try:
        loop.call_soon_threadsafe(deliver, notes, context=Context())
    except RuntimeError:
        logger.debug("the loop ended before it was told")


@contextmanager
def held() -> Iterator[list[Note]]:
    """Keep what this thread tells its own process; the caller delivers it, together with its answers."""
    notes: list[Note] = []
    _thread.held = notes
    try:
        yield notes
    finally:
        _thread.held = None


def deliver(notes: Sequence[Note]) -> None:
    """Call the listeners of each note; on their loop. One that fails hurts no other."""
    for note in notes:
        for listener in tuple(_local.listeners.get(note.topic, ())):
            try:
                listener(note)
            except Exception:
                logger.exception("a listener of %s failed", note.topic)


def _hear(notes: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    """What another process told; it has no rows, so whoever listens reads the database."""
    deliver([Note(topic, message) for topic, message in notes])


def flush(timeout: float = 2.0) -> bool:
    """Wait until what was told has been handed to the channel layer (tests and short commands)."""
    return exchange.flush(timeout)
