"""What may be published, and as what; nothing here writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings

from escollect.conversations.models import Conversation
from escollect.conversations.transcripts import get_transcripts
from escollect.corpus.funnel import get_funnel
from escollect.corpus.models import Release, ReleaseItem, Tombstone
from escollect.domain.esconv import lacks
from escollect.domain.quality.verdicts import ACCEPTED, NEEDS_REVIEW, REJECTED, SELECTED, SELECTING
from escollect.domain.statistics import Statistics
from escollect.domain.transcript import Transcript
from escollect.people.models import Consent, Participant
from escollect.quality.masks import get_masks, hide_in
from escollect.quality.models import Verdict
from escollect.quality.relabel_report import get_corpus_agreement
from escollect.quality.relabelling import get_finals, relabel_in
from escollect.quality.selectors import get_corrections, get_judgeable, get_study_policies
from escollect.studies.models import Study

BATCH = 250
Row = tuple[UUID, str, str, str, UUID, UUID, str, str]


@dataclass
class Selection:
    """What a release of today would hold, in order, and why the rest is left out (reason → count)."""

    items: list[tuple[UUID, str]] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    licences: Counter[str] = field(default_factory=Counter)

    def count(self, part: str) -> int:
        """How many conversations go into a part, accepted or negative."""
        return sum(mine == part for _, mine in self.items)


def published(conversation_ids: Iterable[UUID]) -> Iterator[Transcript]:
    """The transcripts as they are published: the originals with what reviewers corrected and hid, and the
    labels that adjudicators chose, over them.

    In the order of the ids, in batches: memory does not grow with their number.
    """
    remaining = iter(conversation_ids)
    while batch := list(islice(remaining, BATCH)):
        corrections, masks, finals = get_corrections(batch), get_masks(batch), get_finals(batch)
        for transcript in get_transcripts(batch):
            key = UUID(transcript.id)
            fields: dict[str, Any] = dict(corrections.get(key, {}))
            shown = hide_in(transcript, masks[key]) if key in masks else transcript
            shown = relabel_in(shown, finals[key]) if key in finals else shown
            yield replace(shown, **fields) if fields else shown


def select(study: Study, licence: str = "", progress: Callable[[int], None] | None = None) -> Selection:
    """What a release of the study would hold now (corpus format, section 4).

    Accepted conversations, and rejected ones that a selecting policy of the study calls negative; with
    consent to publication from both participants (an import has its licence instead), not withdrawn, and
    complete enough for the strict dialect. With `licence`, only conversations under it. In the order in
    which the conversations began. `progress` is told how many were looked at. Raises PolicyUnknown.
    """
    selecting = [policy.pk for policy in get_study_policies(study) if policy.kind == SELECTING]
    selection, looked_at = Selection(), 0
    rows = (
        get_judgeable(study)
        .order_by("created_at", "pk")
        .values_list(
            "pk",
            "kind",
            "verdict",
            "licence",
            "seeker_id",
            "supporter_id",
            "seeker__state",
            "supporter__state",
        )
        .iterator(chunk_size=BATCH)
    )
    while batch := list(islice(rows, BATCH)):
        _select_batch(batch, selecting, licence, selection)
        looked_at += len(batch)
        if progress is not None:
            progress(looked_at)
    return selection


def _select_batch(batch: Sequence[Row], selecting: list[int], licence: str, selection: Selection) -> None:
    ids = [row[0] for row in batch]
    negative = set(
        Verdict.objects.filter(
            conversation_id__in=ids, policy_id__in=selecting, outcome=SELECTED
        ).values_list("conversation_id", flat=True)
    )
    agreed = _agreed({who for row in batch for who in row[4:6]})
    withdrawn = set(
        Tombstone.objects.filter(conversation_id__in=ids).values_list("conversation_id", flat=True)
    )
    chosen: dict[UUID, tuple[str, str]] = {}
    for row in batch:
        part = _part(row, negative)
        reason = _obstacle(row, part, agreed, withdrawn, licence)
        if reason:
            selection.left_out[reason] += 1
        else:
            chosen[row[0]] = (part, row[3])
    for transcript in published(chosen):
        missing = lacks(transcript)
        part, under = chosen[UUID(transcript.id)]
        if missing:
            selection.left_out[f"the strict dialect needs more: {missing[0]}"] += 1
        else:
            selection.items.append((UUID(transcript.id), part))
            selection.licences[under] += 1


def _part(row: Row, negative: set[UUID]) -> str:
    if row[2] == ACCEPTED:
        return ReleaseItem.Part.ACCEPTED
    if row[2] == REJECTED and row[0] in negative:
        return ReleaseItem.Part.NEGATIVE
    return ""


def _obstacle(row: Row, part: str, agreed: set[UUID], withdrawn: set[UUID], licence: str) -> str:
    """Why the conversation may not be published, "" when it may."""
    key, kind, verdict, under, seeker, supporter, *states = row
    if not part:
        return {
            REJECTED: "rejected, and no negative sample",
            NEEDS_REVIEW: "a person has to decide first",
        }.get(verdict, "not judged yet")
    if key in withdrawn or Participant.State.WITHDRAWN in states:
        return "withdrawn"
    if kind != Conversation.Kind.IMPORTED and not agreed.issuperset((seeker, supporter)):
        return "no consent to publication from both"
    if licence and under != licence:
        return f"under another licence: {under}"
    return ""


def _agreed(participants: set[UUID]) -> set[UUID]:
    """Those who agreed to publication in what they last said to the consent page."""
    rows = Consent.objects.filter(participant_id__in=participants).order_by("pk")
    latest = {
        who: given and public
        for who, given, public in rows.values_list("participant_id", "given", "release_public")
    }
    return {who for who, agrees in latest.items() if agrees}


def get_statistics(study: Study) -> dict[str, Any]:
    """The numbers of a release of today, with the study's funnel. Raises PolicyUnknown."""
    selection = select(study)
    accepted, negative = Statistics(), Statistics()
    for part, statistics in ((ReleaseItem.Part.ACCEPTED, accepted), (ReleaseItem.Part.NEGATIVE, negative)):
        for transcript in published(key for key, mine in selection.items if mine == part):
            statistics.add(transcript)
    labelled = get_corpus_agreement(
        [key for key, part in selection.items if part == ReleaseItem.Part.ACCEPTED]
    )
    return compose_statistics(accepted, negative, get_funnel_json(study), labelled)


def compose_statistics(
    accepted: Statistics,
    negative: Statistics,
    funnel: Sequence[Mapping[str, Any]],
    agreement: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """The content of statistics.json: the accepted conversations' numbers, the negative ones', the funnel,
    and the agreement on the labels of the accepted ones, None where nobody relabelled them.
    """
    steps = [{"step": step["step"], "count": step["count"]} for step in funnel]
    return {**accepted.result(), "negative": negative.result(), "funnel": steps, "agreement": agreement}


def get_funnel_json(study: Study) -> list[dict[str, Any]]:
    """The study's funnel as the API and the releases give it."""
    return [{"step": step.step, "count": step.count} for step in get_funnel(study)]


def get_release_folder(release: Release) -> Path:
    """Where the files of a release lie once it is ready."""
    return Path(settings.RELEASES_DIR) / f"release-{release.study.slug}-{release.version}"


def get_withdrawn(release: Release) -> list[UUID]:
    """Conversations of this release that were withdrawn since it was frozen."""
    rows = Tombstone.objects.filter(conversation__released_in__release=release).order_by("conversation_id")
    return list(rows.values_list("conversation_id", flat=True))
