"""Places where a web process kills itself: before a commit, after it, or after the ack before the hint.

`CHAOS_FAILPOINT` names the place and `CHAOS_AFTER` the how-manieth time it is deadly; without them
nothing happens. What counts is a transaction that stores events of a room, however the product does it.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Mapping
from typing import Any

from django.apps import AppConfig
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from escollect.infra.layer import ResilientRedisLayer

BEFORE_COMMIT, AFTER_COMMIT, BEFORE_HINT = "before-commit", "after-commit", "before-hint"
STORES_EVENTS = 'INSERT INTO "conversations_event"'
# Long enough for the ack to leave, far shorter than anything a client waits for.
ACK_SECONDS = 0.3


class Fuse:
    """Kills this process, without a word, the n-th time that `place` is reached."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._place = environment.get("CHAOS_FAILPOINT", "")
        self._left = int(environment.get("CHAOS_AFTER", "0"))
        self._lock = threading.Lock()

    def burns_at(self, place: str) -> bool:
        """Count one visit; whether it is the deadly one."""
        if place != self._place:
            return False
        with self._lock:
            self._left -= 1
            return self._left == 0

    def die(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


FUSE = Fuse(os.environ)


class Failpoints(AppConfig):
    """Watches the statements of every connection, and its commits."""

    name = "tests.chaos"

    def ready(self) -> None:
        connection_created.connect(_watch, dispatch_uid="chaos")
        plain = BaseDatabaseWrapper.commit

        def commit(connection: BaseDatabaseWrapper) -> None:
            storing = connection.__dict__.pop("stores_events", False)
            if storing and FUSE.burns_at(BEFORE_COMMIT):
                FUSE.die()
            plain(connection)
            if storing and FUSE.burns_at(AFTER_COMMIT):
                FUSE.die()

        BaseDatabaseWrapper.commit = commit  # type: ignore[assignment]


def _watch(connection: BaseDatabaseWrapper, **_kwargs: Any) -> None:
    def note(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if STORES_EVENTS in sql:
            connection.__dict__["stores_events"] = True
        return execute(sql, *rest)

    connection.execute_wrappers.append(note)


class DyingLayer(ResilientRedisLayer):
    """The product's layer; a hint may be the last thing its process ever wanted to say."""

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        if not group.startswith("lobby.") and message["type"] != "typing" and FUSE.burns_at(BEFORE_HINT):
            await asyncio.sleep(ACK_SECONDS)
            FUSE.die()
        await super().group_send(group, message)
