from __future__ import annotations

from escollect.studies.models import Study, StudyVersion


def get_study(slug: str) -> Study | None:
    """The study of this slug with its current version, in whatever state."""
    return Study.objects.select_related("current").filter(slug=slug).first()


def get_open_studies() -> list[Study]:
    """The studies that take new participants, by title."""
    return list(
        Study.objects.select_related("current").filter(state=Study.State.OPEN).order_by("title", "pk")
    )


def get_studies() -> list[Study]:
    """Every study with its current version, the newest first."""
    return list(Study.objects.select_related("current").order_by("-created_at", "-pk"))


def access_open_study(slug: str) -> Study | None:
    """The study if it takes new participants, else None: a closed one looks like one that never was."""
    study = get_study(slug)
    if study is None or study.state != Study.State.OPEN or study.current is None:
        return None
    return study


def get_version(study: Study, number: int) -> StudyVersion | None:
    """One version of a study by its number, from 1."""
    return StudyVersion.objects.filter(study=study, number=number).first()


def get_versions(study: Study) -> list[StudyVersion]:
    """All versions of a study, the newest first."""
    return list(StudyVersion.objects.select_related("created_by").filter(study=study).order_by("-number"))
