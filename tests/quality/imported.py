"""Imported conversations for tests that need many of them, or none that were held here."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from escollect.conversations.imports import Origin, add_imported
from escollect.domain.transcript import Transcript
from escollect.people.imports import add_pairs
from escollect.studies.models import Study
from tests.domain.transcripts import transcript, turns


def add_import(study: Study, source: str, lengths: list[int], **fields: Any) -> list[UUID]:
    """Store an imported conversation of each length; the paper's policy accepts those of 16 and more."""
    made = [transcript(turns(length), id=f"id-{at}", **fields) for at, length in enumerate(lengths)]
    return add_transcripts(study, source, made)


def add_transcripts(study: Study, source: str, made: list[Transcript]) -> list[UUID]:
    """Store these transcripts as an import; nothing judges them yet."""
    assert study.current is not None
    origin = Origin(study.current, source, "CC-BY-4.0")
    rows = add_imported(origin, made, add_pairs(study.current, len(made)))
    return [row.pk for row in rows]
