from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from escollect.accounts.permissions import Thing
from escollect.api import presenting_relabels as out
from escollect.api.base import StaffView, StrictSerializer, StudyField
from escollect.domain.relabelling import LEAST_OPINIONS
from escollect.domain.strategies import STRATEGIES
from escollect.quality.actions.campaigns import (
    GOLD,
    SIZE,
    CampaignRefused,
    Plan,
    adjudicate,
    create_campaign,
)
from escollect.quality.models import Campaign, Item
from escollect.quality.relabel_report import get_reviewers
from escollect.quality.relabelling import access_campaign


class RelabelQuery(StrictSerializer):
    """The filters of the list; they add up."""

    study = StudyField(required=False)
    campaign = serializers.UUIDField(required=False)
    conversation = serializers.UUIDField(required=False)
    state = serializers.ChoiceField(Item.State.values, required=False)


class RelabelList(StaffView):
    """The utterances of campaigns with every opinion that counts, by campaign in the order drawn."""

    needs = {"GET": Thing.STRATEGY}
    queryset = Item.objects.all()
    ordering = ("campaign", "order")
    serializer_class = out.RelabelSerializer

    @extend_schema(
        parameters=[RelabelQuery], responses=out.RelabelSerializer(many=True), summary="List relabels"
    )
    def get(self, request: Request) -> Response:
        asked = self.read_query(RelabelQuery, request)
        rows = self.get_queryset()
        if "study" in asked:
            rows = rows.filter(campaign__study=asked["study"])
        for name in ("campaign", "conversation", "state"):
            if name in asked:
                rows = rows.filter(**{name: asked[name]})
        return self.answer_page(rows, out.present_relabels)


class DecisionBody(StrictSerializer):
    """One of the labels given, and why."""

    strategy = serializers.ChoiceField(STRATEGIES)
    reason = serializers.CharField(max_length=2000)


class RelabelDecision(StaffView):
    """An adjudicator's decision about an utterance whose opinions differ from its first label."""

    needs = {"POST": Thing.REVIEW}

    @extend_schema(request=DecisionBody, responses=out.RelabelSerializer, summary="Adjudicate an utterance")
    def post(self, request: Request, pk: UUID) -> Response:
        item = Item.objects.filter(pk=pk).first()
        if item is None:
            raise NotFound
        body, user = self.read(DecisionBody, request), self.get_access(request).user
        try:
            decided = adjudicate(item, body["strategy"], user, body["reason"])
        except CampaignRefused as error:
            raise _invalid(error) from error
        return Response(out.present_relabels([decided])[0])


class CampaignQuery(StrictSerializer):
    """The filter of the list."""

    study = StudyField(required=False)


class CampaignBody(StrictSerializer):
    """What to draw; without a seed one is made up, and told in the answer."""

    study = StudyField()
    title = serializers.CharField(max_length=120)
    draw = serializers.ChoiceField(Campaign.Draw.values, default=Campaign.Draw.RANDOM.value)
    size = serializers.IntegerField(default=SIZE)
    opinions = serializers.IntegerField(default=LEAST_OPINIONS)
    gold = serializers.IntegerField(default=GOLD, help_text="known answers to mix in")
    seed = serializers.IntegerField(required=False)


class CampaignList(StaffView):
    """The campaigns of relabelling, the newest first."""

    needs = {"GET": Thing.STRATEGY, "POST": Thing.REVIEW}
    queryset = Campaign.objects.select_related("study")
    serializer_class = out.CampaignSerializer

    @extend_schema(
        parameters=[CampaignQuery], responses=out.CampaignSerializer(many=True), summary="List campaigns"
    )
    def get(self, request: Request) -> Response:
        asked = self.read_query(CampaignQuery, request)
        rows = self.get_queryset()
        if "study" in asked:
            rows = rows.filter(study=asked["study"])
        return self.answer_page(rows, out.present_campaigns)

    @extend_schema(request=CampaignBody, responses={201: out.CampaignSerializer}, summary="Draw a campaign")
    def post(self, request: Request) -> Response:
        body, user = self.read(CampaignBody, request), self.get_access(request).user
        study = body.pop("study")
        try:
            made = create_campaign(study, Plan(**body), user)
        except CampaignRefused as error:
            raise _invalid(error) from error
        return Response(out.present_campaigns([made])[0], status=status.HTTP_201_CREATED)


class CampaignDetail(StaffView):
    """A campaign: progress, agreement, and how each person does."""

    needs = {"GET": Thing.STRATEGY}
    pagination_class = None

    @extend_schema(responses=out.CampaignDetailSerializer, filters=False, summary="Look at a campaign")
    def get(self, request: Request, pk: UUID) -> Response:
        self.read_query(StrictSerializer, request)
        found = access_campaign(pk)
        if found is None:
            raise NotFound
        return Response(out.present_campaign(found, get_reviewers(found)))


def _invalid(error: CampaignRefused) -> ValidationError:
    fields: dict[str, Any] = {field: [problem] for field, problem in error.fields.items()}
    return ValidationError(fields)
