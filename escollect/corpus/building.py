"""What is in a release's folder. The same release of the same database gives the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from uuid import UUID

from escollect.conversations.models import Conversation
from escollect.corpus import cards, croissant, pictures
from escollect.corpus.codebook import write_codebook
from escollect.corpus.layouts import convokit
from escollect.corpus.layouts.base import SPLITS, Entry, Layout
from escollect.corpus.layouts.typed import has_parquet, open_typed, write_parquet
from escollect.corpus.models import Release, ReleaseItem, Tombstone
from escollect.corpus.numbers_page import write_page
from escollect.corpus.pseudonyms import choose_split, count_overlap, get_speakers, hash_person
from escollect.corpus.selectors import compose_statistics, get_withdrawn, published
from escollect.corpus.writing import ArrayFile, Folder
from escollect.domain.esconv import lacks, write_record
from escollect.domain.figures import draw_all
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
PARQUET, PNG = "parquet", "png"
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

    def write_part(self, part: str, *layouts: Layout) -> None:
        """The file of a part, in the frozen order, and the same in other layouts.

        Raises BuildFailed naming what could not be written.
        """
        self.statistics[part] = Statistics()
        ids = self.ids(part)
        missed: list[str] = []
        with self.folder.open(FILES[part]) as file:
            array = ArrayFile(file)
            while batch := list(islice(ids, BATCH)):
                found = self._write_batch(batch, part, array, layouts)
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
        self, batch: Sequence[UUID], part: str, array: ArrayFile, layouts: Sequence[Layout]
    ) -> set[UUID]:
        people = self._people(batch)
        reasons = self._reasons(batch) if part == ReleaseItem.Part.NEGATIVE else {}
        found = set()
        for transcript in published(batch):
            key = UUID(transcript.id)
            if key in people and not lacks(transcript):
                names, split = people[key]
                ids = {"conversation_id": transcript.id, **names}
                extras = dict(ids)
                if part == ReleaseItem.Part.NEGATIVE:
                    extras["rejection_reasons"] = reasons.get(key) or BY_REVIEW
                entry = Entry(transcript, ids, utterance_ids(transcript), split)
                array.add(write_record(transcript, extras, entry.utterance_ids))
                for layout in layouts:
                    layout.add(entry)
                self.statistics[part].add(transcript)
                found.add(key)
        self.written += len(found)
        if self.progress is not None:
            self.progress(self.written)
        return found

    def _people(self, batch: Sequence[UUID]) -> dict[UUID, tuple[dict[str, str], str]]:
        """Of each conversation that still has its text: who they are in this release, and the split."""
        rows = Conversation.objects.filter(pk__in=batch, state=Conversation.State.FINISHED, tombstone=None)
        return {
            key: (
                {
                    "seeker_id": hash_person(self.release, seeker),
                    "supporter_id": hash_person(self.release, supporter),
                },
                choose_split(supporter),
            )
            for key, seeker, supporter in rows.values_list("pk", "seeker__person_id", "supporter__person_id")
        }

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
    optional = _choose_optional(release)
    builder = _Builder(release, folder, progress)
    with open_typed(folder) as typed, convokit.open_convokit(folder) as corpus:
        builder.write_part(ReleaseItem.Part.ACCEPTED, typed, corpus)
    builder.write_part(ReleaseItem.Part.NEGATIVE)
    accepted, negative = (builder.statistics[part] for part in FILES)
    _check_counts(release, {"accepted": accepted.conversations, "negative": negative.conversations})
    if PARQUET in optional:
        write_parquet(folder)
    convokit.write_speakers(folder, get_speakers(release))
    convokit.write_heads(folder, cards.name_release(release))
    labelled = get_corpus_agreement(list(builder.ids(ReleaseItem.Part.ACCEPTED)))
    statistics = compose_statistics(accepted, negative, release.counts["funnel"], labelled)
    _write_numbers(folder, statistics, pictured=PNG in optional)
    folder.write_json("withdrawn.json", {"withdrawn": list(_withdrawn_before(release))})
    folder.write("codebook.md", write_codebook(release))
    splits = cards.Splits({split: typed.counts[split] for split in SPLITS}, **count_overlap(release))
    folder.write("README.md", cards.write_card(release, statistics, splits))
    folder.write("LICENSE", cards.write_licence(release))
    folder.write_json("croissant.json", croissant.describe(release, folder.files))
    # What the database keeps as JSON may have lost the order of its keys.
    folder.write_json("manifest.json", cards.describe(release, folder.files), sort=True)
    return folder.write_sums("SHA256SUMS")


def _choose_optional(release: Release) -> set[str]:
    """The files that need the publishing extra: those of the first build, else what can be made here.

    Raises BuildFailed where the release has some that cannot be made here.
    """
    able = {kind for kind, can in ((PARQUET, has_parquet()), (PNG, pictures.has_png())) if can}
    if not release.files:
        return able
    wanted = {kind for kind in (PARQUET, PNG) for one in release.files if one["name"].endswith(f".{kind}")}
    if wanted - able:
        raise BuildFailed(
            f"Release {release.version} has {' and '.join(sorted(wanted - able))} files, which cannot be "
            "made here. Nothing was written. Install requirements-publishing.txt and build again."
        )
    return wanted


def _write_numbers(folder: Folder, statistics: Mapping[str, Any], *, pictured: bool) -> None:
    drawings = draw_all(statistics)
    pictures.write_svgs(folder, drawings)
    if pictured:
        pictures.write_pngs(folder, drawings)
    folder.write_json("statistics.json", statistics)
    folder.write("statistics.md", write_page(statistics, drawings))


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
