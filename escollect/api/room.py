"""The REST way into a room, for places where websockets do not get through (protocol, section 3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import monotonic
from typing import IO, Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ParseError, PermissionDenied, ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from escollect.api.auth import ParticipantAuthentication
from escollect.api.errors import TooLarge
from escollect.api.permissions import IsParticipant
from escollect.api.schema import Schema
from escollect.api.throttles import RoomThrottle
from escollect.conversations.actions import seen
from escollect.conversations.gathering import submit_together
from escollect.conversations.models import Member
from escollect.conversations.rules import get_settings
from escollect.conversations.selectors import access_member, events_after, room_view
from escollect.domain.frames import Refusal, parse_command
from escollect.domain.strictjson import FRAME_LIMIT, JsonError, decode
from escollect.domain.wire import Command, Frame, Reply, Say, error_frame, iso, refusal, reply_frame, view
from escollect.infra.rates import get_utterance_bucket
from escollect.people.models import Participant

MAX_COMMANDS = 20
MAX_SEQ = 2**31 - 1
UNKNOWN = "There is no conversation of yours with this id."


class FrameParser(BaseParser):
    """A body that is read as strictly as a frame of the socket."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,  # noqa: ARG002  the framework's signature
        parser_context: Mapping[str, Any] | None = None,  # noqa: ARG002
    ) -> dict[str, Any]:
        raw = stream.read(FRAME_LIMIT + 1)
        try:
            value = decode(raw.decode())
        except JsonError as error:
            if error.code == "too_large":
                raise TooLarge(f"A body has at most {FRAME_LIMIT} bytes. Nothing was stored.") from error
            raise ParseError("This is not valid JSON. Nothing was stored.", "bad_json") from error
        except UnicodeDecodeError as error:
            raise ParseError("This is not UTF-8. Nothing was stored.", "bad_json") from error
        if not isinstance(value, dict):
            raise ParseError("The body must be one JSON object. Nothing was stored.", "bad_frame")
        return value


class RoomView(APIView):
    """What both addresses of a room share: whose room it is; one that is not yours is not there."""

    schema = Schema()
    metadata_class = None
    authentication_classes = (ParticipantAuthentication,)
    permission_classes = (IsParticipant,)
    throttle_classes = (RoomThrottle,)
    parser_classes = (FrameParser,)

    def access(self, request: Request, pk: UUID) -> Member:
        """The side of this session's participant. Raises NotFound."""
        participant: Any = request.user
        if not isinstance(participant, Participant):
            raise PermissionDenied
        member = access_member(pk, participant.pk)
        if member is None:
            raise NotFound(UNKNOWN)
        return member


class RoomState(serializers.Serializer[Any]):
    """What the socket tells of a room, and its event frames after the given number, at most 500."""

    role = serializers.CharField()
    state = serializers.CharField()
    last_seq = serializers.IntegerField()
    now = serializers.DateTimeField()
    rating = serializers.IntegerField(
        allow_null=True, help_text="the request for feedback that is open (seeker)"
    )
    deadlines = serializers.DictField(child=serializers.DateTimeField())
    partner = serializers.ChoiceField(["online", "away", "offline"])
    events = serializers.ListField(child=serializers.DictField())


class RoomEvents(RoomView):
    """What happened in a room after a sequence number; asking counts as being there."""

    @extend_schema(
        parameters=[OpenApiParameter("after", int, description="the last sequence number that is known")],
        responses=RoomState,
        summary="Read a room's events",
        tags=["room"],
    )
    def get(self, request: Request, pk: UUID) -> Response:
        member, after = self.access(request, pk), _read_seq(request.query_params.get("after", "0"))
        seen(pk, member.participant_id, None)
        room = room_view(pk, member.participant_id)
        if room is None:
            raise NotFound(UNKNOWN)
        return Response(
            {
                "role": room.role,
                "state": room.state,
                "last_seq": room.last_seq,
                "now": iso(room.now),
                "rating": room.rating,
                "deadlines": {name: iso(at) for name, at in room.deadlines.items()},
                "partner": room.partner,
                "events": [view(event, room.role) for event in events_after(pk, after)],
            }
        )


class CommandsBody(serializers.Serializer[Any]):
    """One to twenty command frames: msg, rate, end, help."""

    commands = serializers.ListField(child=serializers.DictField(), max_length=MAX_COMMANDS)


class ReplyList(serializers.Serializer[Any]):
    """An ack, nack or error frame for every command, in order."""

    replies = serializers.ListField(child=serializers.DictField())


class RoomCommands(RoomView):
    """Send what the socket would carry; sending a command again with the same cid stores it once."""

    @extend_schema(
        request=CommandsBody,
        responses={200: ReplyList},
        summary="Send commands to a room",
        description="The body is one frame of the live protocol, or `{commands: [frame, …]}`.",
        tags=["room"],
    )
    def post(self, request: Request, pk: UUID) -> Response:
        member, frames = self.access(request, pk), _read_frames(request.data)
        bodies = [parse_command(frame) for frame in frames]
        return Response({"replies": _answer(member, bodies)})


def _read_seq(given: str) -> int:
    if not (given.isascii() and given.isdigit() and len(given) <= 12 and int(given) <= MAX_SEQ):
        raise ValidationError({"after": ["This must be a sequence number: 0 or more."]})
    return int(given)


def _read_frames(data: Any) -> Sequence[Mapping[str, Any]]:
    frames = [data] if "t" in data else data.get("commands")
    if not isinstance(frames, list) or not 1 <= len(frames) <= MAX_COMMANDS:
        raise ValidationError({"commands": [f"This must be a list of 1 to {MAX_COMMANDS} frames."]})
    return frames


def _answer(member: Member, bodies: Sequence[Any]) -> list[Frame]:
    """One frame for each body; what can be stored goes through the one way in, as a batch."""
    limited = _limit(member, [body for body in bodies if isinstance(body, Say)])
    answers: list[Frame | None] = []
    commands: list[Command] = []
    for body in bodies:
        if isinstance(body, Refusal):
            nack = refusal(body.cid, body.code) if body.cid else None
            answers.append(reply_frame(nack) if nack else error_frame(body.code))
        elif body.cid in limited:
            answers.append(reply_frame(refusal(body.cid, "rate_limited", limited[body.cid])))
        else:
            answers.append(None)
            commands.append(Command(member.conversation_id, member.participant_id, None, body))
    replies: list[Reply] = submit_together(commands)
    stored = iter(replies)
    return [reply_frame(next(stored)) if answer is None else answer for answer in answers]


def _limit(member: Member, utterances: Sequence[Say]) -> dict[UUID, int]:
    """The utterances that come too fast, with the milliseconds to wait."""
    limits = get_settings(member.conversation.version).limits
    bucket = get_utterance_bucket(member.participant_id, limits.utterance_rate, limits.utterance_burst)
    now = monotonic()
    return {say.cid: int(bucket.wait(now) * 1000) for say in utterances if not bucket.take(now)}
