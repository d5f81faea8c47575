"""Relabelling as it stands: who may take part, what there is to do, and how far campaigns are.

What somebody relabels is shown without the label it was sent with: nothing here that goes to a participant
reads `Item.original`.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from escollect.conversations.models import Conversation
from escollect.conversations.transcripts import get_transcripts
from escollect.domain.quality.verdicts import ACCEPTED
from escollect.domain.relabelling import Candidate, count_runs, is_guessing
from escollect.domain.transcript import SUPPORTER, Transcript, Utterance
from escollect.infra.clock import now
from escollect.people.models import Consent, Participant, Role
from escollect.quality.masks import get_masks, hide_in
from escollect.quality.models import Campaign, Item, Relabel
from escollect.quality.selectors import get_judgeable
from escollect.studies.models import Study
from escollect.training.selectors import has_qualification

LEASE = datetime.timedelta(minutes=15)
CONTEXT = 12
"""So many utterances before the one in question are shown."""

BATCH = 250


@dataclass(frozen=True, slots=True)
class Line:
    """An utterance as a person reads it: its role and text, and no label."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Task:
    """What somebody is asked to label, in its context; `id` names the assignment."""

    id: UUID
    before: tuple[Line, ...]
    text: str
    earlier: int
    given: int


def get_given() -> QuerySet[Relabel]:
    """The opinions that count: given, and not set aside."""
    return Relabel.objects.filter(given_at__isnull=False, void_at=None)


def get_held(moment: datetime.datetime) -> QuerySet[Relabel]:
    """What takes a place on an item: opinions that count, and assignments under a lease."""
    return Relabel.objects.filter(
        Q(given_at__isnull=False) | Q(lease_until__gt=moment, skipped_at=None), void_at=None
    )


def get_eligible(study: Study) -> QuerySet[Conversation]:
    """The conversations that other participants may read: accepted, and free to be published."""
    collected = Q(kind=Conversation.Kind.IMPORTED) | Q(_agreed("seeker"), _agreed("supporter"))
    gone = Participant.State.WITHDRAWN
    rows = get_judgeable(study).filter(collected, verdict=ACCEPTED)
    return rows.exclude(seeker__state=gone).exclude(supporter__state=gone)


def _agreed(side: str) -> Q:
    """Whether the last thing one side said to the consent page lets the conversation be published."""
    mine = Consent.objects.filter(participant=OuterRef(f"{side}_id"))
    newer = Consent.objects.filter(participant=OuterRef("participant"), pk__gt=OuterRef("pk"))
    return Q(Exists(mine.filter(~Exists(newer), given=True, release_public=True)))


def get_candidates(study: Study) -> Iterator[Candidate]:
    """The supporter utterances that could be drawn: of eligible conversations, and not drawn before."""
    drawn = set(
        Item.objects.filter(campaign__study=study, is_gold=False).values_list("conversation_id", "seq")
    )
    ids = get_eligible(study).order_by("pk").values_list("pk", flat=True).iterator(chunk_size=BATCH)
    while batch := list(islice(ids, BATCH)):
        for transcript in get_transcripts(batch):
            key = UUID(transcript.id)
            yield from (one for one in _candidates(transcript) if (key, one.seq) not in drawn)


def _candidates(transcript: Transcript) -> Iterator[Candidate]:
    said = [one for one in transcript.by(SUPPORTER) if one.strategy]
    for one, run in zip(said, count_runs(one.strategy or "" for one in said), strict=True):
        if one.seq is not None:
            yield Candidate(transcript.id, one.seq, one.strategy or "", one.text, run)


def may_relabel(participant: Participant) -> bool:
    """Whether somebody may label what others wrote: a qualified supporter who takes part in the study."""
    return (
        participant.role == Role.SUPPORTER
        and participant.state == Participant.State.ACTIVE
        and participant.version_id is not None
        and has_qualification(participant)
    )


def get_open_campaigns(participant: Participant) -> list[Campaign]:
    """The campaigns somebody may work on, the oldest first; not those in which they seem to guess, or
    from which their opinions were set aside.
    """
    void = Relabel.objects.filter(item__campaign=OuterRef("pk"), participant=participant)
    rows = Campaign.objects.filter(study=participant.study_id, state=Campaign.State.OPEN)
    rows = rows.filter(~Exists(void.exclude(void_at=None))).order_by("created_at", "pk")
    return [campaign for campaign in rows if not is_guessing(*count_gold(campaign, participant))]


def count_gold(campaign: Campaign, participant: Participant) -> tuple[int, int]:
    """How many known answers somebody gave right, and how many were asked."""
    given = get_given().filter(item__campaign=campaign, item__is_gold=True, participant=participant)
    found = given.aggregate(right=Count("pk", filter=Q(strategy=F("item__gold"))), n=Count("pk"))
    return found["right"], found["n"]


def get_free(campaign: Campaign, participant: Participant, moment: datetime.datetime) -> QuerySet[Item]:
    """The items that this person can be given now, in their order: not from own conversations, not seen
    before, and with room for another opinion.
    """
    held = get_held(moment).filter(item=OuterRef("pk")).exclude(participant=participant).order_by()
    count = held.values("item").annotate(n=Count("pk")).values("n")
    return (
        _unseen(campaign, participant)
        .filter(is_gold=False)
        .annotate(held=Coalesce(Subquery(count), 0))
        .filter(held__lt=campaign.opinions)
        .order_by("order")
    )


def get_free_gold(campaign: Campaign, participant: Participant) -> QuerySet[Item]:
    """The items with a known answer that this person has not seen yet; everybody is asked them."""
    return _unseen(campaign, participant).filter(is_gold=True).exclude(gold="").order_by("order")


def _unseen(campaign: Campaign, participant: Participant) -> QuerySet[Item]:
    seen = Relabel.objects.filter(item=OuterRef("pk"), participant=participant).exclude(
        given_at=None, skipped_at=None, void_at=None
    )
    person = participant.person_id
    return (
        Item.objects.filter(~Exists(seen), campaign=campaign, state=Item.State.OPEN)
        .exclude(conversation__supporter__person=person)
        .exclude(conversation__seeker__person=person)
    )


def has_tasks(participant: Participant) -> bool:
    """Whether there is something to relabel for this person now."""
    if participant.role != Role.SUPPORTER or not may_relabel(participant):
        return False
    moment = now()
    return any(get_free(one, participant, moment).exists() for one in get_open_campaigns(participant))


def get_assignment(participant: Participant) -> Relabel | None:
    """What somebody is working on: assigned, under a lease, and in an open campaign."""
    mine = Relabel.objects.filter(
        participant=participant,
        given_at=None,
        skipped_at=None,
        void_at=None,
        lease_until__gt=now(),
        item__state=Item.State.OPEN,
        item__campaign__state=Campaign.State.OPEN,
    )
    return mine.select_related("item").order_by("-assigned_at").first()


def get_task(participant: Participant) -> Task | None:
    """The assignment of this person with what they need to read, None without one."""
    row = get_assignment(participant)
    if row is None:
        return None
    given = get_given().filter(item__campaign=row.item.campaign_id, participant=participant).count()
    before, text, earlier = read_context(row.item)
    return Task(row.pk, before, text, earlier, given)


def read_context(item: Item, most: int = CONTEXT) -> tuple[tuple[Line, ...], str, int]:
    """The lines before an item's utterance, its text, and how many lines before those are left out.

    What reviewers hid from publication is hidden here as well.
    """
    for transcript in get_transcripts([item.conversation_id]):
        hidden = get_masks([item.conversation_id]).get(item.conversation_id, {})
        lines = hide_in(transcript, hidden).utterances
        place = next((at for at, one in enumerate(lines) if one.seq == item.seq), None)
        if place is not None:
            shown = lines[max(0, place - most) : place]
            before = tuple(Line(one.role, one.text) for one in shown)
            return before, lines[place].text, place - len(shown)
    return (), "", 0


def get_opinions(items: Collection[UUID]) -> dict[UUID, list[str]]:
    """The opinions that count on each of these items."""
    found: dict[UUID, list[str]] = {key: [] for key in items}
    for item, strategy in get_given().filter(item__in=items).order_by("pk").values_list("item", "strategy"):
        found[item].append(strategy)
    return found


def get_finals(conversation_ids: Sequence[UUID]) -> dict[UUID, dict[int, str]]:
    """The labels that an adjudicator chose instead of the first ones, by conversation and sequence number.

    Of an utterance in several campaigns the latest decision counts, whichever way it went.
    """
    rows = Item.objects.filter(
        conversation_id__in=conversation_ids, is_gold=False, adjudicated=True, state=Item.State.FINAL
    )
    found: dict[UUID, dict[int, str]] = {}
    for conversation, seq, final in rows.order_by("final_at", "pk").values_list(
        "conversation_id", "seq", "final"
    ):
        found.setdefault(conversation, {})[seq] = final
    return found


def relabel_in(transcript: Transcript, finals: Mapping[int, str]) -> Transcript:
    """The transcript with the labels that adjudicators chose; a first label that changed is kept beside."""
    return replace(transcript, utterances=tuple(_relabel(one, finals) for one in transcript.utterances))


def _relabel(one: Utterance, finals: Mapping[int, str]) -> Utterance:
    final = None if one.seq is None else finals.get(one.seq)
    if final is None or final == one.strategy:
        return one
    return replace(one, strategy=final, original=one.strategy)


def get_own_relabels(participant: Participant) -> list[dict[str, str]]:
    """The opinions that somebody gave, as JSON values for their own copy of their data."""
    rows = Relabel.objects.filter(participant=participant, given_at__isnull=False).order_by("given_at")
    return [
        {"at": given_at.isoformat(), "strategy": strategy}
        for given_at, strategy in rows.values_list("given_at", "strategy")
        if given_at is not None
    ]


def count_pool(study: Study) -> tuple[int, int]:
    """How many utterances about could be drawn, and how many conversations they are of; two queries."""
    found = get_eligible(study).aggregate(said=Sum("supporter_utterances"), n=Count("pk"))
    drawn = Item.objects.filter(campaign__study=study, is_gold=False).count()
    return max(0, (found["said"] or 0) - drawn), found["n"]


def access_campaign(campaign_id: UUID) -> Campaign | None:
    """A campaign with its study."""
    return Campaign.objects.select_related("study__current").filter(pk=campaign_id).first()


def access_item(campaign_id: UUID, item_id: UUID) -> Item | None:
    """An item of a campaign, for staff."""
    rows = Item.objects.select_related("campaign__study", "conversation", "final_by")
    return rows.filter(pk=item_id, campaign=campaign_id).first()


def get_item_opinions(item: Item) -> list[Relabel]:
    """The opinions that count on one item with who gave them, for staff."""
    rows = get_given().filter(item=item).select_related("participant")
    return list(rows.order_by("given_at", "pk"))


def get_opinions_of(items: Sequence[Item]) -> dict[UUID, list[Relabel]]:
    """The opinions that count on each of these items, for staff; one query."""
    found: dict[UUID, list[Relabel]] = {item.pk: [] for item in items}
    for row in get_given().filter(item__in=items).order_by("given_at", "pk"):
        found[row.item_id].append(row)
    return found


def get_next_item(campaign: Campaign, done: Item | None, *, known: bool) -> UUID | None:
    """The next item after `done`, or from the start, that waits for an adjudicator; with `known` that waits
    for its known answer.
    """
    rows = Item.objects.filter(campaign=campaign, is_gold=known).order_by("order")
    waiting = rows.filter(gold="") if known else rows.filter(state=Item.State.ADJUDICATION)
    if done is None:
        return waiting.values_list("pk", flat=True).first()
    later = waiting.filter(order__gt=done.order).values_list("pk", flat=True).first()
    return later or waiting.exclude(pk=done.pk).values_list("pk", flat=True).first()
