"""What relabelling found: progress, people, agreement; for the desk, the REST interface and releases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db.models import Count, F, Max, Q

from escollect.domain.agreement import Agreement, Unit, describe_agreement, get_majority
from escollect.domain.correlation import Share
from escollect.domain.relabelling import is_guessing
from escollect.domain.strategies import STRATEGIES
from escollect.quality.models import Campaign, Item, Relabel
from escollect.quality.relabelling import get_given
from escollect.studies.models import Study

KEPT_S = 3600
DIGITS = 4
SEED = 1
"""The draws of a release's interval; a campaign's are decided by its own seed."""

BATCH = 500
Units = list[tuple[str, Unit]]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a campaign is: utterances by state, opinions given of those wanted, gold ones."""

    items: int
    open: int
    adjudication: int
    final: int
    changed: int
    given: int
    wanted: int
    gold: int
    gold_pending: int

    @property
    def settled(self) -> int:
        """Utterances that need no more opinions."""
        return self.adjudication + self.final


@dataclass(frozen=True, slots=True)
class Reviewer:
    """What one person gave in a campaign: `majority` is the agreement with what most others said, `gold`
    with the known answers; `seconds` the median time of one opinion.
    """

    participant: UUID
    pseudonym: str
    given: int
    skipped: int
    seconds: float | None
    majority: Share
    gold: Share
    set_aside: bool
    last_at: datetime | None

    @property
    def guessing(self) -> bool:
        """Whether they get no further tasks because of the known answers."""
        return is_guessing(self.gold.hits, self.gold.n)


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """A campaign in a list."""

    campaign: Campaign
    progress: Progress


def get_campaigns(study: Study) -> list[CampaignRow]:
    """The campaigns of a study, the newest first, with their progress; three queries."""
    campaigns = list(Campaign.objects.filter(study=study).order_by("-created_at", "pk"))
    progress = get_progress(campaigns)
    return [CampaignRow(one, progress[one.pk]) for one in campaigns]


def get_progress(campaigns: Sequence[Campaign]) -> dict[UUID, Progress]:
    """How far each of the campaigns is; two queries."""
    state, sample, gold = Item.State, Q(is_gold=False), Q(is_gold=True)
    rows = {
        row["campaign"]: row
        for row in Item.objects.filter(campaign__in=campaigns)
        .order_by()
        .values("campaign")
        .annotate(
            n=Count("pk", filter=sample),
            n_open=Count("pk", filter=sample & Q(state=state.OPEN)),
            n_waiting=Count("pk", filter=sample & Q(state=state.ADJUDICATION)),
            n_final=Count("pk", filter=sample & Q(state=state.FINAL)),
            n_changed=Count("pk", filter=sample & Q(adjudicated=True) & ~Q(final=F("original"))),
            n_gold=Count("pk", filter=gold),
            n_pending=Count("pk", filter=gold & Q(gold="")),
        )
    }
    given = dict(
        get_given()
        .filter(item__campaign__in=campaigns, item__is_gold=False)
        .order_by()
        .values_list("item__campaign")
        .annotate(n=Count("pk"))
    )
    counts: dict[UUID, dict[str, int]] = {
        key: {name: value for name, value in row.items() if isinstance(value, int)}
        for key, row in rows.items()
    }
    return {one.pk: _progress(one, counts.get(one.pk, {}), given.get(one.pk, 0)) for one in campaigns}


def _progress(campaign: Campaign, row: Mapping[str, int], given: int) -> Progress:
    return Progress(
        items=row.get("n", 0),
        open=row.get("n_open", 0),
        adjudication=row.get("n_waiting", 0),
        final=row.get("n_final", 0),
        changed=row.get("n_changed", 0),
        given=given,
        wanted=row.get("n", 0) * campaign.opinions,
        gold=row.get("n_gold", 0),
        gold_pending=row.get("n_pending", 0),
    )


def get_reviewers(campaign: Campaign) -> list[Reviewer]:
    """Everybody who gave or skipped something in a campaign, the most active first.

    The majority is that of the others' opinions, where two at least agree on one label more than on any
    other. Who withdrew is not listed; their opinions count among the others'.
    """
    rows = list(
        Relabel.objects.filter(item__campaign=campaign)
        .exclude(given_at=None, skipped_at=None)
        .select_related("participant", "item")
        .order_by("given_at", "pk")
    )
    others: dict[UUID, list[Relabel]] = defaultdict(list)
    mine: dict[UUID, list[Relabel]] = defaultdict(list)
    for row in rows:
        if row.given_at is not None and row.void_at is None and not row.item.is_gold:
            others[row.item_id].append(row)
        if row.participant_id is not None:
            mine[row.participant_id].append(row)
    found = [_reviewer(own, others) for own in mine.values()]
    return sorted(found, key=lambda one: (-one.given, one.pseudonym))


def _reviewer(own: Sequence[Relabel], others: Mapping[UUID, Sequence[Relabel]]) -> Reviewer:
    person = own[0].participant
    if person is None:
        raise ValueError("the opinions of nobody")
    given = [row for row in own if row.given_at is not None]
    times = [(row.given_at - row.assigned_at).total_seconds() for row in given if row.given_at is not None]
    gold = [row for row in given if row.item.is_gold]
    agreeing = [
        label == row.strategy
        for row in given
        if not row.item.is_gold and (label := _majority_of_others(row, others)) is not None
    ]
    return Reviewer(
        participant=person.pk,
        pseudonym=person.pseudonym,
        given=len(given),
        skipped=len(own) - len(given),
        seconds=median(times) if times else None,
        majority=Share(sum(agreeing), len(agreeing)),
        gold=Share(sum(row.strategy == row.item.gold for row in gold), len(gold)),
        set_aside=any(row.void_at is not None for row in given),
        last_at=max((row.given_at for row in given if row.given_at is not None), default=None),
    )


def _majority_of_others(row: Relabel, others: Mapping[UUID, Sequence[Relabel]]) -> str | None:
    labels = (
        [one.strategy for one in others[row.item_id] if one.pk != row.pk] if row.item_id in others else []
    )
    label = get_majority(labels)
    return label if label is not None and labels.count(label) > 1 else None


def get_units(items: Iterable[UUID]) -> Units:
    """The opinions that count on these items, each unit with its first label; by conversation and place."""
    remaining = list(items)
    found: dict[tuple[str, int, UUID], tuple[str, list[str]]] = {}
    for start in range(0, len(remaining), BATCH):
        rows = get_given().filter(item__in=remaining[start : start + BATCH]).order_by("given_at", "pk")
        for item, conversation, seq, original, strategy in rows.values_list(
            "item", "item__conversation", "item__seq", "item__original", "strategy"
        ):
            found.setdefault((str(conversation), seq, item), (original, []))[1].append(strategy)
    return [(first, Unit(tuple(labels), key[0])) for key, (first, labels) in sorted(found.items())]


def get_agreement(campaign: Campaign) -> Agreement:
    """The agreement within a campaign, computed again only when an opinion was given, erased or set aside."""
    items = Item.objects.filter(campaign=campaign, is_gold=False)
    state = get_given().filter(item__in=items).aggregate(n=Count("pk"), last=Max("given_at"))
    state |= {"items": items.count()}
    key = f"relabel-agreement:{campaign.pk}"
    kept: tuple[dict[str, Any], Agreement] | None = cache.get(key)
    if kept is not None and kept[0] == state:
        return kept[1]
    found = describe_agreement(get_units(items.values_list("pk", flat=True)), campaign.seed)
    cache.set(key, (state, found), KEPT_S)
    return found


def get_corpus_agreement(conversation_ids: Sequence[UUID]) -> dict[str, Any] | None:
    """How far people agree on the labels of these conversations, as a release says it; None without a
    single utterance that two people relabelled.

    Draws by strategy and by risk are not what the corpus looks like, so what was drawn at random is told
    apart.
    """
    every: list[UUID] = []
    at_random: list[UUID] = []
    adjudicated = changed = 0
    for start in range(0, len(conversation_ids), BATCH):
        batch = conversation_ids[start : start + BATCH]
        rows = Item.objects.filter(conversation_id__in=batch, is_gold=False).order_by("pk")
        for pk, draw, decided, final, original in rows.values_list(
            "pk", "campaign__draw", "adjudicated", "final", "original"
        ):
            every.append(pk)
            if draw == Campaign.Draw.RANDOM:
                at_random.append(pk)
            adjudicated += decided
            changed += decided and final != original
    found = describe_agreement(get_units(every), SEED)
    if not found.units:
        return None
    same = found if len(at_random) == len(every) else describe_agreement(get_units(at_random), SEED)
    return {
        **present_agreement(found),
        "adjudicated": adjudicated,
        "changed": changed,
        "random_draw": _present_numbers(same) if same.units else None,
    }


def present_agreement(found: Agreement) -> dict[str, Any]:
    """An agreement as JSON values, to four decimals; strategies in their order."""
    by_category = found.by_category
    return {
        **_present_numbers(found),
        "by_strategy": {
            name: {"agreement": round(by_category[name][0], DIGITS), "opinions": by_category[name][1]}
            for name in STRATEGIES
            if name in by_category
        },
        "confusion": {
            first: {name: found.confusion[first].get(name, 0) for name in STRATEGIES}
            for first in STRATEGIES
            if first in found.confusion
        },
    }


def _present_numbers(found: Agreement) -> dict[str, Any]:
    same, opinions = found.with_first
    interval = found.interval
    return {
        "utterances": found.units,
        "opinions": found.labels,
        "conversations": found.clusters,
        "alpha": _round(found.alpha),
        "alpha_low": _round(interval.low if interval else None),
        "alpha_high": _round(interval.high if interval else None),
        "kappa": _round(found.kappa),
        "with_first_label": _round(same / opinions) if opinions else None,
    }


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)
