"""Frames of the live protocol `esc.v1`: what a person may ask of a room, and what the server says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Protocol
from uuid import UUID

from escollect.domain.codes import RETRY_AFTER_MS

VERSION = 1
SUBPROTOCOL = "esc.v1"
STAFF = "staff"

Frame = dict[str, Any]


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


class EventLike(Protocol):
    """What an event row offers to the views."""

    @property
    def seq(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def author(self) -> str: ...
    @property
    def at(self) -> datetime | None: ...
    @property
    def text(self) -> str: ...
    @property
    def strategy(self) -> str: ...
    @property
    def value(self) -> int | None: ...
    @property
    def payload(self) -> Mapping[str, Any]: ...


# What of an event's payload everybody in the room may see; anything else stays on the server.
PUBLIC_PAYLOAD: Mapping[str, tuple[str, ...]] = {
    "msg": (),
    "rating_request": (),
    "rating": ("req",),
    "state": ("state", "reason"),
    "notice": ("code", "who", "until"),
    "moderator": (),
}
# A partner learns that the conversation ended, not that somebody felt unsafe or wanted away.
PRIVATE_REASONS = frozenset({"leave", "unsafe", "other"})


def iso(moment: datetime | None) -> str | None:
    """A time as it goes over the wire: ISO 8601 in UTC with milliseconds."""
    return None if moment is None else _spell(moment)


@lru_cache(maxsize=256)
def _spell(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def view(event: EventLike, role: str) -> Frame:
    """The event frame as `role` (seeker, supporter, staff) may see it.

    Strategies and rating values go to their author and to staff; telemetry goes to nobody here.
    A field that the role may not see is absent.
    """
    own = role in {event.author, STAFF}
    frame: Frame = {
        "t": "event",
        "seq": event.seq,
        "at": iso(event.at),
        "kind": event.kind,
        "from": event.author,
    }
    if event.text:
        frame["text"] = event.text
    if event.kind == "msg" and event.strategy and own:
        frame["strategy"] = event.strategy
    if event.kind == "rating" and own:
        frame["value"] = event.value
    for key in PUBLIC_PAYLOAD.get(event.kind, ()):
        if key in event.payload:
            frame[key] = event.payload[key]
    by = event.payload.get("by", event.author)
    if frame.get("reason") in PRIVATE_REASONS and role not in {by, STAFF}:
        del frame["reason"]
    return frame


def reply_frame(reply: Reply) -> Frame:
    """The ack or nack frame of a reply."""
    if isinstance(reply, Ack):
        return {
            "t": "ack",
            "cid": str(reply.cid),
            "seq": reply.seq,
            "at": iso(reply.at),
            "dup": reply.dup,
        }
    frame: Frame = {"t": "nack", "cid": str(reply.cid), "code": reply.code, "retry": reply.retry}
    if reply.after_ms is not None:
        frame["after_ms"] = reply.after_ms
    return frame


def refusal(cid: UUID, code: str, after_ms: int | None = None) -> Nack:
    """A nack whose retry flag and pause follow from its code."""
    wait = RETRY_AFTER_MS.get(code) if after_ms is None else after_ms
    return Nack(cid, code, code in RETRY_AFTER_MS, wait)


def error_frame(code: str, fatal: bool = False) -> Frame:
    """A refusal that belongs to no command; a fatal one is followed by a close."""
    return {"t": "error", "code": code, "fatal": fatal}


def bye_frame(code: str, after_ms: int) -> Frame:
    """The server is about to close for a reason that is nobody's fault."""
    return {"t": "bye", "code": code, "after_ms": after_ms}


def redirect_frame(path: str, why: str) -> Frame:
    """The room is over for this person; the page at `path` goes on."""
    return {"t": "redirect", "path": path, "why": why}


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False)


_quote = json.encoder.encode_basestring
"""A JSON string as `encode` writes it."""


def encode_reply(reply: Reply) -> str:
    """`encode(reply_frame(reply))`; nearly every reply is an ack, which has no character to escape."""
    if isinstance(reply, Ack):
        dup = "true" if reply.dup else "false"
        return f'{{"t":"ack","cid":"{reply.cid}","seq":{reply.seq},"at":"{iso(reply.at)}","dup":{dup}}}'
    return encode(reply_frame(reply))


def encode_event(event: EventLike, role: str) -> str:
    """`encode(view(event, role))`; an utterance, which nearly every event is, without the way round."""
    if event.kind != "msg" or not event.text or event.at is None:
        return encode(view(event, role))
    own = event.strategy and role in {event.author, STAFF}
    strategy = f',"strategy":{_quote(event.strategy)}' if own else ""
    return (
        f'{{"t":"event","seq":{event.seq},"at":"{iso(event.at)}","kind":"msg","from":"{event.author}",'
        f'"text":{_quote(event.text)}{strategy}}}'
    )


def encode(frame: Frame) -> str:
    """A frame as the text that is sent."""
    return _ENCODER.encode(frame)
