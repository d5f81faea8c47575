"""Frames of the live protocol `esc.v1`: what a person may ask of a room, and the replies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Say:
    """One utterance. `seen` is the last sequence number the writer had on the screen."""

    cid: UUID
    text: str
    strategy: str | None = None
    seen: int = 0
    tele: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rate:
    """The seeker's feedback (1-5) on the rating_request event whose sequence number is `req`."""

    cid: UUID
    req: int
    value: int


@dataclass(frozen=True, slots=True)
class End:
    """The wish to end the conversation: done, leave, unsafe or other."""

    cid: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class Help:
    """A call for help; `seq` points at the event it is about. The partner never learns of it."""

    cid: UUID
    kind: str
    seq: int | None = None
    note: str = ""


Body = Say | Rate | End | Help


@dataclass(frozen=True, slots=True)
class Command:
    """A durable frame with its sender. `epoch` None (the REST fallback) is not checked."""

    conversation: UUID
    participant: UUID
    epoch: int | None
    body: Body


@dataclass(frozen=True, slots=True)
class Ack:
    """Stored: the event's sequence number and time; `dup` when it had been stored before."""

    cid: UUID
    seq: int
    at: datetime
    dup: bool = False


@dataclass(frozen=True, slots=True)
class Nack:
    """Refused, nothing was stored; `retry` says whether the same command may succeed later."""

    cid: UUID
    code: str
    retry: bool = False
    after_ms: int | None = None


Reply = Ack | Nack
