"""Work that must not happen twice at the same time, on however many machines."""

from __future__ import annotations

from zlib import crc32

from django.db import DEFAULT_DB_ALIAS, connections


def one_at_a_time(name: str, using: str = DEFAULT_DB_ALIAS) -> None:
    """Wait for every other transaction that said the same name; the turn ends with this transaction.

    SQLite has one writer at a time anyway.
    """
    connection = connections[using]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [crc32(name.encode())])
