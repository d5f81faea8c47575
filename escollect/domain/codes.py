"""What the live protocol answers when it says no: nack and error codes, close codes."""

from __future__ import annotations

from enum import IntEnum
from typing import Literal

Reconnect = Literal["never", "later", "at_once"]

CODES: dict[str, str] = {
    "bad_json": "The frame is not strict JSON.",
    "bad_frame": "A field is missing, of the wrong type or out of its range.",
    "too_large": "The frame is larger than 16 KiB.",
    "unknown_type": "There is no frame of this type in this direction.",
    "not_joined": "The first frame of a room is join.",
    "forbidden": "This person may not do this here.",
    "state": "The conversation is not in a state that allows this.",
    "deadline": "It came too late.",
    "strategy_required": "A supporter names the strategy of every utterance.",
    "strategy_forbidden": "A seeker does not name strategies.",
    "strategy_invalid": "The study has no such strategy.",
    "rating_invalid": "No feedback request of this number is open, or the value is not 1 to 5.",
    "text_empty": "There is nothing to read in the text.",
    "text_too_long": "The text has more code points than allowed.",
    "text_chars": "The text holds characters that cannot be stored.",
    "cid_conflict": "The same client id was used before for something else.",
    "rate_limited": "Too fast; the same command may be sent again after a moment.",
    "busy": "The server is busy; the same command may be sent again.",
    "db_unavailable": "The database is away; the same command may be sent again.",
    "internal": "Something broke on the server.",
}
RETRYABLE = frozenset({"rate_limited", "busy", "db_unavailable"})
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
