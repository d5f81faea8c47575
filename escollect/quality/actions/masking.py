"""Words that a reviewer hides from what is published; the original stays as it was written."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from escollect.accounts.models import User
from escollect.accounts.selectors import get_actor
from escollect.audit.actions import record
from escollect.conversations.models import Conversation, Event
from escollect.domain.masking import Range, join_words
from escollect.infra.clock import now
from escollect.quality.actions.locking import lock_finished
from escollect.quality.actions.refusing import NotReviewable, check_reason
from escollect.quality.models import Mask


@transaction.atomic
def hide_words(
    conversation: Conversation, by: User, seq: int, ranges: Collection[Range], reason: str
) -> list[Mask]:
    """Hide stretches of one utterance, given as offsets in code points, from every release made from now on.

    Neighbouring words become one stretch. Raises NotReviewable (words, reason, conversation).
    """
    problems = check_reason(reason)
    if not ranges:
        problems["words"] = "Choose at least one word."
    if problems:
        raise NotReviewable(problems)
    locked = lock_finished(conversation.pk, by)
    said = Event.objects.filter(conversation=locked, seq=seq, kind=Event.Kind.MSG).first()
    if said is None or any(not 0 <= start < end <= len(said.text) for start, end in ranges):
        raise NotReviewable({"words": "These words are not in this utterance. Choose them again."})
    moment = now()
    rows = [
        Mask(conversation=locked, seq=seq, start=start, end=end, by=by, reason=reason.strip(), at=moment)
        for start, end in join_words(said.text, ranges)
    ]
    Mask.objects.bulk_create(rows)
    record(
        "utterance.words_hidden",
        actor=get_actor(by),
        obj=locked,
        new={"seq": seq, "ranges": [[row.start, row.end] for row in rows]},
        why=reason.strip(),
    )
    return rows


@transaction.atomic
def show_words(conversation: Conversation, by: User, seq: int, reason: str) -> int:
    """Publish what was hidden in one utterance again; returns how many stretches. Raises NotReviewable."""
    problems = check_reason(reason)
    if problems:
        raise NotReviewable(problems)
    locked = lock_finished(conversation.pk, by)
    rows = Mask.objects.filter(conversation=locked, seq=seq, undone_at=None)
    ranges = [[start, end] for start, end in rows.values_list("start", "end")]
    count = rows.update(undone_at=now())
    if count:
        record(
            "utterance.words_shown",
            actor=get_actor(by),
            obj=locked,
            old={"seq": seq, "ranges": ranges},
            why=reason.strip(),
        )
    return count
