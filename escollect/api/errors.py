"""Every error of the REST interface is `{code, detail, fields?}`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.http import HttpRequest, JsonResponse
from rest_framework import status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from escollect.domain.events import Refused

CONFLICTS = frozenset({"blocked", "deadline", "state", "study_closed", "withdrawn"})
INVALID = "Some values are missing or wrong. Nothing was stored; see fields."


class Conflict(APIException):
    """What was asked does not fit what is there."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = "This does not fit what is stored. Nothing was changed."
    default_code = "conflict"


class TooLarge(APIException):
    """The body is longer than we read."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The body is too large. Nothing was stored."
    default_code = "too_large"


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """The answer to an exception of a view; None for those that are bugs."""
    if isinstance(error, Refused):
        return _refused(error)
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, ValidationError):
        response.data = _invalid(error)
    else:
        response.data = {"code": _code(error, response), "detail": str(response.data["detail"])}
    return response


def plain(status_code: int, code: str, detail: str) -> JsonResponse:
    """The same shape where no view was reached."""
    return JsonResponse({"code": code, "detail": detail}, status=status_code)


def not_found(request: HttpRequest) -> JsonResponse:
    """The answer to an address below /api/ that does not exist."""
    return plain(404, "not_found", f"There is nothing at {request.path}. The addresses are in /api/v1/docs/.")


def broken() -> JsonResponse:
    """The answer when something failed on our side."""
    return plain(500, "internal", "Something went wrong on our side. What was stored before is kept.")


def _refused(error: Refused) -> Response:
    code = status.HTTP_409_CONFLICT if error.code in CONFLICTS else status.HTTP_400_BAD_REQUEST
    body: dict[str, Any] = {"code": error.code, "detail": error.message}
    if error.fields:
        body["fields"] = {name: [text] for name, text in error.fields.items()}
    return Response(body, status=code)


def _code(error: Exception, response: Response) -> str:
    if isinstance(error, APIException):
        return str(error.get_codes())
    return "not_found" if response.status_code == status.HTTP_404_NOT_FOUND else "permission_denied"


def _invalid(error: ValidationError) -> dict[str, Any]:
    if not isinstance(error.detail, Mapping):
        texts = " ".join(str(text) for text in error.detail)
        return {"code": "invalid", "detail": texts}
    fields: dict[str, list[str]] = {}
    for name, text in _flat(error.detail):
        fields.setdefault(name, []).append(text)
    return {"code": "invalid", "detail": INVALID, "fields": fields}


def _flat(detail: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Nested errors under dotted names."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            yield from _flat(inner, f"{prefix}.{name}" if prefix else str(name))
    elif isinstance(detail, list):
        for inner in detail:
            yield from _flat(inner, prefix)
    else:
        yield prefix, str(detail)
