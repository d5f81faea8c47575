"""What quality gives up when a conversation is erased: everything that tells what was in it."""

from __future__ import annotations

from escollect.conversations.models import Conversation
from escollect.domain.quality.rules import FINDINGS
from escollect.infra.clock import now
from escollect.quality.actions.relabelling import lock_items
from escollect.quality.models import (
    Appeal,
    Claim,
    Finding,
    Fingerprint,
    Flag,
    Item,
    Mask,
    QcJob,
    Review,
    SecondOpinion,
    SimulatedChange,
    Verdict,
)


def forget_conversation(conversation: Conversation) -> None:
    """Drop what was measured and said about an erased conversation; how it was decided stays a count.

    The values and sentences of verdicts are the participants' own answers, and a reason may quote them. Where
    words were hidden there are none any more; an appeal stays as a count. Findings with their flags and the
    index of copies lose it altogether, simulations what they say of it, and campaigns of relabelling their
    utterances of it. Other flags are closed and jobs done, since nobody can look any more. Runs in the
    transaction that erases.
    """
    Verdict.objects.filter(conversation=conversation).update(rules=[], error="")
    Finding.objects.filter(conversation=conversation).delete()
    # The name of such a flag tells what was written; who called for help is known anyway.
    Flag.objects.filter(conversation=conversation, kind__in=list(FINDINGS)).delete()
    Fingerprint.objects.filter(conversation=conversation).delete()
    Review.objects.filter(conversation=conversation).update(reason="", corrections={})
    Flag.objects.filter(conversation=conversation, closed_at=None).update(closed_at=now())
    Appeal.objects.filter(conversation=conversation).update(text="", answer="")
    SecondOpinion.objects.filter(conversation=conversation).update(reason="")
    SecondOpinion.objects.filter(conversation=conversation, closed_at=None).update(closed_at=now())
    Mask.objects.filter(conversation=conversation).delete()
    lock_items(Item.objects.filter(conversation=conversation))
    Item.objects.filter(conversation=conversation).delete()
    SimulatedChange.objects.filter(conversation=conversation).delete()
    Claim.objects.filter(conversation=conversation).delete()
    QcJob.objects.filter(conversation=conversation, state=QcJob.State.OPEN).update(
        state=QcJob.State.DONE, lease_until=None
    )
