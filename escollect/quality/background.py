"""What is known of the two people of a conversation: what they did before and after it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from escollect.audit.models import AuditRow
from escollect.audit.selectors import get_rows
from escollect.conversations.models import Conversation
from escollect.conversations.reading import VISIBLE
from escollect.people.models import Participant
from escollect.quality.models import Flag
from escollect.quality.queue import TOLD

LATEST = 8
BLOCKS = ("participant.block", "participant.unblock")


@dataclass(frozen=True, slots=True)
class Background:
    """One participant's other conversations, with how often each verdict and each kind of flag was there.

    `flags` counts what was raised in them, open or closed; `blocks` are the audit rows of blocks.
    """

    participant: Participant
    total: int
    verdicts: dict[str, int]
    flags: dict[str, int]
    latest: list[Conversation]
    blocks: list[AuditRow]


def get_backgrounds(conversation: Conversation) -> list[Background]:
    """What is known of the seeker and of the supporter; an import has nobody behind it. Eight queries."""
    if conversation.kind == Conversation.Kind.IMPORTED:
        return []
    return [_get_background(conversation, who) for who in (conversation.seeker, conversation.supporter)]


def _get_background(conversation: Conversation, participant: Participant) -> Background:
    own = Q(seeker=participant) | Q(supporter=participant)
    began = (Conversation.State.CREATED, Conversation.State.ABORTED)
    rooms = Conversation.objects.filter(own, VISIBLE).exclude(state__in=began).exclude(pk=conversation.pk)
    verdicts = Counter(rooms.order_by().values_list("verdict", flat=True))
    return Background(
        participant=participant,
        total=sum(verdicts.values()),
        verdicts=dict(sorted(verdicts.items())),
        flags=_count_flags(list(rooms.values_list("pk", flat=True))),
        latest=list(rooms.order_by("-created_at", "-pk")[:LATEST]),
        blocks=get_rows(participant, actions=BLOCKS),
    )


def _count_flags(ids: list[UUID]) -> dict[str, int]:
    kinds = Flag.objects.filter(conversation__in=ids).exclude(kind=TOLD).values_list("kind", flat=True)
    return dict(sorted(Counter(kinds).items()))
