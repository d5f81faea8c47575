"""What a web process does before it ends: the doors say what, the serving command says when."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

logger = logging.getLogger(__name__)

Hook = Callable[[], Awaitable[object]]

_hooks: list[Hook] = []


def before_shutdown(hook: Hook) -> None:
    """Have `hook` awaited, on the loop of the server, before its connections are cut."""
    if hook not in _hooks:
        _hooks.append(hook)


async def drain() -> None:
    """Run every hook; one that fails hurts no other."""
    results = await asyncio.gather(*(hook() for hook in _hooks), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            logger.error("a step before the shutdown failed", exc_info=result)
