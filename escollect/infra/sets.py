"""Statements over many rows at once, where the ORM would send one for each or spell each out as a CASE.

Rows travel as a list of values that the statement joins, on PostgreSQL and on SQLite alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Field, Model, QuerySet

Row = Sequence[Any]
AnyModel = TypeVar("AnyModel", bound=Model)


def insert_rows(model: type[Model], columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Insert rows, whose values are in the order of `columns` (field names), in one statement.

    A JSON value is given as its text. Nothing of `save` happens: no defaults, no signals.
    """
    if not rows:
        return
    fields = get_fields(model, columns)
    names = ", ".join(_quote(field.column) for field in fields)
    place = f"({', '.join(['%s'] * len(fields))})"
    sql = f"INSERT INTO {_get_table(model)} ({names}) VALUES {', '.join([place] * len(rows))}"
    with connection.cursor() as cursor:
        cursor.execute(sql, prepare(fields, rows))


def update_rows(model: type[Model], columns: Sequence[str], rows: Sequence[Row], guard: str = "") -> int:
    """Set `columns` of rows, each given as its primary key and then the values, in one statement.

    `guard` is a further condition in SQL. Returns how many rows there were.
    """
    if not rows:
        return 0
    fields = get_fields(model, ["pk", *columns])
    table = _get_table(model)
    sets = ", ".join(f"{_quote(field.column)} = v.{_quote(field.column)}" for field in fields[1:])
    key = _quote(fields[0].column)
    where = f"{table}.{key} = v.{key}{guard and f' AND {guard}'}"
    sql = f"{with_values(fields, len(rows))} UPDATE {table} SET {sets} FROM v WHERE {where}"
    with connection.cursor() as cursor:
        cursor.execute(sql, prepare(fields, rows))
        if connection.vendor == "sqlite":
            # Its driver counts no rows of a statement that begins with WITH.
            cursor.execute("SELECT changes()")
            return int(cursor.fetchone()[0])
        return int(cursor.rowcount)


def select_ids(sql: str, fields: Sequence[Field[Any, Any]], rows: Sequence[Row]) -> list[tuple[Any, ...]]:
    """Run a SELECT that may join `v`, which holds the rows under the columns of `fields`."""
    with connection.cursor() as cursor:
        cursor.execute(f"{with_values(fields, len(rows))} {sql}", prepare(fields, rows))
        return list(cursor.fetchall())


def select_rows(
    model: type[AnyModel], sql: str, fields: Sequence[Field[Any, Any]], rows: Sequence[Row]
) -> list[AnyModel]:
    """Like `select_ids` for a SELECT of whole rows of `model`."""
    return list(
        model._default_manager.raw(f"{with_values(fields, len(rows))} {sql}", prepare(fields, rows))  # noqa: SLF001
    )


def select_from(
    name: str, rows: QuerySet[Any, Any], sql: str, params: Sequence[Any] = ()
) -> list[tuple[Any, ...]]:
    """Run a SELECT over what a queryset of `.values()` would give, which stands in the statement as `name`.

    `sql` follows the name's definition: a SELECT, or a comma and further definitions before it.
    """
    inner, given = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {name} AS ({inner}) {sql}", [*given, *params])
        return list(cursor.fetchall())


def with_values(fields: Sequence[Field[Any, Any]], count: int) -> str:
    """`WITH v (columns) AS (VALUES …)` for `count` rows; the first row tells PostgreSQL the types."""
    names = ", ".join(_quote(field.column) for field in fields)
    place = f"({', '.join(['%s'] * len(fields))})"
    first = place
    if connection.vendor == "postgresql":
        kinds = (str(field.rel_db_type(connection)).partition("(")[0] for field in fields)
        first = f"({', '.join(f'%s::{kind}' for kind in kinds)})"
    return f"WITH v ({names}) AS (VALUES {', '.join([first, *[place] * (count - 1)])})"


def prepare(fields: Sequence[Field[Any, Any]], rows: Sequence[Row]) -> list[Any]:
    """The values of rows as the database driver takes them, one after the other.

    psycopg2 takes Python's values as they are; SQLite wants ids and times spelled out.
    """
    if connection.vendor == "postgresql":
        return list(chain.from_iterable(rows))
    return [_spell(field, value) for row in rows for field, value in zip(fields, row, strict=True)]


def _spell(field: Field[Any, Any], value: Any) -> Any:
    if value is None or isinstance(value, str | int):
        return value
    return field.get_db_prep_value(value, connection)


def get_fields(model: type[Model], names: Sequence[str]) -> list[Field[Any, Any]]:
    """The fields of these names; `pk` is the primary key."""
    meta = model._meta  # noqa: SLF001 - Django's documented way to a model's fields
    found = (meta.pk if name == "pk" else meta.get_field(name) for name in names)
    return [field for field in found if isinstance(field, Field)]


def _get_table(model: type[Model]) -> str:
    return _quote(model._meta.db_table)  # noqa: SLF001


def _quote(name: str | None) -> str:
    if name is None:
        raise ValueError("a field without a column")
    return connection.ops.quote_name(name)
