from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("escollect.api.urls")),
    path("admin/", admin.site.urls),
    path("", include("escollect.web.urls")),
]

handler400 = "escollect.config.errors.bad_request"
handler403 = "escollect.config.errors.forbidden"
handler404 = "escollect.config.errors.not_found"
handler500 = "escollect.config.errors.broken"
