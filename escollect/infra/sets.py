"""Statements over many rows at once, where the ORM would send one for each or spell each out as a CASE.

Rows travel as a list of values that the statement joins, on PostgreSQL and on SQLite alike.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import Any, TypeVar
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import AutoField, Field, JSONField, Model, QuerySet
from django.db.models.sql.compiler import SQLCompiler

from escollect.infra import uuids

PICK = "IN (%s)"
AT_ONCE = 1000
Row = Sequence[Any]
Statement = tuple[str, list[Any]]
"""SQL with its parameters."""
AnyModel = TypeVar("AnyModel", bound=Model)


def insert_rows(model: type[Model], columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Insert rows, whose values are in the order of `columns` (field names), in one statement.

    A JSON value is given as its text. Nothing of `save` happens: no defaults, no signals.
    """
    if rows:
        run([insertion(model, columns, rows)])


def insert_objects(objects: Sequence[Model]) -> None:
    """Insert new objects of one model, a thousand in a statement; defaults are theirs, no signals are sent.

    `bulk_create` costs several times as much, and gives back the keys that the database makes.
    """
    if not objects:
        return
    model = type(objects[0])
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, AutoField)]  # noqa: SLF001
    names = [field.name for field in fields]
    written = [(field, isinstance(field, JSONField)) for field in fields]
    for start in range(0, len(objects), AT_ONCE):
        rows = [
            [
                json.dumps(field.pre_save(one, True)) if is_json else field.pre_save(one, True)
                for field, is_json in written
            ]
            for one in objects[start : start + AT_ONCE]
        ]
        insert_rows(model, names, rows)


def update_rows(model: type[Model], columns: Sequence[str], rows: Sequence[Row], guard: str = "") -> int:
    """Set `columns` of rows, each given as its primary key and then the values, in one statement.

    `guard` is a further condition in SQL. Returns how many rows there were.
    """
    return run([updating(model, columns, rows, guard)]) if rows else 0


def run(statements: Sequence[Statement]) -> int:
    """Run statements that return no rows, on PostgreSQL on one way there and back.

    Returns how many rows the last one changed.
    """
    if connection.vendor == "postgresql":
        words = "; ".join(sql for sql, _params in statements)
        statements = [(words, [value for _sql, params in statements for value in params])]
    with connection.cursor() as cursor:
        for sql, params in statements:
            cursor.execute(sql, params)
        if connection.vendor == "sqlite":
            # Its driver counts no rows of a statement that begins with WITH.
            cursor.execute("SELECT changes()")
            return int(cursor.fetchone()[0])
        return int(cursor.rowcount)


def insertion(model: type[Model], columns: Sequence[str], rows: Sequence[Row]) -> Statement:
    """The statement of `insert_rows`, for `run`; there must be rows."""
    fields = get_fields(model, columns)
    names = ", ".join(_quote(field.column) for field in fields)
    given, params = give(fields, rows)
    return f"{given} INSERT INTO {_get_table(model)} ({names}) SELECT {names} FROM v", params


def updating(model: type[Model], columns: Sequence[str], rows: Sequence[Row], guard: str = "") -> Statement:
    """The statement of `update_rows`, for `run`; there must be rows."""
    fields = get_fields(model, ["pk", *columns])
    table = _get_table(model)
    sets = ", ".join(f"{_quote(field.column)} = v.{_quote(field.column)}" for field in fields[1:])
    key = _quote(fields[0].column)
    where = f"{table}.{key} = v.{key}{guard and f' AND {guard}'}"
    given, params = give(fields, rows)
    return f"{given} UPDATE {table} SET {sets} FROM v WHERE {where}", params


def select_ids(sql: str, fields: Sequence[Field[Any, Any]], rows: Sequence[Row]) -> list[tuple[Any, ...]]:
    """Run a SELECT that may join `v`, which holds the rows under the columns of `fields`."""
    given, params = give(fields, rows)
    with connection.cursor() as cursor:
        cursor.execute(f"{given} {sql}", params)
        return list(cursor.fetchall())


def select_rows(
    model: type[AnyModel], sql: str, fields: Sequence[Field[Any, Any]], rows: Sequence[Row]
) -> list[AnyModel]:
    """Like `select_ids` for a SELECT of whole rows of `model`."""
    given, params = give(fields, rows)
    return list(model._default_manager.raw(f"{given} {sql}", params))  # noqa: SLF001


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


class Picked:
    """A query for plain columns of the rows of a list of keys, compiled once and run many times.

    `get_rows` gives a `values_list` queryset, `column` is the field of its model that the keys are of. What
    the ORM spends on compiling would be most of what a small batch costs.
    """

    def __init__(self, get_rows: Callable[[], QuerySet[Any, Any]], column: str) -> None:
        self._get_rows, self._column = get_rows, column
        self._compiled: dict[str, tuple[str, Field[Any, Any], SQLCompiler, Any]] = {}

    def get(self, keys: Sequence[Any]) -> list[tuple[Any, ...]]:
        """The rows of these keys; of none without keys."""
        if not keys:
            return []
        if connection.vendor not in self._compiled:
            self._compiled[connection.vendor] = self._compile()
        sql, field, compiler, converters = self._compiled[connection.vendor]
        places = ", ".join(["%s"] * len(keys))
        with connection.cursor() as cursor:
            cursor.execute(sql.replace(PICK, f"IN ({places})"), prepare([field], [(key,) for key in keys]))
            found = cursor.fetchall()
        return list(map(tuple, compiler.apply_converters(found, converters))) if converters else list(found)

    def _compile(self) -> tuple[str, Field[Any, Any], SQLCompiler, Any]:
        rows = self._get_rows()
        [field] = get_fields(rows.model, [self._column])
        picked = rows.filter(**{f"{self._column}__in": [uuid4()]})
        compiler = picked.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        if len(params) != 1 or sql.count(PICK) != 1:
            raise ValueError(f"more than the keys would change in {sql}")
        return sql, field, compiler, compiler.get_converters([column[0] for column in compiler.select])


def give(fields: Sequence[Field[Any, Any]], rows: Sequence[Row]) -> tuple[str, list[Any]]:
    """`WITH v AS (…)` over rows whose columns are named as those of `fields`, and its parameters.

    PostgreSQL gets all of them as one JSON text: it takes that apart much faster than a statement with
    thousands of literals, and the statement stays the same.
    """
    if connection.vendor == "postgresql":
        return _give_json(tuple(fields)), [_as_json([str(field.column) for field in fields], rows)]
    names = ", ".join(_quote(field.column) for field in fields)
    places = ", ".join([f"({', '.join(['%s'] * len(fields))})"] * len(rows))
    return f"WITH v ({names}) AS (VALUES {places})", prepare(fields, rows)


@lru_cache
def _give_json(fields: tuple[Field[Any, Any], ...]) -> str:
    kinds = [str(field.rel_db_type(connection)) for field in fields]
    names = [_quote(field.column) for field in fields]
    # JSON inside of the JSON is a text there, and is read as JSON here.
    read = ", ".join(
        f"{name}::jsonb AS {name}" if kind == "jsonb" else name
        for name, kind in zip(names, kinds, strict=True)
    )
    columns = ", ".join(
        f"{name} {'text' if kind == 'jsonb' else kind}" for name, kind in zip(names, kinds, strict=True)
    )
    return f"WITH v AS (SELECT {read} FROM json_to_recordset(%s) AS r ({columns}))"


def _as_json(names: Sequence[str], rows: Sequence[Row]) -> str:
    named = [dict(zip(names, row, strict=True)) for row in rows]
    return json.dumps(named, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> str:
    if isinstance(value, UUID):
        return uuids.spell(value)
    if isinstance(value, datetime):
        return _isoformat(value)
    raise TypeError(f"{type(value).__name__} has no JSON form here")


@lru_cache(256)
def _isoformat(moment: datetime) -> str:
    return moment.isoformat()


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
