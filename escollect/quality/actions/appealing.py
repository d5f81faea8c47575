"""A participant asks once to look at a verdict again; whoever decides then must answer."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import Q

from escollect.accounts.models import User
from escollect.audit.actions import record
from escollect.conversations.models import Conversation
from escollect.domain.events import Refused
from escollect.domain.marking import gettext_noop
from escollect.domain.quality.verdicts import REJECTED
from escollect.infra.clock import now
from escollect.people.models import Participant
from escollect.quality.actions.refusing import NotReviewable
from escollect.quality.models import Appeal, Flag
from escollect.quality.queue import APPEAL

TEXT_LIMIT = 2000

UNKNOWN = gettext_noop("This is none of your conversations. Nothing was sent.")
NOT_REJECTED = gettext_noop(
    "You can ask about a conversation that was not taken into the collection; this one was not turned down. "
    "Nothing was sent."
)
ONCE = gettext_noop("You asked about this conversation already. What you wrote first stands.")
EMPTY = gettext_noop("Write in a few words why it should be looked at again.")
TOO_LONG = gettext_noop("Please shorten it to 2,000 characters. What you wrote is still here.")


@transaction.atomic
def appeal(participant: Participant, conversation_id: UUID, text: str) -> Appeal:
    """Ask to look again at a conversation that was rejected: once a participant, with a reason.

    Raises a flag that goes before all but the urgent ones. Pay and outcome are as they were. Raises Refused
    (not_found, not_rejected, appealed, text_empty, text_too_long); nothing is stored then.
    """
    own = Q(seeker=participant) | Q(supporter=participant)
    rooms = Conversation.objects.select_for_update(no_key=True).filter(own, pk=conversation_id)
    locked = rooms.exclude(kind=Conversation.Kind.PRACTICE).first()
    if locked is None:
        raise Refused("not_found", UNKNOWN)
    if Appeal.objects.filter(conversation=locked, participant=participant).exists():
        raise Refused("appealed", ONCE)
    if locked.state != Conversation.State.FINISHED or locked.verdict != REJECTED:
        raise Refused("not_rejected", NOT_REJECTED)
    words = text.strip()
    if not words:
        raise Refused("text_empty", EMPTY, {"text": EMPTY})
    if len(words) > TEXT_LIMIT:
        raise Refused("text_too_long", TOO_LONG, {"text": TOO_LONG})
    made = Appeal.objects.create(conversation=locked, participant=participant, text=words)
    flag = Flag(conversation=locked, kind=APPEAL, severity=Flag.Severity.WARNING)
    Flag.objects.bulk_create([flag], ignore_conflicts=True)
    record(
        "conversation.appealed", actor=f"participant:{participant.pk}", obj=locked, new={"appeal": made.pk}
    )
    return made


def answer_appeals(conversation: Conversation, by: User, answer: str) -> list[int]:
    """Answer what the participants of a locked conversation asked; returns the appeals.

    Raises NotReviewable when one waits and the answer is missing or too long, or when none waits and there
    is an answer, which nobody would read.
    """
    rows = Appeal.objects.filter(conversation=conversation, answered_at=None)
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    words = answer.strip()
    if keys and not words:
        raise NotReviewable({"answer": "Answer the appeal: the participant reads it on their page."})
    if len(words) > TEXT_LIMIT:
        raise NotReviewable({"answer": f"Shorten the answer to {TEXT_LIMIT:,} characters."})
    if words and not keys:
        raise NotReviewable(
            {"answer": "Nobody appealed here, so nobody would read the answer. Leave it out."}
        )
    Appeal.objects.filter(pk__in=keys).update(answered_at=now(), answered_by=by, answer=words)
    return keys
