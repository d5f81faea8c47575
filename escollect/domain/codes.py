"""How the live protocol says no: when to try again, and why a socket is closed."""

from __future__ import annotations

from enum import IntEnum
from typing import Literal

Reconnect = Literal["never", "later", "at_once"]

WIRE_CODES = frozenset(
    {
        "bad_json",
        "bad_frame",
        "too_large",
        "unknown_type",
        "not_joined",
        "forbidden",
        "state",
        "deadline",
        "strategy_required",
        "strategy_forbidden",
        "strategy_invalid",
        "rating_invalid",
        "text_empty",
        "text_too_long",
        "text_chars",
        "cid_conflict",
        "rate_limited",
        "busy",
        "db_unavailable",
        "internal",
    }
)
RETRY_AFTER_MS = {"rate_limited": 1000, "busy": 500, "db_unavailable": 2000}


class Close(IntEnum):
    """Why the server closes a socket."""

    VERSION = 4001
    FORBIDDEN = 4003
    UNKNOWN = 4004
    OVER = 4005
    SUPERSEDED = 4009
    SESSION_ENDED = 4010
    ABUSE = 4022
    FLOOD = 4029
    TIMEOUT = 4108
    INTERNAL = 4111
    DEPENDENCY = 4113
    RESTART = 4201

    @property
    def reconnect(self) -> Reconnect:
        """Whether a client should come back, and how soon."""
        if self is Close.RESTART:
            return "at_once"
        if self in {Close.TIMEOUT, Close.INTERNAL, Close.DEPENDENCY}:
            return "later"
        return "never"
