from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from escollect.accounts.permissions import Thing
from escollect.api import serializers as out
from escollect.api.base import StaffView, StrictSerializer, access_study
from escollect.api.presenting import present_study
from escollect.corpus.funnel import get_funnel
from escollect.corpus.overview import get_overview
from escollect.studies.models import Study


class StudyList(StaffView):
    """The studies."""

    needs = {"GET": Thing.STUDY}
    queryset = Study.objects.select_related("current")
    ordering = ("slug",)
    serializer_class = out.StudySerializer

    @extend_schema(responses=out.StudySerializer(many=True), summary="List the studies")
    def get(self, request: Request) -> Response:
        self.read_query(StrictSerializer, request)
        return self.answer_page(self.get_queryset(), lambda rows: [present_study(row) for row in rows])


class StudyDetail(StaffView):
    """One study."""

    needs = {"GET": Thing.STUDY}

    @extend_schema(responses=out.StudySerializer, summary="Read a study")
    def get(self, request: Request, slug: str) -> Response:  # noqa: ARG002  the framework's signature
        return Response(present_study(access_study(slug)))


class StudyFunnel(StaffView):
    """The paper's funnel of one study."""

    needs = {"GET": Thing.STUDY}
    pagination_class = None

    @extend_schema(
        responses=out.FunnelStepSerializer(many=True), filters=False, summary="Count a study's funnel"
    )
    def get(self, request: Request, slug: str) -> Response:  # noqa: ARG002  the framework's signature
        steps = get_funnel(access_study(slug))
        return Response([{"step": step.step, "count": step.count} for step in steps])


class StudyLive(StaffView):
    """Who is there now."""

    needs = {"GET": Thing.STUDY}

    @extend_schema(responses=out.LiveSerializer, summary="Count who is in a study now")
    def get(self, request: Request, slug: str) -> Response:  # noqa: ARG002  the framework's signature
        found = get_overview(access_study(slug))
        return Response(
            {
                "waiting": dict(found.waiting),
                "chatting": found.chatting,
                "finished": found.finished,
                "verdicts": {outcome or "pending": count for outcome, count in found.verdicts.items()},
            }
        )
