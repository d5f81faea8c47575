"""UUIDs to and from PostgreSQL, each spelled and read once while it is in use.

A message names a handful of ids and each several times, so that the driver's own way of making a fresh
object for each of them took a third of the time that storing takes.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from uuid import UUID

from psycopg2 import extensions

KEPT = 8_192
UUID_OID = 2950


@lru_cache(KEPT)
def spell(value: UUID) -> str:
    """The usual spelling, with hyphens."""
    return str(value)


@lru_cache(KEPT)
def _quote(value: UUID) -> bytes:
    return f"'{value}'::uuid".encode()


@lru_cache(KEPT)
def _read(text: str) -> UUID:
    return UUID(text)


def _cast(text: str | None, _cursor: Any) -> UUID | None:
    return None if text is None else _read(text)


class _Quoted:
    """What psycopg2 asks for the SQL of a value."""

    __slots__ = ("_value",)

    def __init__(self, value: UUID) -> None:
        self._value = value

    def getquoted(self) -> bytes:
        return _quote(self._value)

    def __conform__(self, _protocol: Any) -> _Quoted:
        return self


def register() -> None:
    """Take the place of the driver's adapter and typecaster, in all connections of this process."""
    extensions.register_adapter(UUID, _Quoted)
    extensions.register_type(extensions.new_type((UUID_OID,), "UUID", _cast))
