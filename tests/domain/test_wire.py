"""Frames: everything a stranger can send is a dataclass or a code; every role sees only its own view."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from escollect.domain.codes import RETRY_AFTER_MS, WIRE_CODES, Close
from escollect.domain.frames import (
    Decline,
    Hello,
    Join,
    Leave,
    Ping,
    Ready,
    Refusal,
    Typing,
    parse_command,
    parse_lobby,
    parse_room,
)
from escollect.domain.wire import (
    Ack,
    End,
    Help,
    Nack,
    Rate,
    Say,
    encode,
    encode_event,
    encode_reply,
    error_frame,
    refusal,
    reply_frame,
    view,
)

CID = UUID("0a6f7c1e-8f6f-4f0e-9b57-3f0d4b6f9a11")
TAB = UUID("5f4fbc8e-5f1c-4a0f-8a34-0f0f9c1b2d3e")
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
AT = datetime(2026, 1, 2, 3, 4, 5, 678900, tzinfo=UTC)


def frame(**fields: object) -> str:
    return json.dumps(fields, default=str)


@pytest.mark.parametrize(
    ("raw", "parsed"),
    [
        (frame(t="join", v=1, last_seq=0, tab=TAB), Join(1, 0, TAB)),
        (frame(t="msg", cid=CID, text="Hi", strategy=None, seen=3), Say(CID, "Hi", None, 3)),
        (frame(t="msg", cid=CID, text="cafe\u0301", seen=0), Say(CID, "caf\u00e9")),
        (
            frame(t="msg", cid=CID, text="Hi", strategy="Question", seen=0, tele={"keys": 2, "other": "x"}),
            Say(CID, "Hi", "Question", 0, {"keys": 2}),
        ),
        (frame(t="rate", cid=CID, req=7, value=5), Rate(CID, 7, 5)),
        (frame(t="end", cid=CID, reason="done"), End(CID, "done")),
        (frame(t="help", cid=CID, kind="abuse", seq=4, note="rude"), Help(CID, "abuse", 4, "rude")),
        (frame(t="help", cid=CID, kind="tech"), Help(CID, "tech")),
        (frame(t="typing", on=True), Typing(True)),
        (frame(t="ping", n=9), Ping(9, False)),
        (frame(t="ping", n=9, hidden=True, later="field"), Ping(9, True)),
    ],
)
def test_a_room_frame_is_read(raw: str, parsed: object) -> None:
    assert parse_room(raw) == parsed


@pytest.mark.parametrize(
    ("raw", "parsed"),
    [
        (frame(t="hello", v=1), Hello(1)),
        (frame(t="ready", offer=CID), Ready(CID)),
        (frame(t="decline", offer=CID), Decline(CID)),
        (frame(t="leave"), Leave()),
        (frame(t="ping"), Ping(None, False)),
        (frame(t="msg", cid=CID, text="Hi", seen=0), Refusal("unknown_type")),
        (frame(t="ready", offer="soon"), Refusal("bad_frame")),
    ],
)
def test_a_lobby_frame_is_read_or_refused(raw: str, parsed: object) -> None:
    assert parse_lobby(raw) == parsed


KILLERS = {
    "empty": ("", "bad_json"),
    "not json": ("hello", "bad_json"),
    "NaN": ('{"t":"ping","n":NaN}', "bad_json"),
    "infinity": ('{"t":"ping","n":-Infinity}', "bad_json"),
    "1e400": ('{"t":"ping","n":1e400}', "bad_json"),
    "16 digits": ('{"t":"ping","n":1234567890123456}', "bad_json"),
    "5,000 digits": ('{"t":"ping","n":' + "9" * 5000 + "}", "bad_json"),
    "duplicate key": ('{"t":"ping","t":"typing","n":1}', "bad_json"),
    "duplicate key inside": ('{"t":"msg","tele":{"keys":1,"keys":2}}', "bad_json"),
    "seven levels": ('{"t":"ping","x":[[[[[[1]]]]]]}', "bad_json"),
    "7,000 levels": ("[" * 7000, "bad_json"),
    "raw NUL": ('{"t":"ping\x00"}', "bad_json"),
    "raw lone surrogate": ('{"t":"\ud800"}', "bad_json"),
    "truncated": ('{"t":"ping","n":', "bad_json"),
    "16 KiB + 1": ('"' + "x" * (16 * 1024 - 1) + '"', "too_large"),
    "16 KiB + 1 in UTF-8": ('"' + "é" * (8 * 1024) + '"', "too_large"),
    "list": ("[]", "bad_frame"),
    "null": ("null", "bad_frame"),
    "number": ("15", "bad_frame"),
    "no type": ("{}", "bad_frame"),
    "type is a list": ('{"t":[]}', "bad_frame"),
    "unknown type": ('{"t":"drop table"}', "unknown_type"),
    "server's own type": ('{"t":"joined"}', "unknown_type"),
    "NUL as type": ('{"t":"\\u0000"}', "unknown_type"),
    "surrogate as type": ('{"t":"\\ud800"}', "unknown_type"),
    "bool as integer": ('{"t":"ping","n":true}', "bad_frame"),
    "float as integer": ('{"t":"ping","n":1.0}', "bad_frame"),
    "negative cursor": (frame(t="join", v=1, last_seq=-1, tab=TAB), "bad_frame"),
    "no tab": (frame(t="join", v=1, last_seq=0), "bad_frame"),
    "braced uuid": (frame(t="join", v=1, last_seq=0, tab="{" + str(TAB) + "}"), "bad_frame"),
    "no cid": (frame(t="msg", text="Hi", seen=0), "bad_frame"),
    "typing without on": (frame(t="typing"), "bad_frame"),
}


@pytest.mark.parametrize(("raw", "code"), KILLERS.values(), ids=KILLERS.keys())
def test_a_killer_frame_is_answered_with_an_error_code(raw: str, code: str) -> None:
    assert parse_room(raw) == Refusal(code)


def test_six_levels_and_fifteen_digits_and_16_kib_are_read() -> None:
    assert parse_room('{"t":"ping","n":1,"x":[[[[["]]]]]][[[[["]]]]]}') == Ping(1, False)
    assert parse_room('{"t":"ping","n":123456789012345}') == Ping(123456789012345, False)
    raw = '{"t":"ping","n":1,"x":""}'
    assert parse_room(raw.replace('""', '"' + "x" * (16 * 1024 - len(raw)) + '"')) == Ping(1, False)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"t": "msg", "seen": 0}, "bad_frame"),
        ({"t": "msg", "text": 5, "seen": 0}, "bad_frame"),
        ({"t": "msg", "text": "Hi"}, "bad_frame"),
        ({"t": "msg", "text": "Hi", "seen": 0, "strategy": ["Question"]}, "bad_frame"),
        ({"t": "msg", "text": "Hi", "seen": 0, "tele": {"keys": -1}}, "bad_frame"),
        ({"t": "msg", "text": "Hi", "seen": 0, "tele": 1}, "bad_frame"),
        ({"t": "msg", "text": "", "seen": 0}, "text_empty"),
        ({"t": "msg", "text": "x" * 2001, "seen": 0}, "text_too_long"),
        ({"t": "msg", "text": "a\x00b", "seen": 0}, "text_chars"),
        ({"t": "msg", "text": "\ud800", "seen": 0}, "text_chars"),
        ({"t": "rate", "req": 3, "value": 6}, "rating_invalid"),
        ({"t": "rate", "req": 3, "value": 0}, "rating_invalid"),
        ({"t": "rate", "req": 3, "value": "5"}, "bad_frame"),
        ({"t": "rate", "req": 0, "value": 5}, "bad_frame"),
        ({"t": "end", "reason": "bored"}, "bad_frame"),
        ({"t": "help", "kind": "hungry"}, "bad_frame"),
        ({"t": "help", "kind": "tech", "note": "x" * 501}, "text_too_long"),
    ],
)
def test_a_bad_command_with_a_client_id_gets_a_nack(fields: dict[str, Any], code: str) -> None:
    values = {**fields, "cid": str(CID)}
    assert parse_room(json.dumps(values)) == Refusal(code, CID)
    assert parse_command(values) == Refusal(code, CID)


def test_the_fallback_takes_commands_only() -> None:
    assert parse_command({"t": "end", "cid": str(CID), "reason": "leave"}) == End(CID, "leave")
    assert parse_command({"t": "ping", "n": 1}) == Refusal("unknown_type")


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text("aé\x00 ", max_size=20)
    | st.just(str(CID)),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abt", max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
TYPES = ("join", "msg", "rate", "end", "help", "typing", "ping", "hello", "ready", "decline", "leave", "x")
FIELDS = (
    "v",
    "last_seq",
    "tab",
    "cid",
    "text",
    "strategy",
    "seen",
    "tele",
    "req",
    "value",
    "on",
    "offer",
    "n",
)


@PATIENT
@given(
    st.builds(
        lambda kind, fields: {"t": kind, **fields},
        st.sampled_from(TYPES),
        st.dictionaries(st.sampled_from(FIELDS), JSON_VALUES),
    )
)
def test_no_frame_made_of_known_fields_raises(values: dict[str, Any]) -> None:
    for parsed in (parse_room(json.dumps(values)), parse_lobby(json.dumps(values))):
        assert not isinstance(parsed, Refusal) or parsed.code in WIRE_CODES


@PATIENT
@given(st.text(alphabet='{}[]":,\\ut0129eE+-.nul\x00é\ud800', max_size=200))
def test_no_line_noise_raises(raw: str) -> None:
    parsed = parse_room(raw)
    assert isinstance(parsed, Refusal)
    assert parsed.code in {"bad_json", "bad_frame", "unknown_type"}


@dataclass(frozen=True)
class Row:
    """An event as the database hands it over."""

    seq: int = 4
    kind: str = "msg"
    author: str = "supporter"
    at: datetime | None = AT
    text: str = ""
    strategy: str = ""
    value: int | None = None
    payload: dict[str, Any] = field(default_factory=dict)


HEAD = {"t": "event", "seq": 4, "at": "2026-01-02T03:04:05.678Z"}


def test_a_strategy_is_seen_by_its_author_and_staff_only() -> None:
    row = Row(text="How are you?", strategy="Question", payload={"tele": {"keys": 3}, "seen": 2})
    public = {**HEAD, "kind": "msg", "from": "supporter", "text": "How are you?"}
    assert view(row, "seeker") == public
    assert view(row, "supporter") == {**public, "strategy": "Question"}
    assert view(row, "staff") == {**public, "strategy": "Question"}


def test_a_rating_value_is_seen_by_the_seeker_and_staff_only() -> None:
    row = Row(kind="rating", author="seeker", value=2, payload={"req": 3, "ms": 900})
    public = {**HEAD, "kind": "rating", "from": "seeker", "req": 3}
    assert view(row, "supporter") == public
    assert view(row, "seeker") == {**public, "value": 2}
    assert view(row, "staff") == {**public, "value": 2}


def test_the_partner_does_not_learn_that_somebody_felt_unsafe() -> None:
    row = Row(kind="state", author="system", payload={"state": "survey", "reason": "unsafe", "by": "seeker"})
    public = {**HEAD, "kind": "state", "from": "system", "state": "survey"}
    assert view(row, "supporter") == public
    assert view(row, "seeker") == {**public, "reason": "unsafe"}
    idle = Row(kind="state", author="system", payload={"state": "survey", "reason": "idle"})
    assert view(idle, "supporter") == {**public, "reason": "idle"}


@PATIENT
@given(
    st.sampled_from(["msg", "rating_request", "rating", "state", "notice", "moderator"]),
    st.sampled_from(["seeker", "supporter", "system", "moderator"]),
    st.dictionaries(
        st.sampled_from(["tele", "value", "strategy", "seen", "note", "ip", "code"]),
        st.text("ab", max_size=3),
    ),
)
def test_a_view_never_shows_what_is_not_public(kind: str, author: str, payload: dict[str, Any]) -> None:
    row = Row(kind=kind, author=author, strategy="Others", value=1, payload=payload)
    for role in ("seeker", "supporter"):
        shown = view(row, role)
        assert not set(shown) & {"tele", "seen", "note", "ip"}
        if role != author:
            assert not set(shown) & {"strategy", "value"}


def test_replies_become_frames() -> None:
    late = AT.astimezone(timezone(timedelta(hours=2)))
    assert reply_frame(Ack(CID, 3, late, True)) == {
        "t": "ack",
        "cid": str(CID),
        "seq": 3,
        "at": "2026-01-02T03:04:05.678Z",
        "dup": True,
    }
    assert reply_frame(Nack(CID, "state")) == {"t": "nack", "cid": str(CID), "code": "state", "retry": False}
    assert reply_frame(refusal(CID, "busy")) == {
        "t": "nack",
        "cid": str(CID),
        "code": "busy",
        "retry": True,
        "after_ms": 500,
    }
    assert encode(error_frame("internal", fatal=True)) == '{"t":"error","code":"internal","fatal":true}'


def test_only_these_codes_are_retryable_and_only_these_closes_bring_a_client_back() -> None:
    assert set(RETRY_AFTER_MS) == {"rate_limited", "busy", "db_unavailable"}
    assert set(RETRY_AFTER_MS) <= WIRE_CODES
    assert {close.value: close.reconnect for close in Close} == {
        **dict.fromkeys((4001, 4003, 4004, 4005, 4009, 4010, 4022, 4029), "never"),
        **dict.fromkeys((4108, 4111, 4113), "later"),
        4201: "at_once",
    }


@given(
    text=st.text(),
    strategy=st.sampled_from(["", "Question", 'with "quotes" \\ and ä']),
    kind=st.sampled_from(["msg", "rating", "rating_request", "state", "notice", "moderator"]),
    author=st.sampled_from(["seeker", "supporter", "system"]),
    role=st.sampled_from(["seeker", "supporter", "staff"]),
    at=st.one_of(st.none(), st.datetimes(timezones=st.just(UTC))),
)
def test_the_quick_way_to_a_frame_is_the_frame(
    text: str, strategy: str, kind: str, author: str, role: str, at: datetime | None
) -> None:
    row = Row(7, kind, author, at, text, strategy, payload={"state": "survey", "reason": "leave"})
    assert encode_event(row, role) == encode(view(row, role))
    for reply in (
        Ack(CID, 7, at or AT),
        Ack(CID, 7, AT, dup=True),
        refusal(CID, "busy"),
        refusal(CID, "state", 5),
    ):
        assert encode_reply(reply) == encode(reply_frame(reply))
