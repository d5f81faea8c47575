from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from escollect.api.reference import get_reference


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The reference page. It shows addresses and shapes, nothing that anybody stored."""
    context = {"groups": get_reference(), "public_url": settings.PUBLIC_URL}
    return render(request, "api/reference.html", context)
