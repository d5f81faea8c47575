"""Pages of long lists by key: page 1,000 costs what page 1 costs, and a row that arrives shifts nothing."""

from __future__ import annotations

import base64
import datetime
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Slice(Generic[Row]):
    """One page: its rows, and the cursors of the pages around it ("" where there is none)."""

    rows: list[Row]
    next: str = ""
    previous: str = ""


def get_slice(queryset: QuerySet[Row], keys: Sequence[str], cursor: str = "", size: int = 50) -> Slice[Row]:
    """The page of `queryset` that `cursor` asks for, in the order of `keys`.

    `keys` are field or annotation names, "-" for descending; together they must be unique and never
    null. A cursor that cannot be read means the first page: lists are never an error page.
    """
    back, values = _read(cursor, len(keys))
    order = [_flip(key) for key in keys] if back else list(keys)
    found = queryset.order_by(*order)
    if values is not None:
        try:
            rows = list(found.filter(_after(order, values))[: size + 1])
        except (TypeError, ValueError, OverflowError, ValidationError):
            back, values, rows = False, None, list(queryset.order_by(*keys)[: size + 1])
    else:
        rows = list(found[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    if back:
        rows.reverse()
    if not rows:
        return Slice(rows)
    has_next = more if not back else True
    has_previous = more if back else values is not None
    return Slice(
        rows,
        next=_write("n", rows[-1], keys) if has_next else "",
        previous=_write("p", rows[0], keys) if has_previous else "",
    )


def is_cursor(cursor: str, keys: Sequence[str]) -> bool:
    """Whether `get_slice` can read this cursor, for callers who would rather refuse another one."""
    return _read(cursor, len(keys))[1] is not None


def _flip(key: str) -> str:
    return key[1:] if key.startswith("-") else f"-{key}"


def _after(order: Sequence[str], values: Sequence[Any]) -> Q:
    """Rows that come after `values`: greater in the first key, or equal in it and greater in the rest."""
    condition = Q()
    for at, key in enumerate(order):
        name = key.removeprefix("-")
        equal = {k.removeprefix("-"): v for k, v in zip(order[:at], values[:at], strict=True)}
        condition |= Q(**equal, **{f"{name}__{'lt' if key.startswith('-') else 'gt'}": values[at]})
    return condition


def _write(direction: str, row: Model, keys: Sequence[str]) -> str:
    values = [_plain(getattr(row, key.removeprefix("-"))) for key in keys]
    data = json.dumps([direction, *values], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime.datetime):
        return {"at": value.isoformat()}
    return str(value) if isinstance(value, uuid.UUID) else value


def _time(text: str) -> datetime.datetime:
    moment = datetime.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    # A moment that UTC does not have is one that no database has.
    return moment.astimezone(datetime.UTC)


def _read(cursor: str, length: int) -> tuple[bool, list[Any] | None]:
    """Whether the cursor goes backwards, and its values; None where it cannot be read."""
    try:
        direction, *values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        read = [_time(v["at"]) if isinstance(v, dict) else v for v in values]
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return False, None
    if len(read) != length or direction not in {"n", "p"}:
        return False, None
    return direction == "p", read
