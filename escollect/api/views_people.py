from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from escollect.accounts.models import User
from escollect.accounts.permissions import Thing
from escollect.api import serializers as out
from escollect.api.base import StaffView, StrictSerializer, StudyField
from escollect.api.errors import Conflict
from escollect.people.actions import create_participant, invite
from escollect.people.models import Participant, Role
from escollect.people.selectors import find_participant
from escollect.studies.models import Study
from escollect.training.actions import grant_qualification

REASON = "qualified: true in the REST call that invited them"


class ParticipantBody(StrictSerializer):
    """Whom to invite. `external_id` is the platform's id: the same one is the same person."""

    study = StudyField()
    role = serializers.ChoiceField(Role.values)
    external_id = serializers.CharField(required=False, max_length=200)
    qualified = serializers.BooleanField(
        default=False, help_text="true grants a supporter's qualification by hand; seekers need none"
    )


class ParticipantList(StaffView):
    """Invite people."""

    needs = {"POST": Thing.INVITE}
    serializer_class = out.InvitedSerializer

    @extend_schema(
        request=ParticipantBody,
        responses={200: out.InvitedSerializer, 201: out.InvitedSerializer},
        summary="Invite a participant",
        description=(
            "201: a new participant. 200: the study knows this external_id in this role; the same "
            "participant gets one more invite, and older ones stay good. As that tells who somebody is, "
            "it is for admins; others get 409."
        ),
    )
    def post(self, request: Request) -> Response:
        body, access = self.read(ParticipantBody, request), self.get_access(request)
        known = _is_known(body)
        if known and not access.may(Thing.IDENTITY):
            raise Conflict("This external_id is already in the study. Nothing was stored; ask an admin.")
        participant, token = _invite(body["study"], body, access.user)
        return Response(
            {"participant": participant.pk, "invite_url": f"{settings.PUBLIC_URL}/join/{token}/"},
            status=status.HTTP_200_OK if known else status.HTTP_201_CREATED,
        )


def _is_known(body: dict[str, Any]) -> bool:
    external_id = body.get("external_id", "")
    return bool(external_id) and find_participant(body["study"], body["role"], external_id) is not None


@transaction.atomic
def _invite(study: Study, body: dict[str, Any], by: User) -> tuple[Participant, str]:
    participant = create_participant(study, body["role"], body.get("external_id", ""), by=by)
    if body["qualified"] and participant.role == Role.SUPPORTER:
        grant_qualification(participant, by, REASON)
    _, token = invite(study, body["role"], participant=participant, by=by)
    return participant, token
