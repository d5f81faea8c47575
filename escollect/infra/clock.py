"""The one clock that deadlines are judged by: the database's."""

import datetime
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import DateTimeField, Func


class Now(Func):
    """`now()` as a column of a query; NULL where the process's clock is the database's."""

    template = "clock_timestamp()"
    output_field = DateTimeField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """No clock there."""
        return super().as_sql(compiler, connection, template="NULL", **extra)


def now(using: str = DEFAULT_DB_ALIAS) -> datetime.datetime:
    """The database's time in UTC.

    Several machines may serve one database, so their own clocks must not decide who was late. SQLite
    runs inside this process and has no clock of its own, so there the process's clock is the database's.
    Inside a transaction time goes on (it is not the time at which the transaction began).
    """
    connection = connections[using]
    if connection.vendor != "postgresql":
        return datetime.datetime.now(datetime.UTC)
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime.datetime = cursor.fetchone()[0]
    return moment.astimezone(datetime.UTC)
