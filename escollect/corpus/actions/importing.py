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
from escollect.corpus.reading import FileRefused, Read, Refused, read_transcripts
from escollect.domain.dialects import Dialect
from escollect.domain.esconv import Vocabulary
from escollect.domain.transcript import Transcript
from escollect.people.imports import add_pairs
from escollect.quality.actions import owe_verdicts
from escollect.quality.selectors import PolicyUnknown, get_study_policies
from escollect.studies.models import Study, StudyVersion

BATCH = 200
TELL_EVERY = 1000
SHOWN = 20

Progress = Callable[[str], None]


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


@dataclass(frozen=True)
class _Source:
    """The file that is read, as what, and who is told how far it is."""

    path: Path
    vocabulary: Vocabulary
    dialect: Dialect | None
    say: Progress

    def read(self, verb: str) -> Iterator[Read | Refused]:
        """Every record, with a line for people now and then."""
        size = max(1, self.path.stat().st_size) if self.path.is_file() else 1
        for done, one in enumerate(read_transcripts(self.path, self.vocabulary, self.dialect)):
            if done and done % TELL_EVERY == 0:
                self.say(f"{verb} {done} records, {100 * one.at.byte // size} % of the file")
            yield one

    def stamp(self) -> tuple[int, int] | None:
        """What tells that the file is still the one that was checked; None where there is no file."""
        if not self.path.is_file():
            return None
        about = self.path.stat()
        return about.st_size, about.st_mtime_ns


def import_records(
    study: Study,
    path: Path,
    *,
    licence: str = "",
    dialect: Dialect | None = None,
    skip_bad: bool = False,
    dry_run: bool = False,
    actor: str = "system",
    progress: Progress | None = None,
) -> Imported:
    """Import a file of conversations in any dialect into the study, as finished conversations.

    The file is read twice: once to check every record before the database is touched, once to store them
    in one transaction; memory holds 200 conversations and what was skipped. Texts stay verbatim. The licence
    is the study's unless given. With `dry_run` the file is only checked. Raises ImportRefused with the first
    bad records; with `skip_bad` these are left out and listed.
    """
    version = study.current
    if version is None:
        raise ImportRefused(f"The study {study.slug} has no version yet. Open it first with open_study.")
    source = _Source(path, _vocabulary(version), dialect, progress or _silent)
    origin = Origin(version, path.name[:200], licence or study.licence)
    stamp = source.stamp()
    try:
        checked = _check(source, skip_bad=skip_bad)
        if dry_run:
            return checked
        with transaction.atomic():
            result = _store(study, source, origin, checked, actor)
            if result != checked or source.stamp() != stamp:
                raise FileRefused(
                    f"{path.name} was changed while it was read. Try again when it is finished."
                )
    except (FileRefused, PolicyUnknown) as error:
        raise ImportRefused(f"Nothing was imported. {error}") from error
    return result


def _silent(_line: str) -> None:
    """Tell nobody."""


def _vocabulary(version: StudyVersion) -> Vocabulary:
    words = version.settings.vocabularies
    return Vocabulary(
        emotions=frozenset(words.emotion.accepted),
        problems=frozenset(words.problem.accepted),
        experiences=frozenset(words.experience.accepted),
    )


def _check(source: _Source, *, skip_bad: bool) -> Imported:
    """What an import would do. Without `skip_bad` raises ImportRefused naming the first bad records."""
    result, bad = Imported(), 0
    for one in source.read("checked"):
        if isinstance(one, Read):
            result.conversations += 1
            result.utterances += len(one.transcript.utterances)
            continue
        bad += 1
        if skip_bad or bad <= SHOWN:
            result.skipped.append(one.as_dict())
    if bad and not skip_bad:
        raise _refusal(source.path, result.skipped, bad)
    return result


def _refusal(path: Path, errors: list[dict[str, Any]], count: int) -> ImportRefused:
    lines = [
        f"record {one['index']}, {one['key'] or 'the record'}: {one['why']} (found {one['value']!r})"
        for one in errors
    ]
    if count > len(errors):
        lines.append(f"and {count - len(errors)} more")
    return ImportRefused(
        f"Nothing of {path.name} was imported: {count} of its records cannot be read. Correct them, or "
        f"leave them out with --skip-bad. {'; '.join(lines)}.",
        errors,
    )


def _store(study: Study, source: _Source, origin: Origin, checked: Imported, actor: str) -> Imported:
    policies = get_study_policies(study)
    result = Imported(skipped=checked.skipped)
    for batch in _batches(source):
        conversations = add_imported(origin, batch, add_pairs(origin.version, len(batch)))
        owe_verdicts(study, [one.pk for one in conversations], policies)
        result.conversations += len(batch)
        result.utterances += sum(len(one.utterances) for one in batch)
    digest = _note(study, source, origin, result, actor)
    source.say(f"stored {result.conversations} conversations under {origin.licence}, sha256 {digest}")
    return result


def _batches(source: _Source) -> Iterator[list[Transcript]]:
    good = (one.transcript for one in source.read("stored") if isinstance(one, Read))
    while batch := list(islice(good, BATCH)):
        yield batch


def _note(study: Study, source: _Source, origin: Origin, result: Imported, actor: str) -> str:
    """Leave a row about the import; returns the hash of the file."""
    with source.path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    before = Import.objects.filter(study=study, sha256=digest).order_by("-at").first()
    if before is not None:
        source.say(f"the same file was imported into {study.slug} before, as {before.name}")
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
    return digest
