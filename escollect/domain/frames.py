"""Frames from strangers become dataclasses, or a code that says what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from escollect.domain.events import HelpKind
from escollect.domain.lifecycle import WISHES
from escollect.domain.strictjson import JsonError, decode
from escollect.domain.text import NOTE_LIMIT, TextError, clean, clean_utterance
from escollect.domain.wire import Body, End, Help, Rate, Say

END_REASONS = frozenset(wish.value for wish in WISHES)
HELP_KINDS = frozenset(kind.value for kind in HelpKind)
TELEMETRY = ("keys", "ms", "paste_chars", "blurs")

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Join:
    """Enter the room from tab `tab`, having every event up to `last_seq`."""

    v: int
    last_seq: int
    tab: UUID


@dataclass(frozen=True, slots=True)
class Typing:
    """The writer started or stopped typing."""

    on: bool


@dataclass(frozen=True, slots=True)
class Ping:
    """A heartbeat; `n` comes back in the pong. `hidden`: the tab is in the background."""

    n: int | None
    hidden: bool


@dataclass(frozen=True, slots=True)
class Hello:
    """Take a place in the waiting room."""

    v: int


@dataclass(frozen=True, slots=True)
class Ready:
    """Yes to an offer."""

    offer: UUID


@dataclass(frozen=True, slots=True)
class Decline:
    """No to an offer."""

    offer: UUID


@dataclass(frozen=True, slots=True)
class Leave:
    """Leave the waiting room."""


RoomFrame = Join | Body | Typing | Ping
LobbyFrame = Hello | Ready | Decline | Leave | Ping
F = TypeVar("F")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A frame nobody can act on; with `cid` the answer is a nack, without it an error."""

    code: str
    cid: UUID | None = None


class _FieldError(ValueError):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _Fields:
    """Reads the fields of one frame; a field of the wrong type or range raises _FieldError."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values

    def integer(self, name: str, low: int) -> int:
        value = self.values.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or value < low:
            raise _FieldError("bad_frame")
        return value

    def optional_integer(self, name: str, low: int) -> int | None:
        return None if self.values.get(name) is None else self.integer(name, low)

    def boolean(self, name: str) -> bool:
        value = self.values.get(name)
        if not isinstance(value, bool):
            raise _FieldError("bad_frame")
        return value

    def string(self, name: str) -> str:
        value = self.values.get(name)
        if not isinstance(value, str):
            raise _FieldError("bad_frame")
        return value

    def optional_string(self, name: str) -> str | None:
        return None if self.values.get(name) is None else self.string(name)

    def uuid(self, name: str) -> UUID:
        value = self.string(name)
        if not _UUID.fullmatch(value):
            raise _FieldError("bad_frame")
        return UUID(value)

    def one_of(self, name: str, allowed: frozenset[str]) -> str:
        value = self.string(name)
        if value not in allowed:
            raise _FieldError("bad_frame")
        return value

    def telemetry(self) -> dict[str, int]:
        value = self.values.get("tele")
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise _FieldError("bad_frame")
        inner = _Fields(value)
        return {name: inner.integer(name, 0) for name in TELEMETRY if name in value}


def _join(fields: _Fields) -> Join:
    return Join(fields.integer("v", 0), fields.integer("last_seq", 0), fields.uuid("tab"))


def _say(fields: _Fields) -> Say:
    return Say(
        cid=fields.uuid("cid"),
        text=clean_utterance(fields.string("text")),
        strategy=fields.optional_string("strategy"),
        seen=fields.integer("seen", 0),
        tele=fields.telemetry(),
    )


def _rate(fields: _Fields) -> Rate:
    rate = Rate(fields.uuid("cid"), fields.integer("req", 1), fields.integer("value", -(10**15)))
    if not 1 <= rate.value <= 5:
        raise _FieldError("rating_invalid")
    return rate


def _end(fields: _Fields) -> End:
    return End(fields.uuid("cid"), fields.one_of("reason", END_REASONS))


def _help(fields: _Fields) -> Help:
    return Help(
        cid=fields.uuid("cid"),
        kind=fields.one_of("kind", HELP_KINDS),
        seq=fields.optional_integer("seq", 1),
        note=clean(fields.optional_string("note") or "", NOTE_LIMIT),
    )


def _ping(fields: _Fields) -> Ping:
    hidden = "hidden" in fields.values and fields.boolean("hidden")
    return Ping(fields.optional_integer("n", 0), hidden)


_COMMANDS: dict[str, Callable[[_Fields], Body]] = {
    "msg": _say,
    "rate": _rate,
    "end": _end,
    "help": _help,
}
_ROOM: dict[str, Callable[[_Fields], RoomFrame]] = {
    **_COMMANDS,
    "join": _join,
    "typing": lambda fields: Typing(fields.boolean("on")),
    "ping": _ping,
}
_LOBBY: dict[str, Callable[[_Fields], LobbyFrame]] = {
    "hello": lambda fields: Hello(fields.integer("v", 0)),
    "ready": lambda fields: Ready(fields.uuid("offer")),
    "decline": lambda fields: Decline(fields.uuid("offer")),
    "leave": lambda _fields: Leave(),
    "ping": _ping,
}


def parse_room(raw: str) -> RoomFrame | Refusal:
    """The room frame in a JSON text, or why there is none. Never raises."""
    return _parse(raw, _ROOM)


def parse_lobby(raw: str) -> LobbyFrame | Refusal:
    """The lobby frame in a JSON text, or why there is none. Never raises."""
    return _parse(raw, _LOBBY)


def parse_command(values: Mapping[str, Any]) -> Body | Refusal:
    """A durable command (msg, rate, end, help) from decoded JSON, as the REST fallback has it."""
    return _read(values, _COMMANDS)


def _parse(raw: str, readers: Mapping[str, Callable[[_Fields], F]]) -> F | Refusal:
    try:
        values = decode(raw)
    except JsonError as refused:
        return Refusal(refused.code)
    return _read(values, readers)


def _read(values: object, readers: Mapping[str, Callable[[_Fields], F]]) -> F | Refusal:
    if not isinstance(values, dict) or not isinstance(values.get("t"), str):
        return Refusal("bad_frame")
    reader = readers.get(values["t"])
    if reader is None:
        return Refusal("unknown_type")
    try:
        return reader(_Fields(values))
    except (_FieldError, TextError) as refused:
        return Refusal(refused.code, _command_id(values))


def _command_id(values: Mapping[str, Any]) -> UUID | None:
    cid = values.get("cid")
    if values["t"] in _COMMANDS and isinstance(cid, str) and _UUID.fullmatch(cid):
        return UUID(cid)
    return None
