from __future__ import annotations

from django.urls import URLPattern, path

from escollect.web import chat

urlpatterns: list[URLPattern] = [
    path("lobby/", chat.lobby, name="lobby"),
    path("lobby/rest/", chat.rest, name="lobby-rest"),
    path("chat/<uuid:conversation>/", chat.room, name="chat"),
]
