"""Every address that the application answers at, with the ids of one conversation put in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.urls import get_resolver

PLACE = re.compile(r"<(?:(\w+):)?(\w+)>")


def every_address(values: Mapping[str, str]) -> list[str]:
    """All paths, of Django's admin only the front page; `values` fills places by converter or name."""

    def fill(place: re.Match[str]) -> str:
        return values.get(place[2]) or values[place[1]]

    paths = (route for route in _routes(get_resolver().url_patterns, "/") if not route.startswith("/admin/"))
    return [*(PLACE.sub(fill, path) for path in paths), "/admin/"]


def _routes(patterns: Iterable[Any], before: str) -> Iterator[str]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from _routes(pattern.url_patterns, route)
        else:
            yield route
