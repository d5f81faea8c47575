"""Releases as staff find them."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from django.db.models import Count

from escollect.corpus.models import Release, Tombstone
from escollect.corpus.selectors import get_release_folder
from escollect.studies.models import Study


def get_releases(study: Study) -> list[Release]:
    """The releases of a study, the newest first."""
    rows = Release.objects.filter(study=study).select_related("study", "study_version", "created_by")
    return list(rows.order_by("-created_at", "-pk"))


def count_withdrawn(study: Study) -> dict[UUID, int]:
    """How many conversations were withdrawn since, by release; releases without any are missing."""
    rows = Tombstone.objects.filter(study=study, conversation__released_in__isnull=False)
    counts = rows.values_list("conversation__released_in__release").annotate(count=Count("pk"))
    return dict(counts.order_by())


def access_release(release_id: UUID) -> Release:
    """A release with its study. Raises Release.DoesNotExist."""
    return Release.objects.select_related("study", "study_version", "created_by").get(pk=release_id)


def access_file(release: Release, name: str) -> Path:
    """Where a file of a ready release lies. Raises LookupError for a name that the release does not list."""
    listed = {str(entry["name"]) for entry in release.files}
    path = get_release_folder(release) / name
    if release.state != Release.State.READY or name not in listed or not path.is_file():
        raise LookupError(f"Release {release.version} has no file {name}.")
    return path
