"""Opinions: who labels what, under a lease, and when an utterance is settled.

An item never gets more than the campaign's number of opinions, and none is lost when somebody leaves: an
assignment takes a place only while its lease lasts.
"""

from __future__ import annotations

import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from escollect.domain.relabelling import LEAST_OPINIONS, Settled, is_gold_due, settle
from escollect.domain.strategies import STRATEGIES
from escollect.infra.clock import now
from escollect.people.models import Participant
from escollect.quality.models import Campaign, Item, Relabel
from escollect.quality.relabelling import (
    LEASE,
    get_assignment,
    get_free,
    get_free_gold,
    get_given,
    get_held,
    get_open_campaigns,
    may_relabel,
)


class RelabelRefused(Exception):
    """An opinion was not taken; `code` is not_yours, strategy, given, taken or over."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def take(participant: Participant) -> Relabel | None:
    """What this person labels next: what they work on already, else a fresh assignment with a lease.

    Every eighth is an item with a known answer, which everybody is asked. None when there is nothing to do
    for them. Raises RelabelRefused (not_yours) for whoever may not relabel.
    """
    if not may_relabel(participant):
        raise RelabelRefused("not_yours")
    held = get_assignment(participant)
    if held is not None:
        return held
    for campaign in get_open_campaigns(participant):
        assigned = _assign(campaign, participant)
        if assigned is not None:
            return assigned
    return None


@transaction.atomic
def _assign(campaign: Campaign, participant: Participant) -> Relabel | None:
    # Whoever comes second waits here, and then sees what the first was given.
    locked = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    if locked.state != Campaign.State.OPEN:
        return None
    moment = now()
    item = get_free(locked, participant, moment).first()
    while item is not None and not _has_room(_lock(item.pk), locked, participant, moment):
        # A late opinion came in between the look and the lock: look again.
        item = get_free(locked, participant, moment).first()
    if item is None:
        return None
    done = Relabel.objects.filter(item__campaign=locked, participant=participant, given_at__isnull=False)
    if is_gold_due(done.count()):
        item = get_free_gold(locked, participant).first() or item
    row, _new = Relabel.objects.update_or_create(
        item=item,
        participant=participant,
        defaults={"assigned_at": moment, "lease_until": moment + LEASE},
    )
    return row


def _lock(item: UUID) -> Item:
    return Item.objects.select_for_update(no_key=True).get(pk=item)


def _has_room(item: Item, campaign: Campaign, participant: Participant, moment: datetime.datetime) -> bool:
    """Whether a locked item can take this person's opinion beside those given and under way."""
    if item.state != Item.State.OPEN:
        return False
    others = get_held(moment).filter(item=item).exclude(participant=participant)
    return item.is_gold or others.count() < campaign.opinions


@transaction.atomic
def give(participant: Participant, relabel_id: UUID, strategy: str) -> Item:
    """Store an opinion, and settle the item when it was the last one wanted.

    The same opinion sent twice does no harm. One that comes after its lease counts while there is room.
    Raises RelabelRefused: not_yours, strategy (not one of the eight), given (another opinion was given
    before), taken (others were faster), over (the campaign is closed).
    """
    if strategy not in STRATEGIES:
        raise RelabelRefused("strategy")
    item, row = _access(participant, relabel_id)
    if row.given_at is not None:
        if row.strategy != strategy:
            raise RelabelRefused("given")
        return item
    moment = now()
    if item.campaign.state != Campaign.State.OPEN:
        raise RelabelRefused("over")
    if row.skipped_at or not _has_room(item, item.campaign, participant, moment):
        raise RelabelRefused("taken")
    row.strategy, row.given_at = strategy, moment
    row.save(update_fields=["strategy", "given_at"])
    if not item.is_gold:
        settle_item(item, item.campaign.opinions, moment)
    return item


@transaction.atomic
def skip(participant: Participant, relabel_id: UUID) -> None:
    """Leave an item to somebody else; this person is not given it again. Raises RelabelRefused."""
    _item, row = _access(participant, relabel_id)
    if row.given_at is None and row.skipped_at is None:
        row.skipped_at = row.lease_until = now()
        row.save(update_fields=["skipped_at", "lease_until"])


def _access(participant: Participant, relabel_id: UUID) -> tuple[Item, Relabel]:
    """An assignment of this person, locked after its item."""
    if not may_relabel(participant):
        raise RelabelRefused("not_yours")
    mine = Relabel.objects.filter(pk=relabel_id, participant=participant, void_at=None)
    rows = Item.objects.select_for_update(no_key=True, of=("self",)).select_related("campaign")
    item = rows.filter(pk__in=mine.values("item")).first()
    # What others did while this waited for the lock counts, and nobody takes it back from here on.
    row = mine.select_for_update(no_key=True).first()
    if item is None or row is None:
        raise RelabelRefused("not_yours")
    return item, row


def lock_items(items: QuerySet[Item]) -> list[UUID]:
    """Lock items before what was said on them is changed, in the order in which everybody does."""
    return list(items.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))


def settle_item(item: Item, wanted: int, moment: datetime.datetime) -> None:
    """Put a locked item into the state that its opinions come to; what a person decided stays."""
    if item.adjudicated:
        return
    opinions = list(get_given().filter(item=item).values_list("strategy", flat=True))
    state = settle(item.original, opinions, wanted)
    item.state = state.value
    item.final = item.original if state is Settled.FINAL else ""
    item.final_at = moment if state is Settled.FINAL else None
    item.save(update_fields=["state", "final", "final_at"])


def settle_rest(campaign: Campaign, moment: datetime.datetime) -> int:
    """Settle what has enough opinions for a decision, though not all that were wanted; returns how many.

    For a campaign that is being closed, and for what lost opinions in a closed one.
    """
    rows = Item.objects.select_for_update(no_key=True).filter(
        campaign=campaign, is_gold=False, state=Item.State.OPEN
    )
    settled = 0
    for item in rows.order_by("pk"):
        settle_item(item, LEAST_OPINIONS, moment)
        settled += item.state != Item.State.OPEN
    return settled


def forget_reviewer(participant: Participant) -> int:
    """What somebody who withdrew said stays as a count: the opinions lose their author and their times.

    Returns how many. Runs in the transaction of the withdrawal.
    """
    release(participant)
    moment = now()
    return Relabel.objects.filter(participant=participant).update(
        participant=None, assigned_at=moment, lease_until=moment, given_at=moment
    )


def release(participant: Participant) -> None:
    """Give back what somebody was assigned and will not label any more."""
    Relabel.objects.filter(participant=participant, given_at=None).delete()
