"""Campaigns of relabelling: drawing a batch, known answers, adjudication, setting a guesser aside."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, Q

from escollect.accounts.models import User
from escollect.accounts.selectors import get_actor
from escollect.audit.actions import record
from escollect.domain.relabelling import (
    LEAST_OPINIONS,
    MOST_OPINIONS,
    Candidate,
    count_differing,
    draw_at_random,
    draw_by_risk,
    draw_by_strategy,
    get_decidable,
)
from escollect.domain.strategies import STRATEGIES
from escollect.infra.clock import now
from escollect.people.models import Participant
from escollect.quality.actions.relabelling import lock_items, settle_item, settle_rest
from escollect.quality.models import Campaign, Item, Relabel
from escollect.quality.relabelling import get_candidates, get_given, get_opinions
from escollect.studies.models import Study

MOST_ITEMS = 5000
SIZE, GOLD = 200, 10
TITLE_LIMIT = 120
REASON_LIMIT = 2000
SEED_LIMIT = 2**31


class CampaignRefused(ValueError):
    """What was asked of a campaign cannot be done; `fields` says what is wrong with which field."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.fields = dict(fields)
        super().__init__(" ".join(fields.values()))


@dataclass(frozen=True, slots=True)
class Plan:
    """What to draw: `size` utterances with `opinions` each, and `gold` ones with a known answer.

    Without a seed one is made up; it is stored, so that the draw can be told.
    """

    title: str
    draw: str = Campaign.Draw.RANDOM
    size: int = SIZE
    opinions: int = LEAST_OPINIONS
    gold: int = GOLD
    seed: int | None = None


def create_campaign(study: Study, plan: Plan, by: User) -> Campaign:
    """Draw a batch from the study's publishable conversations, leaving out what was drawn before.

    Known answers come from utterances that earlier campaigns settled beyond doubt; what is missing is
    drawn besides, and a person of the staff gives the answer. Raises CampaignRefused.
    """
    problems = _check(plan)
    if problems:
        raise CampaignRefused(problems)
    seed = secrets.randbelow(SEED_LIMIT) if plan.seed is None else plan.seed
    with transaction.atomic():
        # Two campaigns at once would draw the same utterances.
        Study.objects.select_for_update(no_key=True).get(pk=study.pk)
        pool = list(get_candidates(study))
        sample = _draw(study, plan, pool, seed)
        if not sample:
            raise CampaignRefused(
                {
                    "size": "There is nothing to draw: every utterance of the accepted conversations that "
                    "may be published was drawn before, or there are none yet."
                }
            )
        campaign = Campaign.objects.create(
            study=study,
            title=plan.title.strip(),
            draw=plan.draw,
            seed=seed,
            opinions=plan.opinions,
            drawn={"size": plan.size, "pool": len(pool), "gold": plan.gold},
            created_by=by,
        )
        left = set(pool) - set(sample)
        items = [_item(campaign, one) for one in sample] + _get_gold(campaign, plan.gold, left)
        for order, item in enumerate(items):
            item.order = order
        Item.objects.bulk_create(items, batch_size=500)
        new = {"draw": plan.draw, "seed": seed, "items": len(sample), "opinions": plan.opinions}
        record("campaign.created", actor=get_actor(by), obj=campaign, new=new)
    return campaign


def _check(plan: Plan) -> dict[str, str]:
    problems = {}
    if not plan.title.strip() or len(plan.title) > TITLE_LIMIT:
        problems["title"] = f"Give it a title of at most {TITLE_LIMIT} characters."
    if plan.draw not in Campaign.Draw.values:
        problems["draw"] = f"Choose one of {', '.join(Campaign.Draw.values)}."
    if not 1 <= plan.size <= MOST_ITEMS:
        problems["size"] = f"Draw from 1 to {MOST_ITEMS:,} utterances."
    if not LEAST_OPINIONS <= plan.opinions <= MOST_OPINIONS:
        problems["opinions"] = f"Ask for {LEAST_OPINIONS} to {MOST_OPINIONS} opinions."
    if not 0 <= plan.gold <= plan.size:
        problems["gold"] = "Known answers can be none, or as many as there are utterances at most."
    if plan.seed is not None and not 0 <= plan.seed < SEED_LIMIT:
        problems["seed"] = f"A seed is a whole number from 0 to {SEED_LIMIT - 1:,}."
    return problems


def _draw(study: Study, plan: Plan, pool: Sequence[Candidate], seed: int) -> list[Candidate]:
    if plan.draw == Campaign.Draw.RANDOM:
        return draw_at_random(pool, plan.size, seed)
    if plan.draw == Campaign.Draw.STRATEGY:
        return draw_by_strategy(pool, plan.size, seed)
    earlier = get_given().filter(item__campaign__study=study, item__is_gold=False)
    seen = count_differing(earlier.values_list("item__original", "strategy"))
    return draw_by_risk(pool, plan.size, seed, seen)


def _item(campaign: Campaign, one: Candidate, *, is_gold: bool = False) -> Item:
    key = UUID(one.conversation)
    return Item(campaign=campaign, conversation_id=key, seq=one.seq, original=one.strategy, is_gold=is_gold)


def _get_gold(campaign: Campaign, n: int, left: Iterable[Candidate]) -> list[Item]:
    """Gold items: those whose answer is known first, then some that wait for one."""
    known = [
        Item(
            campaign=campaign,
            conversation_id=one.conversation_id,
            seq=one.seq,
            original=one.original,
            is_gold=True,
            gold=one.final,
        )
        for one in _find_known(campaign.study, n, campaign.seed)
    ]
    rest = draw_at_random(left, n - len(known), campaign.seed + 2)
    return known + [_item(campaign, one, is_gold=True) for one in rest]


def _find_known(study: Study, n: int, seed: int) -> list[Item]:
    """Utterances whose label is beyond doubt: adjudicated, or the same to everybody, the author included."""
    counts = Count("relabels", filter=Q(relabels__given_at__isnull=False, relabels__void_at=None))
    same = Count(
        "relabels",
        filter=Q(relabels__strategy=F("original"), relabels__given_at__isnull=False, relabels__void_at=None),
    )
    rows = (
        Item.objects.filter(campaign__study=study, is_gold=False, state=Item.State.FINAL)
        .annotate(given=counts, same=same)
        .filter(Q(adjudicated=True) | Q(same=F("given"), given__gte=LEAST_OPINIONS))
    )
    # Of an utterance in two campaigns one is enough.
    by_key = {f"{row.conversation_id}#{row.seq}": row for row in rows.order_by("final_at")}
    as_drawn = [Candidate(str(row.conversation_id), row.seq, row.final, "") for row in by_key.values()]
    return [by_key[one.key] for one in draw_at_random(as_drawn, n, seed + 3)]


@transaction.atomic
def give_known_answer(item: Item, strategy: str, by: User) -> None:
    """Say what the right label of a gold item is; only then is it shown to anybody.

    Raises CampaignRefused.
    """
    locked = Item.objects.select_for_update(no_key=True).get(pk=item.pk)
    if not locked.is_gold or locked.gold:
        raise CampaignRefused({"strategy": "This utterance has its answer already. Nothing was changed."})
    if strategy not in STRATEGIES:
        raise CampaignRefused({"strategy": "Choose one of the eight strategies."})
    locked.gold = strategy
    locked.save(update_fields=["gold"])
    record("relabel.known_answer", actor=get_actor(by), obj=locked, new={"gold": strategy})


@transaction.atomic
def adjudicate(item: Item, strategy: str, by: User, reason: str) -> Item:
    """Decide between the labels given (paper, section 4.3); the first label and all opinions stay.

    A decision can be taken again; the audit keeps every one. Raises CampaignRefused.
    """
    locked = Item.objects.select_for_update(no_key=True).filter(pk=item.pk).first()
    if locked is None:
        raise CampaignRefused(
            {"strategy": "The conversation was erased a moment ago; nothing is to be decided."}
        )
    if locked.is_gold or not (locked.state == Item.State.ADJUDICATION or locked.adjudicated):
        raise CampaignRefused({"strategy": "This utterance does not wait for an adjudicator."})
    problems = {}
    if strategy not in get_decidable(locked.original, get_opinions([locked.pk])[locked.pk]):
        problems["strategy"] = "Choose one of the labels that were given."
    if not reason.strip() or len(reason) > REASON_LIMIT:
        problems["reason"] = f"Give a reason of at most {REASON_LIMIT:,} characters; the audit keeps it."
    if problems:
        raise CampaignRefused(problems)
    old = {"label": locked.final or locked.original, "adjudicated": locked.adjudicated}
    locked.state, locked.final, locked.adjudicated = Item.State.FINAL, strategy, True
    locked.final_at, locked.final_by, locked.reason = now(), by, reason.strip()
    locked.save(update_fields=["state", "final", "adjudicated", "final_at", "final_by", "reason"])
    new = {"label": strategy, "adjudicated": True}
    record("relabel.adjudicated", actor=get_actor(by), obj=locked, old=old, new=new, why=locked.reason)
    return locked


@transaction.atomic
def close_campaign(campaign: Campaign, by: User, reason: str) -> int:
    """Stop asking for opinions; returns how many utterances keep too few of them to be settled.

    With three opinions an utterance is settled though more were wanted. Raises CampaignRefused.
    """
    if not reason.strip():
        raise CampaignRefused({"reason": "Give a reason; the audit keeps it."})
    locked = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    if locked.state != Campaign.State.OPEN:
        raise CampaignRefused({"reason": "The campaign was closed before. Nothing was changed."})
    moment = now()
    # Whoever gives an opinion at this moment holds its item: it is stored before the rest is taken back.
    lock_items(Item.objects.filter(campaign=locked))
    Relabel.objects.filter(item__campaign=locked, given_at=None).delete()
    settle_rest(locked, moment)
    locked.state, locked.closed_at = Campaign.State.CLOSED, moment
    locked.save(update_fields=["state", "closed_at"])
    record("campaign.closed", actor=get_actor(by), obj=locked, old="open", new="closed", why=reason.strip())
    return Item.objects.filter(campaign=locked, is_gold=False, state=Item.State.OPEN).count()


@transaction.atomic
def set_aside(campaign: Campaign, participant: Participant, by: User, reason: str) -> int:
    """Let the opinions of somebody in this campaign count no more, and ask others instead.

    They stay stored. What an adjudicator decided stays decided. Returns how many opinions it were. Raises
    CampaignRefused.
    """
    if not reason.strip():
        raise CampaignRefused({"reason": "Give a reason; the audit keeps it."})
    locked = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    moment = now()
    mine = Relabel.objects.filter(item__campaign=locked, participant=participant)
    lock_items(Item.objects.filter(campaign=locked, pk__in=mine.values("item")))
    mine.filter(given_at=None).delete()
    counted = mine.filter(void_at=None)
    touched = list(counted.filter(item__is_gold=False).values_list("item_id", flat=True))
    count = counted.update(void_at=moment)
    if not count:
        raise CampaignRefused({"reason": "There is no opinion of this person that counts."})
    wanted = locked.opinions if locked.state == Campaign.State.OPEN else LEAST_OPINIONS
    for item in Item.objects.select_for_update(no_key=True).filter(pk__in=touched).order_by("pk"):
        settle_item(item, wanted, moment)
    record(
        "relabel.set_aside",
        actor=get_actor(by),
        obj=locked,
        new={"participant": str(participant.pk), "opinions": count},
        why=reason.strip(),
    )
    return count
