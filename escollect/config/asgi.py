"""The ASGI application that daphne serves: pages and REST over HTTP, rooms and lobby over websockets."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "escollect.config.settings")
django_application = get_asgi_application()

# Django must be set up before these can be imported.
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402

from escollect.infra.threads import DatabaseThreads  # noqa: E402
from escollect.live.routing import websocket_urlpatterns  # noqa: E402

application = DatabaseThreads(
    ProtocolTypeRouter({"http": django_application, "websocket": URLRouter(websocket_urlpatterns)})
)
