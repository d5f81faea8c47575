"""Importing a public file into a study: everything or nothing, unless bad records may be skipped."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import transaction

from escollect.audit.actions import record
from escollect.conversations.imports import Origin, add_imported
from escollect.corpus.models import Import
from escollect.corpus.reading import FileRefused, Unreadable, read_records
from escollect.domain.esconv import RecordError, Vocabulary, read_record
from escollect.domain.transcript import Transcript
from escollect.people.imports import add_pairs
from escollect.quality.actions import owe_verdicts
from escollect.quality.selectors import PolicyUnknown, get_study_policies
from escollect.studies.models import Study, StudyVersion

BATCH = 200
SHOWN = 20


class ImportRefused(ValueError):
    """Nothing of the file was imported; `errors` are the first bad records as dictionaries."""

    def __init__(self, message: str, errors: list[dict[str, Any]] | None = None) -> None:
        self.errors = errors or []
        super().__init__(message)


@dataclass
class Imported:
    """What an import did; `skipped` are the records it left out, with index, key, value and why."""

    conversations: int = 0
    utterances: int = 0
    skipped: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The result line of the command."""
        return {
            "conversations": self.conversations,
            "utterances": self.utterances,
            "skipped": self.skipped,
        }


def import_records(
    study: Study,
    path: Path,
    *,
    licence: str = "",
    skip_bad: bool = False,
    actor: str = "system",
    progress: Callable[[int], None] | None = None,
) -> Imported:
    """Import the records of a JSON array or JSON lines file into the study as finished conversations.

    The file is read twice: once to check every record before the database is touched, once to store them
    in one transaction. Texts stay verbatim. The licence is the study's unless given. Raises ImportRefused
    with the first bad records; with `skip_bad` these are left out and listed.
    """
    version = study.current
    if version is None:
        raise ImportRefused(f"The study {study.slug} has no version yet. Open it first with open_study.")
    vocabulary = _vocabulary(version)
    try:
        policies = get_study_policies(study)
        skipped = _check(path, vocabulary)
        if skipped and not skip_bad:
            raise _refusal(path, skipped)
        result = Imported(skipped=skipped)
        origin = Origin(version, path.name[:200], licence or study.licence)
        with transaction.atomic():
            for batch in _batches(path, vocabulary):
                conversations = add_imported(origin, batch, add_pairs(version, len(batch)))
                owe_verdicts(study, [one.pk for one in conversations], policies)
                result.conversations += len(batch)
                result.utterances += sum(len(one.utterances) for one in batch)
                if progress is not None:
                    progress(result.conversations)
            _note(study, path, origin, result, actor)
    except (FileRefused, PolicyUnknown) as error:
        raise ImportRefused(f"Nothing was imported. {error}") from error
    return result


def _vocabulary(version: StudyVersion) -> Vocabulary:
    words = version.settings.vocabularies
    return Vocabulary(
        emotions=frozenset(words.emotion.accepted),
        problems=frozenset(words.problem.accepted),
        experiences=frozenset(words.experience.accepted),
    )


def _read(path: Path, vocabulary: Vocabulary) -> Iterator[Transcript | RecordError]:
    for index, found in enumerate(read_records(path)):
        try:
            if isinstance(found, Unreadable):
                raise RecordError(index, "", found.text, found.why)
            yield read_record(found, index, vocabulary)
        except RecordError as error:
            yield error


def _check(path: Path, vocabulary: Vocabulary) -> list[dict[str, Any]]:
    found = _read(path, vocabulary)
    return [one.as_dict() for one in found if isinstance(one, RecordError)]


def _refusal(path: Path, errors: list[dict[str, Any]]) -> ImportRefused:
    lines = [
        f"record {one['index']}, {one['key'] or 'the record'}: {one['why']} (found {one['value']!r})"
        for one in errors[:SHOWN]
    ]
    if len(errors) > SHOWN:
        lines.append(f"and {len(errors) - SHOWN} more")
    return ImportRefused(
        f"Nothing of {path.name} was imported: {len(errors)} of its records cannot be read. Correct them, or "
        f"leave them out with --skip-bad. {'; '.join(lines)}.",
        errors,
    )


def _batches(path: Path, vocabulary: Vocabulary) -> Iterator[list[Transcript]]:
    good = (one for one in _read(path, vocabulary) if isinstance(one, Transcript))
    while batch := list(islice(good, BATCH)):
        yield batch


def _note(study: Study, path: Path, origin: Origin, result: Imported, actor: str) -> None:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    row = Import.objects.create(
        study=study,
        name=origin.source,
        sha256=digest,
        licence=origin.licence,
        conversations=result.conversations,
        utterances=result.utterances,
        skipped=[{"index": one["index"], "key": one["key"], "why": one["why"]} for one in result.skipped],
    )
    record(
        "corpus.imported",
        actor=actor,
        obj=row,
        new={"study": study.slug, "conversations": result.conversations, "sha256": digest},
    )
