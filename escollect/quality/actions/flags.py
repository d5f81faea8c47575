"""Flags for what a person must look at, whatever the verdict says."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Concat

from escollect.conversations.models import Conversation, HelpRequest
from escollect.quality.models import Flag

BATCH = 500
MILD = frozenset({"tech"})


def flag_help() -> int:
    """Raise a flag for every call for help from a room that none stands for yet; returns how many calls.

    A call after an earlier flag of its kind was closed raises a new one. In an erased room there is nothing
    left to look at.
    """
    flags = Flag.objects.filter(
        Q(closed_at=None) | Q(raised_at__gte=OuterRef("at")),
        conversation=OuterRef("conversation"),
        kind=Concat(Value("help_"), OuterRef("kind")),
    )
    calls = HelpRequest.objects.filter(~Exists(flags), handled_at=None).exclude(
        conversation__state=Conversation.State.ERASED
    )
    rows = list(calls.order_by("at", "pk").values_list("conversation_id", "kind", "seq")[:BATCH])
    evidence: dict[tuple[UUID, str], list[int]] = {}
    for conversation_id, kind, seq in rows:
        evidence.setdefault((conversation_id, kind), []).extend([] if seq is None else [seq])
    Flag.objects.bulk_create(
        [
            Flag(
                conversation_id=conversation_id,
                kind=f"help_{kind}",
                severity=Flag.Severity.WARNING if kind in MILD else Flag.Severity.URGENT,
                evidence=seqs,
            )
            for (conversation_id, kind), seqs in evidence.items()
        ],
        ignore_conflicts=True,
    )
    return len(rows)
