"""Campaigns of relabelling and their utterances as JSON values, and the shapes that promise them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from escollect.quality.models import Campaign, Item
from escollect.quality.relabel_report import Progress, Reviewer, get_progress, present_agreement
from escollect.quality.relabel_report import get_agreement as get_campaign_agreement
from escollect.quality.relabelling import get_opinions_of

Out = serializers.Serializer[Any]


class OpinionSerializer(Out):
    """One opinion; without a participant that of somebody who withdrew since."""

    participant = serializers.UUIDField(allow_null=True)
    strategy = serializers.CharField()
    at = serializers.DateTimeField()


class RelabelSerializer(Out):
    """An utterance of a campaign: its first label, the opinions that count, and the final label once settled.

    A gold item has a known answer instead, and no final label.
    """

    id = serializers.UUIDField()
    campaign = serializers.UUIDField()
    conversation = serializers.UUIDField()
    seq = serializers.IntegerField()
    state = serializers.CharField(help_text="open, adjudication or final")
    original = serializers.CharField()
    final = serializers.CharField(allow_null=True)
    adjudicated = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True)
    gold = serializers.CharField(allow_null=True)
    opinions = OpinionSerializer(many=True)


class CampaignSerializer(Out):
    """A campaign with how far it is; `changed` counts labels that an adjudicator changed."""

    id = serializers.UUIDField()
    study = serializers.SlugField()
    title = serializers.CharField()
    state = serializers.CharField(help_text="open or closed")
    draw = serializers.CharField(help_text="random, strategy or risk")
    seed = serializers.IntegerField()
    opinions = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    items = serializers.IntegerField()
    given = serializers.IntegerField()
    wanted = serializers.IntegerField()
    open = serializers.IntegerField()
    adjudication = serializers.IntegerField()
    final = serializers.IntegerField()
    changed = serializers.IntegerField()
    gold = serializers.IntegerField()
    gold_pending = serializers.IntegerField()


class StrategyAgreementSerializer(Out):
    """When one person gives a strategy, how often another one does too."""

    agreement = serializers.FloatField()
    opinions = serializers.IntegerField()


class AgreementSerializer(Out):
    """Krippendorff's alpha (nominal) with its bootstrap interval by conversation; null says nothing can be
    told. `confusion` is first label → opinion → count.
    """

    utterances = serializers.IntegerField()
    opinions = serializers.IntegerField()
    conversations = serializers.IntegerField()
    alpha = serializers.FloatField(allow_null=True)
    alpha_low = serializers.FloatField(allow_null=True)
    alpha_high = serializers.FloatField(allow_null=True)
    kappa = serializers.FloatField(allow_null=True)
    with_first_label = serializers.FloatField(allow_null=True)
    by_strategy = serializers.DictField(child=StrategyAgreementSerializer())
    confusion = serializers.DictField(child=serializers.DictField(child=serializers.IntegerField()))


class ReviewerSerializer(Out):
    """What one person gave: `majority` of `majority_n` opinions are what at least two others agree on."""

    participant = serializers.UUIDField()
    given = serializers.IntegerField()
    skipped = serializers.IntegerField()
    median_s = serializers.FloatField(allow_null=True)
    majority = serializers.IntegerField()
    majority_n = serializers.IntegerField()
    gold = serializers.IntegerField()
    gold_n = serializers.IntegerField()
    guessing = serializers.BooleanField()
    set_aside = serializers.BooleanField()


class CampaignDetailSerializer(CampaignSerializer):
    """A campaign with its agreement and its people."""

    agreement = AgreementSerializer()
    reviewers = ReviewerSerializer(many=True)


def present_campaigns(campaigns: Sequence[Campaign]) -> list[dict[str, Any]]:
    """Campaigns of a list."""
    progress = get_progress(campaigns)
    return [_campaign(one, progress[one.pk]) for one in campaigns]


def present_campaign(campaign: Campaign, reviewers: Sequence[Reviewer]) -> dict[str, Any]:
    """A campaign with its agreement and its people."""
    return {
        **_campaign(campaign, get_progress([campaign])[campaign.pk]),
        "agreement": present_agreement(get_campaign_agreement(campaign)),
        "reviewers": [_reviewer(one) for one in reviewers],
    }


def _campaign(campaign: Campaign, progress: Progress) -> dict[str, Any]:
    return {
        "id": campaign.pk,
        "study": campaign.study.slug,
        "title": campaign.title,
        "state": campaign.state,
        "draw": campaign.draw,
        "seed": campaign.seed,
        "opinions": campaign.opinions,
        "created_at": campaign.created_at,
        "items": progress.items,
        "given": progress.given,
        "wanted": progress.wanted,
        "open": progress.open,
        "adjudication": progress.adjudication,
        "final": progress.final,
        "changed": progress.changed,
        "gold": progress.gold,
        "gold_pending": progress.gold_pending,
    }


def _reviewer(one: Reviewer) -> dict[str, Any]:
    return {
        "participant": one.participant,
        "given": one.given,
        "skipped": one.skipped,
        "median_s": one.seconds,
        "majority": one.majority.hits,
        "majority_n": one.majority.n,
        "gold": one.gold.hits,
        "gold_n": one.gold.n,
        "guessing": one.guessing,
        "set_aside": one.set_aside,
    }


def present_relabels(items: Sequence[Item]) -> list[dict[str, Any]]:
    """Utterances of campaigns with their opinions, in two queries."""
    opinions = get_opinions_of(items)
    return [
        {
            "id": item.pk,
            "campaign": item.campaign_id,
            "conversation": item.conversation_id,
            "seq": item.seq,
            "state": item.state,
            "original": item.original,
            "final": item.final or None,
            "adjudicated": item.adjudicated,
            "reason": item.reason,
            "gold": item.gold or None,
            "opinions": [
                {"participant": one.participant_id, "strategy": one.strategy, "at": one.given_at}
                for one in opinions[item.pk]
            ],
        }
        for item in items
    ]
