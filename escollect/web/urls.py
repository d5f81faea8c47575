from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("escollect.web.urls_participant")),
    path("training/", include("escollect.web.urls_training")),
    path("", include("escollect.web.urls_chat")),
    path("desk/", include("escollect.web.urls_desk")),
    path("", include("escollect.web.urls_health")),
]
