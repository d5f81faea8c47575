"""Studies as staff choose among them."""

from __future__ import annotations

from escollect.studies.models import Study


def get_studies() -> list[Study]:
    """Every study with its current version: the open ones first, then the paused, the newest first."""
    order = (Study.State.OPEN, Study.State.PAUSED, Study.State.DRAFT, Study.State.CLOSED)
    studies = Study.objects.select_related("current").order_by("-created_at", "-pk")
    return sorted(studies, key=lambda study: order.index(Study.State(study.state)))
