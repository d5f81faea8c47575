"""What the OpenAPI schema says beyond the views: how to sign in, and what every error looks like."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.renderers import (
    OpenApiJsonRenderer,
    OpenApiJsonRenderer2,
    OpenApiYamlRenderer,
    OpenApiYamlRenderer2,
)
from drf_spectacular.views import SpectacularAPIView

from escollect.api.serializers import ErrorSerializer


class Schema(AutoSchema):
    """Adds the one shape of errors to every operation."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is not None:
            error: dict[str, Any] = self._get_response_for_code(ErrorSerializer, "default")  # type: ignore[no-untyped-call]
            operation["responses"]["default"] = error
        return operation


class StaffTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself
    """The staff's token."""

    target_class = "escollect.api.auth.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:  # noqa: ARG002
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": '"Token " and the token that `manage.py create_token` printed.',
        }


class ParticipantScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself
    """The participant's session."""

    target_class = "escollect.api.auth.ParticipantAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:  # noqa: ARG002
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "The session that an invite opened; POST needs the header X-CSRFToken.",
        }


class SchemaView(SpectacularAPIView):
    """The schema as JSON, which is YAML too; `?format=yaml` for YAML that people like to read."""

    renderer_classes = [OpenApiJsonRenderer, OpenApiJsonRenderer2, OpenApiYamlRenderer, OpenApiYamlRenderer2]
    authentication_classes = ()
    throttle_classes = ()
