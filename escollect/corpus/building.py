"""What is in a release's folder. The same release of the same database gives the same bytes."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from uuid import UUID

from django.conf import settings

from escollect.conversations.models import Conversation
from escollect.corpus import cards
from escollect.corpus.models import Release, ReleaseItem, Tombstone
from escollect.corpus.selectors import compose_statistics, get_withdrawn, published
from escollect.corpus.writing import ArrayFile, Folder
from escollect.domain.esconv import lacks, write_record
from escollect.domain.quality.verdicts import DECIDING
from escollect.domain.statistics import Statistics
from escollect.domain.transcript import Transcript
from escollect.quality.models import Verdict
from escollect.quality.relabel_report import get_corpus_agreement
from escollect.quality.selectors import get_failed

BATCH = 250
FILES: Mapping[str, str] = {
    ReleaseItem.Part.ACCEPTED: "ESConv.json",
    ReleaseItem.Part.NEGATIVE: "FailedESConv.json",
}
BY_REVIEW = "review"
SHOWN = 10


class BuildFailed(RuntimeError):
    """The folder could not be completed; the message names what stands in the way."""


@dataclass
class _Builder:
    """One build; `progress` is told the conversations written so far."""

    release: Release
    folder: Folder
    progress: Callable[[int], None] | None = None
    statistics: dict[str, Statistics] = field(default_factory=dict)
    written: int = 0

    def write_part(self, part: str) -> None:
        """The file of a part, in the frozen order. Raises BuildFailed naming what could not be written."""
        statistics = self.statistics[part] = Statistics()
        ids = self.ids(part)
        missed: list[str] = []
        with self.folder.open(FILES[part]) as file:
            array = ArrayFile(file)
            while batch := list(islice(ids, BATCH)):
                found = self._write_batch(batch, part, array, statistics)
                missed += [str(key) for key in batch if key not in found]
            array.close()
        if missed:
            raise BuildFailed(
                f"{len(missed)} of the conversations of release {self.release.version} could not be "
                f"written: {', '.join(missed[:SHOWN])}{' and others' if len(missed) > SHOWN else ''}. "
                "No files were left. If they were withdrawn or changed since, make a new version."
            )

    def ids(self, part: str) -> Iterator[UUID]:
        """The frozen list of a part, in order."""
        items = ReleaseItem.objects.filter(release=self.release, part=part).order_by("position")
        return items.values_list("conversation_id", flat=True).iterator(chunk_size=BATCH)

    def _write_batch(
        self, batch: Sequence[UUID], part: str, array: ArrayFile, statistics: Statistics
    ) -> set[UUID]:
        people = self._people(batch)
        reasons = self._reasons(batch) if part == ReleaseItem.Part.NEGATIVE else {}
        found = set()
        for transcript in published(batch):
            key = UUID(transcript.id)
            if key in people and not lacks(transcript):
                extras = {"conversation_id": transcript.id, **people[key]}
                if part == ReleaseItem.Part.NEGATIVE:
                    extras["rejection_reasons"] = reasons.get(key) or BY_REVIEW
                array.add(write_record(transcript, extras, utterance_ids(transcript)))
                statistics.add(transcript)
                found.add(key)
        self.written += len(found)
        if self.progress is not None:
            self.progress(self.written)
        return found

    def _people(self, batch: Sequence[UUID]) -> dict[UUID, dict[str, str]]:
        """Seeker and supporter of each conversation that still has its text, as hashes of this release."""
        rows = Conversation.objects.filter(pk__in=batch, state=Conversation.State.FINISHED, tombstone=None)
        return {
            key: {"seeker_id": self._hash(seeker), "supporter_id": self._hash(supporter)}
            for key, seeker, supporter in rows.values_list("pk", "seeker__person_id", "supporter__person_id")
        }

    def _hash(self, person: UUID) -> str:
        text = f"release/{self.release.study.slug}/{self.release.version}/{person}"
        key = settings.PSEUDONYM_KEY.encode()
        return "p" + hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:20]

    def _reasons(self, batch: Sequence[UUID]) -> dict[UUID, str]:
        """The rules that failed, by the deciding policy; empty where a person rejected what it accepted."""
        deciding = [one["id"] for one in self.release.policies if one["kind"] == DECIDING]
        rows = Verdict.objects.filter(conversation_id__in=batch, policy_id__in=deciding, outcome="rejected")
        return {
            key: ";".join(get_failed(rules)) for key, rules in rows.values_list("conversation_id", "rules")
        }


def utterance_ids(transcript: Transcript) -> tuple[str, ...]:
    """The id of each utterance: the conversation's, and its place in the dialog from 1."""
    return tuple(f"{transcript.id}-{k}" for k in range(1, len(transcript.utterances) + 1))


def write_release(release: Release, folder: Folder, progress: Callable[[int], None] | None = None) -> str:
    """Write every file of a frozen release; returns the hash of SHA256SUMS.

    Streams: memory holds 250 conversations. Raises BuildFailed when a conversation of the frozen list is
    missing or was withdrawn since.
    """
    withdrawn = get_withdrawn(release)
    if withdrawn:
        raise BuildFailed(
            f"{len(withdrawn)} of the conversations of release {release.version} were withdrawn since it "
            f"was made: {', '.join(map(str, withdrawn[:SHOWN]))}. It is not built again; make a new version."
        )
    builder = _Builder(release, folder, progress)
    for part in FILES:
        builder.write_part(part)
    accepted, negative = (builder.statistics[part] for part in FILES)
    _check_counts(release, {"accepted": accepted.conversations, "negative": negative.conversations})
    labelled = get_corpus_agreement(list(builder.ids(ReleaseItem.Part.ACCEPTED)))
    statistics = compose_statistics(accepted, negative, release.counts["funnel"], labelled)
    folder.write_json("statistics.json", statistics)
    folder.write_json("withdrawn.json", {"withdrawn": list(_withdrawn_before(release))})
    folder.write("README.md", cards.write_card(release, statistics))
    folder.write("LICENSE", cards.write_licence(release))
    # What the database keeps as JSON may have lost the order of its keys.
    folder.write_json("manifest.json", cards.describe(release, folder.files), sort=True)
    return folder.write_sums("SHA256SUMS")


def _check_counts(release: Release, written: Mapping[str, int]) -> None:
    for part, count in written.items():
        if release.counts[part] != count:
            raise BuildFailed(
                f"Release {release.version} counted {release.counts[part]} {part} conversations and "
                f"{count} were written. No files were left. Look at the log, or make a new version."
            )


def _withdrawn_before(release: Release) -> Iterable[dict[str, str]]:
    """Tombstones of conversations that earlier releases had."""
    rows = Tombstone.objects.filter(study=release.study, at__lte=release.created_at).filter(
        conversation__released_in__release__created_at__lt=release.created_at
    )
    for key, at in rows.distinct().order_by("conversation_id").values_list("conversation_id", "at"):
        yield {"conversation_id": str(key), "date": at.date().isoformat()}


def get_files(folder: Folder) -> list[dict[str, Any]]:
    """The files of a folder as a release row keeps them, by name."""
    return [{"name": name, **entry} for name, entry in sorted(folder.files.items())]
