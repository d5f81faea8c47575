"""Who is at the other end of a socket: origin, subprotocol, and the participant of the session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any
from uuid import UUID

from django.conf import settings

from escollect.domain.study import Limits
from escollect.domain.wire import SUBPROTOCOL
from escollect.people.selectors import get_session_participant


@dataclass(frozen=True, slots=True)
class Identity:
    """A participant as a session names them, with the limits of their study."""

    participant: UUID
    limits: Limits


def get_header(scope: Mapping[str, Any], name: bytes) -> str | None:
    """The last value of a header of the handshake; None without it."""
    values = [value for key, value in scope.get("headers", ()) if key == name]
    return values[-1].decode("latin-1") if values else None


def is_allowed_origin(scope: Mapping[str, Any]) -> bool:
    """Whether the page that opened the socket is one of ours: scheme, host and port must match.

    Every browser sends an Origin, which is what the rule is about; a client that is no browser may leave
    it out, for it has no session to abuse but its own.
    """
    origin = get_header(scope, b"origin")
    return origin is None or origin in settings.ALLOWED_ORIGINS


def speaks_our_protocol(scope: Mapping[str, Any]) -> bool:
    """Whether the client offered `esc.v1`."""
    return SUBPROTOCOL in scope.get("subprotocols", ())


def get_session_key(scope: Mapping[str, Any]) -> str | None:
    """The key in Django's session cookie."""
    cookies: SimpleCookie = SimpleCookie()
    try:
        cookies.load(get_header(scope, b"cookie") or "")
    except CookieError:
        return None
    morsel = cookies.get(settings.SESSION_COOKIE_NAME)
    return morsel.value if morsel else None


def get_identity(session_key: str | None) -> Identity | None:
    """Read the session afresh; None when it ended, or its participant may not take part any more."""
    if not session_key:
        return None
    store = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    participant = get_session_participant(store.load())
    if participant is None:
        return None
    version = participant.version
    return Identity(participant.pk, version.settings.limits if version else Limits())
