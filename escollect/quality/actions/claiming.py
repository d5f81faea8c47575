"""Who works on which conversation of the queue: a claim is a lease, so nothing stays taken for ever."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from contextlib import suppress
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from escollect.accounts.models import User
from escollect.conversations.models import Conversation
from escollect.infra.clock import now
from escollect.quality.models import Claim, SecondOpinion
from escollect.quality.queue import NO_FILTER, ORDER, QueueFilter, get_waiting
from escollect.studies.models import Study

LEASE = datetime.timedelta(minutes=5)


class Taken(Exception):
    """The conversation cannot be claimed; `claim` is who has it, None when this reviewer asked another."""

    def __init__(self, claim: Claim | None) -> None:
        self.claim = claim
        if claim is None:
            super().__init__("You asked for a second opinion here, so another reviewer decides.")
        else:
            until = f"{claim.lease_until:%H:%M} UTC"
            super().__init__(f"It is with {claim.reviewer.get_username()} until {until}.")


@transaction.atomic
def claim(conversation_id: UUID, reviewer: User) -> Claim:
    """Take a conversation for five minutes; a claim of one's own begins anew.

    Raises Taken while somebody else has it or when the reviewer asked for a second opinion, and
    Conversation.DoesNotExist.
    """
    Conversation.objects.select_for_update(no_key=True).get(pk=conversation_id)
    return _take(conversation_id, reviewer)


@transaction.atomic
def renew(conversation_id: UUID, reviewer: User) -> Claim:
    """Hold on to a conversation for five more minutes; takes it again when the lease ran out and nobody came.

    `claimed_at` of a claim that stands stays. Raises as `claim` does.
    """
    Conversation.objects.select_for_update(no_key=True).get(pk=conversation_id)
    since = Claim.objects.filter(conversation_id=conversation_id, reviewer=reviewer).values_list("claimed_at")
    return _take(conversation_id, reviewer, *(since.first() or ()))


@transaction.atomic
def claim_next(
    study: Study, reviewer: User, wanted: QueueFilter = NO_FILTER, passed: Collection[UUID] = ()
) -> Claim | None:
    """Take the first conversation that waits for a person and that nobody else has; None when none is left.

    Those in `passed` are left out: the reviewer saw them a moment ago. Two reviewers never get the same one.
    """
    asked = SecondOpinion.objects.filter(conversation=OuterRef("pk"), asked_by=reviewer, closed_at=None)
    others = Claim.objects.filter(conversation=OuterRef("pk"), lease_until__gt=now())
    free = get_waiting(study, wanted).filter(~Exists(others.exclude(reviewer=reviewer)), ~Exists(asked))
    left_out = set(passed)
    while True:
        # Rows that somebody holds at this moment are passed over: the holder is about to take or decide them.
        rows = free.exclude(pk__in=left_out).order_by(*ORDER)
        found = rows.select_for_update(skip_locked=True, of=("self",), no_key=True).first()
        if found is None:
            return None
        left_out.add(found.pk)
        # What was seen before the lock may be out of date: somebody took or decided it meanwhile.
        if not get_waiting(study, wanted).filter(pk=found.pk).exists():
            continue
        with suppress(Taken):
            return _take(found.pk, reviewer)


def release(conversation_id: UUID, reviewer: User, since: datetime.datetime | None = None) -> bool:
    """Give one's claim back; whether there was one.

    With `since`, only the claim that began then: a window that closes must not take it from a newer one.
    """
    mine = Claim.objects.filter(conversation_id=conversation_id, reviewer=reviewer)
    if since is not None:
        mine = mine.filter(claimed_at=since)
    return mine.delete()[0] > 0


def require_free(conversation_id: UUID, reviewer: User) -> None:
    """Raise Taken when the conversation is not this reviewer's to work on; nobody's is. Lock it first."""
    opinions = SecondOpinion.objects.filter(conversation_id=conversation_id, closed_at=None)
    if opinions.filter(asked_by=reviewer).exists():
        raise Taken(None)
    held = Claim.objects.filter(conversation_id=conversation_id, lease_until__gt=now())
    other = held.exclude(reviewer=reviewer).select_related("reviewer").first()
    if other is not None:
        raise Taken(other)


def _take(conversation_id: UUID, reviewer: User, since: datetime.datetime | None = None) -> Claim:
    """Store the claim. The caller holds the conversation's row, so nobody else is here."""
    require_free(conversation_id, reviewer)
    moment = now()
    row, _made = Claim.objects.update_or_create(
        conversation_id=conversation_id,
        defaults={"reviewer": reviewer, "claimed_at": since or moment, "lease_until": moment + LEASE},
    )
    return row
