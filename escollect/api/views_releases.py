from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

from django.core.handlers.asgi import ASGIRequest
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from escollect.accounts.permissions import Thing
from escollect.api import serializers as out
from escollect.api.base import StaffView, StrictSerializer, StudyField, access_row
from escollect.api.errors import Conflict
from escollect.api.presenting import present_release
from escollect.corpus.actions import ReleaseRefused, create_release
from escollect.corpus.models import Release
from escollect.corpus.selectors import get_release_folder

CHUNK = 64 * 1024


class ReleaseBody(StrictSerializer):
    """A release of a study; without `version` it gets the next number."""

    study = StudyField()
    version = serializers.RegexField(
        r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}\Z",
        required=False,
        error_messages={"invalid": "Use letters, digits, dots and dashes, at most 40."},
    )
    licence = serializers.CharField(
        required=False, max_length=60, help_text="only conversations under this licence"
    )


class ReleaseQuery(StrictSerializer):
    """The filter of the list."""

    study = StudyField(required=False)


class ReleaseList(StaffView):
    """Releases, the newest first."""

    needs = {"GET": Thing.RELEASE, "POST": Thing.RELEASE}
    queryset = Release.objects.select_related("study")
    serializer_class = out.ReleaseSerializer

    @extend_schema(
        parameters=[ReleaseQuery], responses=out.ReleaseSerializer(many=True), summary="List releases"
    )
    def get(self, request: Request) -> Response:
        asked = self.read_query(ReleaseQuery, request)
        rows = self.get_queryset().filter(**asked)
        return self.answer_page(rows, lambda page: [present_release(row) for row in page])

    @extend_schema(
        request=ReleaseBody,
        responses={201: out.ReleaseSerializer},
        summary="Make a release",
        description="The release is queued; read it again until its state is ready or failed.",
    )
    def post(self, request: Request) -> Response:
        body, user = self.read(ReleaseBody, request), self.get_access(request).user
        try:
            release = create_release(body["study"], body.get("version", ""), user, body.get("licence", ""))
        except ReleaseRefused as error:
            raise Conflict(str(error)) from error
        return Response(present_release(release), status=status.HTTP_201_CREATED)


class ReleaseDetail(StaffView):
    """One release."""

    needs = {"GET": Thing.RELEASE}

    @extend_schema(responses=out.ReleaseSerializer, summary="Read a release")
    def get(self, request: Request, pk: UUID) -> Response:  # noqa: ARG002  the framework's signature
        return Response(present_release(access_row(Release.objects.select_related("study"), pk)))


class ReleaseFile(StaffView):
    """A file of a release that is ready."""

    needs = {"GET": Thing.RELEASE}

    @extend_schema(
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY}, summary="Download a file"
    )
    def get(self, request: Request, pk: UUID, name: str) -> HttpResponseBase:
        release = access_row(Release.objects.select_related("study"), pk)
        if release.state != Release.State.READY:
            raise Conflict(f"The release is {release.state}; its files are there once it is ready.")
        path = _access_file(release, name)
        if not isinstance(request._request, ASGIRequest):  # noqa: SLF001  has no public name
            return FileResponse(path.open("rb"), as_attachment=True, filename=path.name)
        response = StreamingHttpResponse(_read(path), content_type="application/octet-stream")
        response.headers["Content-Length"] = str(path.stat().st_size)
        response.headers["Content-Disposition"] = f'attachment; filename="{path.name}"'
        return response


def _access_file(release: Release, name: str) -> Path:
    """The file of that name. Raises NotFound for anything that the release does not list."""
    if name in {file["name"] for file in release.files}:
        folder = get_release_folder(release).resolve()
        path = (folder / name).resolve()
        if path.is_relative_to(folder) and path.is_file():
            return path
    raise NotFound("The release has no such file.")


async def _read(path: Path) -> AsyncIterator[bytes]:
    """The file in pieces; under ASGI a plain file would be collected in memory first."""
    file = await asyncio.to_thread(path.open, "rb")
    try:
        while piece := await asyncio.to_thread(file.read, CHUNK):
            yield piece
    finally:
        file.close()
