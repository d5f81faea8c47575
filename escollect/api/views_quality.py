from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from escollect.accounts.permissions import Thing
from escollect.api import serializers as out
from escollect.api.auth import StaffAccess
from escollect.api.base import StaffView, StrictSerializer, StudyField, access_row
from escollect.api.presenting import (
    get_conversations,
    present_conversations,
    present_policy,
    present_verdict_row,
)
from escollect.conversations.models import Conversation
from escollect.conversations.reading import VISIBLE
from escollect.domain.quality.reading import PolicyError, read_policy
from escollect.domain.quality.verdicts import OUTCOMES
from escollect.quality.actions import (
    ActivationRefused,
    NotReviewable,
    activate_policy,
    add_policy,
    review,
    simulate,
)
from escollect.quality.models import Flag, Policy, Verdict
from escollect.quality.selectors import PolicyUnknown, get_policy, get_rules

PENDING = "pending"
STATES = [state for state in Conversation.State.values if state != Conversation.State.ERASED]


class ConversationQuery(StrictSerializer):
    """The filters of the list; they add up."""

    study = StudyField(required=False)
    state = serializers.ChoiceField(STATES, required=False)
    verdict = serializers.ChoiceField([*OUTCOMES["deciding"], PENDING], required=False)
    flag = serializers.CharField(required=False, help_text="a kind of flag that is open, or any")


class ConversationList(StaffView):
    """Conversations, the newest first. Practice and erased ones are not listed."""

    needs = {"GET": Thing.TEXT}
    serializer_class = out.ConversationSerializer

    @extend_schema(
        parameters=[ConversationQuery],
        responses=out.ConversationSerializer(many=True),
        summary="List conversations",
    )
    def get(self, request: Request) -> Response:
        access, asked = self.get_access(request), self.read_query(ConversationQuery, request)
        rows = get_conversations()
        if "study" in asked:
            rows = rows.filter(study=asked["study"])
        if "state" in asked:
            rows = rows.filter(state=asked["state"])
        if "verdict" in asked:
            rows = rows.filter(verdict="" if asked["verdict"] == PENDING else asked["verdict"])
        if "flag" in asked:
            if not access.may(Thing.FINDING):
                raise PermissionDenied("Flags are for reviewers and admins.")
            flags = Flag.objects.filter(conversation=OuterRef("pk"), closed_at=None)
            rows = rows.filter(Exists(flags if asked["flag"] == "any" else flags.filter(kind=asked["flag"])))
        return self.answer_page(rows, lambda page: present_conversations(page, access))


class ConversationDetail(StaffView):
    """One conversation with everything the token's role may see."""

    needs = {"GET": Thing.TEXT}

    @extend_schema(responses=out.ConversationSerializer, summary="Read a conversation")
    def get(self, request: Request, pk: UUID) -> Response:
        return Response(_present(pk, self.get_access(request)))


def _present(pk: UUID, access: StaffAccess) -> dict[str, Any]:
    """The conversation as this token may see it. Raises NotFound."""
    return present_conversations([access_row(get_conversations(), pk)], access)[0]


class ReviewBody(StrictSerializer):
    """A person's decision."""

    decision = serializers.ChoiceField(["accepted", "rejected"])
    reason = serializers.CharField(max_length=2000)
    corrections = serializers.DictField(
        required=False, help_text="initial_emotion_intensity, final_emotion_intensity: 1 to 5"
    )
    answer = serializers.CharField(
        max_length=2000, required=False, help_text="to who appealed; needed where an appeal waits"
    )


class ConversationReview(StaffView):
    """Decide about a conversation; the newest decision stands above every policy."""

    needs = {"POST": Thing.REVIEW}

    @extend_schema(
        request=ReviewBody, responses={201: out.ConversationSerializer}, summary="Review a conversation"
    )
    def post(self, request: Request, pk: UUID) -> Response:
        row = access_row(Conversation.objects.filter(VISIBLE), pk)
        body, access = self.read(ReviewBody, request), self.get_access(request)
        try:
            review(
                row,
                access.user,
                body["decision"],
                body["reason"],
                body.get("corrections"),
                body.get("answer", ""),
            )
        except NotReviewable as error:
            raise ValidationError({name: [text] for name, text in error.fields.items()}) from error
        return Response(_present(pk, access), status=status.HTTP_201_CREATED)


class VerdictQuery(StrictSerializer):
    """The filters of the list; they add up."""

    study = StudyField(required=False)
    conversation = serializers.UUIDField(required=False)
    policy = serializers.CharField(required=False, help_text="NAME or NAME@VERSION")
    outcome = serializers.ChoiceField([o for kind in OUTCOMES.values() for o in kind], required=False)


class VerdictList(StaffView):
    """Verdicts, the newest first."""

    needs = {"GET": Thing.VERDICT}
    ordering = ("-id",)
    serializer_class = out.VerdictRowSerializer

    @extend_schema(
        parameters=[VerdictQuery], responses=out.VerdictRowSerializer(many=True), summary="List verdicts"
    )
    def get(self, request: Request) -> Response:
        asked = self.read_query(VerdictQuery, request)
        rows = Verdict.objects.select_related("policy").filter(
            conversation__in=Conversation.objects.filter(VISIBLE)
        )
        if "study" in asked:
            rows = rows.filter(conversation__study=asked["study"])
        if "conversation" in asked:
            rows = rows.filter(conversation=asked["conversation"])
        if "policy" in asked:
            rows = rows.filter(policy__in=_named(asked["policy"]))
        if "outcome" in asked:
            rows = rows.filter(outcome=asked["outcome"])
        return self.answer_page(rows, lambda page: [present_verdict_row(row) for row in page])


def _named(words: str) -> list[Policy]:
    """Every version of a name, or the one version of NAME@VERSION."""
    name, at, version = words.partition("@")
    rows = Policy.objects.filter(name=name)
    if at:
        rows = rows.filter(version=int(version)) if version.isdecimal() and len(version) < 9 else rows.none()
    return list(rows)


class PolicyBody(StrictSerializer):
    """A new version of a policy: its definition names it, unless `name` does."""

    name = serializers.CharField(required=False, max_length=60)
    version = serializers.IntegerField(required=False, help_text="not looked at: the server counts versions")
    definition = serializers.DictField()
    active = serializers.BooleanField(default=False, help_text="true: it judges from now on")


class PolicyList(StaffView):
    """Every version of every policy."""

    needs = {"GET": Thing.POLICY, "POST": Thing.POLICY_CHANGE}
    queryset = Policy.objects.all()
    ordering = ("name", "-version")
    serializer_class = out.PolicySerializer

    @extend_schema(responses=out.PolicySerializer(many=True), summary="List the policies")
    def get(self, request: Request) -> Response:
        self.read_query(StrictSerializer, request)
        return self.answer_page(self.get_queryset(), lambda page: [present_policy(row) for row in page])

    @extend_schema(
        request=PolicyBody, responses={201: out.PolicySerializer}, summary="Add a version of a policy"
    )
    def post(self, request: Request) -> Response:
        body, user = self.read(PolicyBody, request), self.get_access(request).user
        named = {"name": body["name"]} if "name" in body else {}
        try:
            policy = add_policy({**body["definition"], **named}, user)
        except PolicyError as error:
            raise ValidationError({"definition": error.problems}) from error
        if body["active"]:
            activate_policy(policy, user, "made active with its creation")
        return Response(present_policy(policy), status=status.HTTP_201_CREATED)


class ActivationBody(StrictSerializer):
    """A stored version, and why it is to judge."""

    policy = serializers.CharField(help_text="NAME@VERSION")
    reason = serializers.CharField(max_length=2000)
    instead_of = serializers.CharField(
        required=False, allow_blank=True, help_text="the version that is active as far as you know; else 400"
    )


class PolicyActivation(StaffView):
    """Make a version the one that judges. Everything is judged again; old verdicts stay."""

    needs = {"POST": Thing.POLICY_CHANGE}

    @extend_schema(request=ActivationBody, responses=out.ActivationSerializer, summary="Activate a version")
    def post(self, request: Request) -> Response:
        body, user = self.read(ActivationBody, request), self.get_access(request).user
        try:
            if "@" not in body["policy"]:
                raise PolicyUnknown("Name the version, too: NAME@VERSION.")
            policy = get_policy(body["policy"])
            owed = activate_policy(policy, user, body["reason"], instead_of=body.get("instead_of"))
        except PolicyUnknown as error:
            raise ValidationError({"policy": [str(error)]}) from error
        except ActivationRefused as refused:
            raise ValidationError({"policy": [str(refused)]}) from refused
        return Response({**present_policy(policy), "owed": owed})


class SimulationBody(StrictSerializer):
    """A study, and either a policy that is stored (NAME or NAME@VERSION) or the definition of a new one."""

    study = StudyField()
    source = serializers.CharField(  # type: ignore[assignment]
        required=False, max_length=200, help_text="the name of an imported file: only its conversations"
    )
    policy = serializers.CharField(required=False)
    definition = serializers.DictField(required=False)
    limit = serializers.IntegerField(default=200, min_value=0, max_value=10_000, help_text="changes listed")
    offset = serializers.IntegerField(
        default=0, min_value=0, max_value=10_000_000, help_text="left out first"
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("policy" in attrs) == ("definition" in attrs):
            raise ValidationError({"policy": ["Give either policy or definition."]})
        return attrs


class PolicySimulation(StaffView):
    """What a policy would say of a study, and which conversations would change. Stores nothing."""

    needs = {"POST": Thing.POLICY}

    @extend_schema(request=SimulationBody, responses=out.SimulationSerializer, summary="Simulate a policy")
    def post(self, request: Request) -> Response:
        body = self.read(SimulationBody, request)
        try:
            if "policy" in body:
                rules = get_rules(get_policy(body["policy"]))
            else:
                rules = read_policy({"version": 1, **body["definition"]})
            where = {"source": body.get("source", ""), "offset": body["offset"]}
            return Response(simulate(rules, body["study"], body["limit"], **where).as_json())
        except PolicyUnknown as error:
            raise ValidationError({"policy": [str(error)]}) from error
        except PolicyError as error:
            raise ValidationError({"definition": error.problems}) from error
