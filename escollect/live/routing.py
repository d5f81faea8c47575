"""The addresses of the sockets."""

from __future__ import annotations

from typing import Any

from django.urls import path, re_path

from escollect.live.consumers import LobbyConsumer, NowhereConsumer, RoomConsumer

websocket_urlpatterns: list[Any] = [
    path("ws/c/<uuid:conversation>/", RoomConsumer.as_asgi()),  # type: ignore[arg-type]
    path("ws/lobby/", LobbyConsumer.as_asgi()),  # type: ignore[arg-type]
    re_path(r"", NowhereConsumer.as_asgi()),  # type: ignore[arg-type]
]
