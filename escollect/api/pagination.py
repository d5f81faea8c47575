from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from escollect.infra.keyset import Slice, get_slice, is_cursor

if TYPE_CHECKING:  # the framework imports this module while it makes its views
    from rest_framework.views import APIView

CURSOR, SIZE = "cursor", "page_size"
DEFAULT_SIZE, MAX_SIZE = 25, 100
NEWEST_FIRST = ("-created_at", "-id")


class CursorPagination(BasePagination):
    """Pages as `{next, previous, results}`; page 1,000 costs what page 1 costs.

    A view's `ordering` names the keys, which together must be unique.
    """

    page: Slice[Any]
    url: str

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        keys = getattr(view, "ordering", NEWEST_FIRST)
        cursor = request.query_params.get(CURSOR, "")
        if cursor and not is_cursor(cursor, keys):
            remedy = "This cursor cannot be read. Follow next and previous as they were given."
            raise ValidationError({CURSOR: [remedy]})
        self.url = request.build_absolute_uri()
        self.page = get_slice(queryset, keys, cursor, _read_size(request))
        return self.page.rows

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {
                "next": self._link(self.page.next),
                "previous": self._link(self.page.previous),
                "results": data,
            }
        )

    def _link(self, cursor: str) -> str | None:
        return replace_query_param(self.url, CURSOR, cursor) if cursor else None

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:  # noqa: ARG002
        return [
            _parameter(CURSOR, "string", "where the page begins: taken from next and previous"),
            _parameter(SIZE, "integer", f"rows a page, {DEFAULT_SIZE} unless told, at most {MAX_SIZE}"),
        ]


def _parameter(name: str, kind: str, note: str) -> dict[str, Any]:
    return {"name": name, "required": False, "in": "query", "description": note, "schema": {"type": kind}}


def _read_size(request: Request) -> int:
    given = request.query_params.get(SIZE, str(DEFAULT_SIZE))
    # The length is looked at first: no number of a thousand digits is ever read.
    if not (given.isascii() and given.isdigit() and len(given) <= 9 and 1 <= int(given) <= MAX_SIZE):
        raise ValidationError({SIZE: [f"This must be a number from 1 to {MAX_SIZE}."]})
    return int(given)
