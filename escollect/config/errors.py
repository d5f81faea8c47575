"""Errors that no view answers: JSON below /api/, a page everywhere else."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from escollect.api import errors as api
from escollect.web import errors as web

API = "/api/"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(API):
        return api.plain(400, "invalid", "This request cannot be read. Nothing was stored.")
    return web.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(API):
        return api.plain(403, "permission_denied", "This is not yours to see or do.")
    return web.forbidden(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return api.not_found(request) if request.path.startswith(API) else web.not_found(request, exception)


def broken(request: HttpRequest) -> HttpResponse:
    return api.broken() if request.path.startswith(API) else web.broken(request)
