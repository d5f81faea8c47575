"""Who is at the other end of a socket: origin, subprotocol, and the participant of the session.

A pass, which participants' pages set beside the session cookie, names the participant without a query.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any
from uuid import UUID

from django.conf import settings

from escollect.conversations.rules import get_limits
from escollect.domain.study import Limits
from escollect.domain.wire import SUBPROTOCOL
from escollect.people import passes
from escollect.people.passes import Pass, read_pass
from escollect.people.selectors import get_session_participants


@dataclass(frozen=True, slots=True)
class Identity:
    """A participant as a session names them, with the limits of their study."""

    participant: UUID
    epoch: int
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
    """The key in Django's session cookie; None without one, or when it is none that Django made."""
    key = _get_cookies(scope).get(settings.SESSION_COOKIE_NAME, "")
    return key if key.isascii() and key.isalnum() else None


def get_pass(scope: Mapping[str, Any]) -> Pass | None:
    """What the pass of the handshake says, if it is one for the session of its cookie."""
    key = get_session_key(scope)
    return None if key is None else read_pass(_get_cookies(scope).get(passes.COOKIE, ""), key)


def _get_cookies(scope: Mapping[str, Any]) -> dict[str, str]:
    cookies: SimpleCookie = SimpleCookie()
    try:
        cookies.load(get_header(scope, b"cookie") or "")
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in cookies.items()}


def get_identities(session_keys: Collection[str]) -> dict[str, Identity]:
    """Read sessions afresh; left out is one that ended, or whose participant may not take part any more."""
    return {
        key: Identity(participant.pk, participant.epoch, get_limits(participant))
        for key, participant in get_session_participants(session_keys).items()
    }
