"""What people hid from what is published, as an overlay over the originals; nothing here writes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from escollect.domain.masking import Range, hide
from escollect.domain.transcript import Transcript
from escollect.quality.models import Mask

Ranges = dict[int, list[Range]]


def get_masks(conversation_ids: Collection[UUID]) -> dict[UUID, Ranges]:
    """The hidden ranges of these conversations by sequence number; lifted ones are left out."""
    found: dict[UUID, Ranges] = {}
    rows = Mask.objects.filter(conversation_id__in=conversation_ids, undone_at=None)
    for conversation_id, seq, start, end in rows.values_list("conversation_id", "seq", "start", "end"):
        found.setdefault(conversation_id, {}).setdefault(seq, []).append((start, end))
    return found


def hide_in(transcript: Transcript, ranges: Ranges) -> Transcript:
    """The transcript with the hidden ranges of its utterances replaced."""
    return replace(
        transcript,
        utterances=tuple(
            replace(one, text=hide(one.text, ranges[one.seq])) if one.seq in ranges else one
            for one in transcript.utterances
        ),
    )
