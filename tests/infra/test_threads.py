"""Database work under ASGI happens on a fixed number of threads."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from asgiref.sync import sync_to_async

from escollect.infra.threads import DatabaseThreads


async def test_pages_and_sockets_have_a_fixed_number_of_threads_each() -> None:
    seen: dict[tuple[str, int], set[int]] = {}

    async def application(scope: Any, _receive: Any, _send: Any) -> None:
        for _ in range(3):
            thread = await sync_to_async(threading.get_ident)()
            seen.setdefault((scope["type"], scope["n"]), set()).add(thread)

    served = DatabaseThreads(application, pages=3, sockets=2)
    kinds = ["http", "websocket"]

    async def silent() -> None:
        return None

    async def ignore(_message: Any) -> None:
        return None

    await asyncio.gather(*(served({"type": kinds[n % 2], "n": n}, silent, ignore) for n in range(30)))
    # One request stays on one thread, so that a transaction stays on one connection.
    assert all(len(threads) == 1 for threads in seen.values())
    pages, sockets = (set().union(*(seen[key] for key in seen if key[0] == kind)) for kind in kinds)
    assert (len(pages), len(sockets), pages & sockets) == (3, 2, set())
