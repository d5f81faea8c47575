"""Pages for machines: is it alive, is it ready, and its numbers."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from escollect.infra import health, metrics

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@never_cache
@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """Alive: the process answers. Touches nothing, so that a slow database does not get it restarted."""
    return JsonResponse({"status": "alive"})


@never_cache
@require_safe
def readyz(_request: HttpRequest) -> HttpResponse:
    """Ready: 200, or 503 that names every check that fails and why."""
    failing = health.run_checks()
    if failing:
        return JsonResponse({"status": "not ready", "failing": failing}, status=503)
    return JsonResponse({"status": "ready", "failing": {}})


@never_cache
@require_safe
def metrics_page(_request: HttpRequest) -> HttpResponse:
    """The numbers of this installation as Prometheus reads them; counts only, never a person."""
    return HttpResponse(metrics.render(), content_type=METRICS_TYPE)
