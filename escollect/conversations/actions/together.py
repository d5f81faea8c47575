"""Doing something for many people at once, so that what breaks for one hurts no other."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection

logger = logging.getLogger(__name__)

Item = TypeVar("Item")
Result = TypeVar("Result")


def do_together(
    do: Callable[[Sequence[Item]], Sequence[Result]], items: Sequence[Item]
) -> list[Result | Exception]:
    """What `do` returns for the items; when it raises, it is called again for each item alone.

    An item that fails alone gets the exception as its result. Once the database cannot be reached, the rest
    is not tried.
    """
    try:
        return list(do(items))
    except Exception as error:  # noqa: BLE001 - whatever it was, a result is owed for every item
        if len(items) == 1:
            return [error]
        logger.warning("a batch of %d is done one by one: %r", len(items), error)
    results: list[Result | Exception] = []
    for item in items:
        away = bool(results) and isinstance(results[-1], OperationalError | InterfaceError)
        results += results[-1:] if away and connection.connection is None else do_together(do, [item])
    return results
