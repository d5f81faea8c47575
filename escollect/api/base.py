"""What every view of the staff's part has: a strict parser, its needs, and who is asking."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from rest_framework import serializers
from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from escollect.accounts.permissions import Thing
from escollect.api.auth import StaffAccess
from escollect.api.parsers import StrictJSONParser
from escollect.api.schema import Schema
from escollect.studies.models import Study

if TYPE_CHECKING:
    Generic = GenericAPIView[Any]
else:
    Generic = GenericAPIView

Row = TypeVar("Row", bound=Model)


class StaffView(Generic):
    """A view for tokens; `needs` says for each method what the token must be allowed to see or do."""

    schema = Schema()
    metadata_class = None
    parser_classes = (StrictJSONParser,)
    needs: Mapping[str, Thing] = {}
    queryset: QuerySet[Any] | None = None

    def get_access(self, request: Request) -> StaffAccess:
        """The token behind a request that passed the permissions."""
        if not isinstance(request.auth, StaffAccess):
            raise PermissionDenied
        return request.auth

    def read(self, serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
        """The checked body. Raises ValidationError naming every field that is wrong."""
        checked = serializer(data=request.data)
        checked.is_valid(raise_exception=True)
        return dict(checked.validated_data)

    def read_query(self, serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
        """The checked query parameters; unknown ones are refused, as a typing error would list everything."""
        given = {key: value for key, value in request.query_params.items() if key not in PAGING}
        checked = serializer(data=given)
        checked.is_valid(raise_exception=True)
        return dict(checked.validated_data)

    def answer_page(self, rows: QuerySet[Any], present: Any) -> Response:
        """A page of `rows`; `present` turns the list of rows into JSON values."""
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(present(page))


PAGING = frozenset({"cursor", "page_size", "format"})


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses keys it does not know, so that a misspelt one is never silently ignored."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = sorted(set(map(str, data)) - set(self.fields))
            if unknown:
                known = ", ".join(self.fields)
                raise ValidationError(
                    {key: [f"There is no such field; known are {known}."] for key in unknown}
                )
        return super().to_internal_value(data)


def access_study(slug: str) -> Study:
    """The study of an address. Raises NotFound."""
    study = Study.objects.select_related("current").filter(slug=slug).first()
    if study is None:
        raise NotFound(f"There is no study {slug}.")
    return study


def access_row(rows: QuerySet[Row], pk: UUID) -> Row:
    """The row of an address. Raises NotFound."""
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound("There is nothing with this id.")
    return found


class StudyField(serializers.SlugRelatedField[Study]):
    """A study by its slug."""

    default_error_messages = {"does_not_exist": "There is no study {value}."}

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("queryset", Study.objects.select_related("current"))
        super().__init__(slug_field="slug", **kwargs)
