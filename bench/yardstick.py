"""What the application is compared with: the smallest relay that Channels and daphne can be.

Two sockets a room, a group a room, every frame to the group; no database, no rules, nothing is kept.
`python -m bench.yardstick PORT [REDIS_URL]`
"""

from __future__ import annotations

import sys
from typing import Any

from daphne.server import Server  # isort: skip  it installs the reactor

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import URLRouter
from django.conf import settings
from django.urls import path


class Relay(AsyncWebsocketConsumer):  # type: ignore[misc,unused-ignore]
    """One socket of a room."""

    async def connect(self) -> None:
        self.room = f"room.{self.scope['url_route']['kwargs']['room']}"
        await self.channel_layer.group_add(self.room, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:  # noqa: ARG002
        await self.channel_layer.group_discard(self.room, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:  # noqa: ARG002
        await self.channel_layer.group_send(self.room, {"type": "relay", "text": text_data})

    async def relay(self, event: dict[str, Any]) -> None:
        """Pass a frame on."""
        await self.send(text_data=event["text"])


def main() -> None:
    """Serve on the port given; with an address of Redis over its core layer, else in memory."""
    port, redis_url = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""
    layer: dict[str, Any] = {
        "BACKEND": "channels.layers.InMemoryChannelLayer",
        "CONFIG": {"capacity": 100_000},
    }
    if redis_url:
        hosts = [{"address": redis_url, "socket_timeout": 15}]
        layer = {
            "BACKEND": "channels_redis.core.RedisChannelLayer",
            "CONFIG": {"hosts": hosts, "capacity": 100_000},
        }
    settings.configure(CHANNEL_LAYERS={"default": layer}, INSTALLED_APPS=["channels"])
    application = URLRouter([path("ws/<str:room>/", Relay.as_asgi())])  # type: ignore[arg-type,list-item]
    Server(application, endpoints=[f"tcp:port={port}:interface=127.0.0.1:backlog=2048"], verbosity=0).run()


if __name__ == "__main__":
    main()
