"""A pass: what a page says of a session it has just read, signed, so that a socket gets in on its word.

A pass is worth something only beside the session cookie under whose key it was signed, and only for so long;
docs/protocol.md says what follows for a session that ends in between.
"""

from __future__ import annotations

import time
from dataclasses import astuple, dataclass, fields
from uuid import UUID

from django.core import signing

from escollect.domain.study import Limits
from escollect.people.models import Participant

COOKIE = "socket_pass"
PATH = "/ws/"
"""Sockets alone are sent it."""

LIFETIME_SECONDS = 300
AHEAD_SECONDS = 5
"""How far the clocks of two machines may be apart."""


@dataclass(frozen=True, slots=True)
class Pass:
    """Whose session it was when a page read it, `age` seconds ago, with the limits of their study."""

    participant: UUID
    epoch: int
    limits: Limits
    age: float


def make_pass(participant: Participant, limits: Limits, session_key: str) -> str:
    """A pass for the participant of a session that was read during this request."""
    said = [participant.pk.hex, participant.epoch, int(time.time()), list(astuple(limits))]
    return signing.dumps(said, salt=_get_salt(session_key))


def read_pass(text: str, session_key: str) -> Pass | None:
    """What a pass says; None when it is not ours, of another session, too old or of another release."""
    try:
        who, epoch, at, limits = signing.loads(text, salt=_get_salt(session_key))
        age = time.time() - at
        found = Pass(UUID(who), epoch, Limits(*limits), max(0.0, age))
    except (signing.BadSignature, AttributeError, ValueError, TypeError):
        return None
    complete = len(limits) == len(fields(Limits))
    return found if complete and -AHEAD_SECONDS < age <= LIFETIME_SECONDS else None


def _get_salt(session_key: str) -> str:
    return f"escollect.pass.{session_key}"
