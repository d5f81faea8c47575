"""The published schema and the code that reads frames agree, on what is right and on what is wrong."""

import json
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from escollect.domain.codes import RETRY_AFTER_MS, WIRE_CODES
from escollect.domain.events import Author, EventKind, HelpKind, Notice, Refused, Role
from escollect.domain.frames import END_REASONS, Join, Refusal, parse_lobby, parse_room
from escollect.domain.lifecycle import ConversationState, EndReason
from escollect.domain.outcomes import Outcome
from escollect.domain.strategies import STRATEGIES
from escollect.domain.text import NOTE_LIMIT, UTTERANCE_LIMIT
from escollect.domain.turns import RATE_EVERY, check_strategy
from escollect.domain.wire import VERSION, Say
from tests.support.frame_noise import BIG, frames, optional, required
from tests.support.frames import SCHEMA, get_members, is_valid

DEFINITIONS: dict[str, Any] = SCHEMA["$defs"]
PAGE = (Path(__file__).resolve().parents[2] / "docs/protocol.md").read_text("utf-8")
PARSERS = {"client_room": parse_room, "client_lobby": parse_lobby}
CLIENT_FRAMES = [(union, name) for union in PARSERS for name in get_members(union)]
CALM = settings(deadline=None, derandomize=True, max_examples=60)


# What each field turns into, and the code the protocol has for it.
WRONG: Mapping[str, list[tuple[object, str]]] = {
    "v": [("1", "bad_frame"), (1.5, "bad_frame"), (None, "bad_frame"), (-1, "bad_frame")],
    "last_seq": [(-1, "bad_frame"), (True, "bad_frame"), ("0", "bad_frame"), (10**15, "bad_json")],
    "tab": [("", "bad_frame"), ("5f4fbc8e", "bad_frame"), (7, "bad_frame"), (None, "bad_frame")],
    "cid": [
        ("", "bad_frame"),
        ("{" + str(UUID(int=5)) + "}", "bad_frame"),
        (str(UUID(int=5)) + "\n", "bad_frame"),
    ],
    "text": [
        ("", "text_empty"),
        (" \n\u200b\u2060\u00ad\u3164", "text_empty"),
        ("x" * 2001, "text_too_long"),
        ("a\x00b", "text_chars"),
        ("a\tb", "text_chars"),
        ("a\ud800b", "text_chars"),
        ("a\U0001ffffb", "text_chars"),
        (5, "bad_frame"),
        (None, "bad_frame"),
    ],
    "strategy": [("question", "strategy_invalid"), ("Charm", "strategy_invalid"), (3, "bad_frame")],
    "seen": [(-1, "bad_frame"), (0.5, "bad_frame"), ([], "bad_frame")],
    "tele": [(7, "bad_frame"), ({"keys": -1}, "bad_frame"), ({"ms": "9"}, "bad_frame"), ([], "bad_frame")],
    "req": [(0, "bad_frame"), (None, "bad_frame"), ("7", "bad_frame")],
    "value": [(0, "rating_invalid"), (6, "rating_invalid"), (-3, "rating_invalid"), ("5", "bad_frame")],
    "reason": [("bored", "bad_frame"), (None, "bad_frame")],
    "kind": [("hungry", "bad_frame"), (1, "bad_frame")],
    "seq": [(0, "bad_frame"), ("4", "bad_frame")],
    "note": [("x" * 501, "text_too_long"), ("\x07", "text_chars"), (5, "bad_frame")],
    "on": [(1, "bad_frame"), ("true", "bad_frame"), (None, "bad_frame")],
    "n": [(-1, "bad_frame"), ("1", "bad_frame"), (1.5, "bad_frame")],
    "hidden": [(1, "bad_frame"), ("yes", "bad_frame")],
    "offer": [("soon", "bad_frame"), (None, "bad_frame")],
    "t": [("dance", "unknown_type"), ("joined", "unknown_type"), (1, "bad_frame"), (None, "bad_frame")],
}


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    used = set(re.findall(r'"#/\$defs/(\w+)"', json.dumps(SCHEMA)))
    unions = {"client_room", "server_room", "client_lobby", "server_lobby"}
    assert used | unions == set(DEFINITIONS)


def test_the_closed_lists_of_the_schema_are_those_of_the_code() -> None:
    event_state = DEFINITIONS["event_state"]["properties"]
    authors = {"const": Author.MODERATOR.value}
    assert {
        "role": set(DEFINITIONS["role"]["enum"]),
        "state": set(DEFINITIONS["state"]["enum"]),
        "strategy": DEFINITIONS["strategy"]["enum"],
        "code": set(DEFINITIONS["code"]["enum"]),
        "outcome": set(DEFINITIONS["outcome"]["enum"]),
        "reason": set(DEFINITIONS["client_end"]["properties"]["reason"]["enum"]),
        "ended": set(event_state["reason"]["enum"]),
        "help": set(DEFINITIONS["client_help"]["properties"]["kind"]["enum"]),
        "notice": set(DEFINITIONS["event_notice"]["properties"]["code"]["enum"]),
        "kinds": {name for name in get_members("server_room") if name.startswith("event_")},
        "moderator": DEFINITIONS["event_moderator"]["properties"]["from"],
        "retry": set(DEFINITIONS["server_nack"]["if"]["properties"]["code"]["enum"]),
    } == {
        "role": set(Role),
        "state": set(ConversationState),
        "strategy": list(STRATEGIES),
        "code": WIRE_CODES,
        "outcome": set(Outcome),
        "reason": END_REASONS,
        "ended": set(EndReason),
        "help": set(HelpKind),
        "notice": set(Notice),
        "kinds": {f"event_{kind}" for kind in EventKind},
        "moderator": authors,
        "retry": set(RETRY_AFTER_MS),
    }


def test_the_numbers_of_the_schema_are_those_of_the_code() -> None:
    joined = DEFINITIONS["server_joined"]["properties"]
    assert DEFINITIONS["utterance"]["maxLength"] == UTTERANCE_LIMIT
    assert DEFINITIONS["note"]["maxLength"] == NOTE_LIMIT
    assert DEFINITIONS["client_join"]["properties"]["v"] == {"const": VERSION}
    assert DEFINITIONS["client_hello"]["properties"]["v"] == {"const": VERSION}
    assert joined["rules"]["properties"]["rate_every"] == {"const": RATE_EVERY}
    assert DEFINITIONS["count"]["maximum"] == BIG


@pytest.mark.parametrize(("union", "name"), CLIENT_FRAMES)
def test_every_right_frame_is_read(union: str, name: str) -> None:
    kind = name.removeprefix("client_")

    @CALM
    @given(frames(kind))
    def check(frame: dict[str, Any]) -> None:
        assert is_valid(union, frame), frame
        parsed = PARSERS[union](json.dumps(frame))
        assert not isinstance(parsed, Refusal), (frame, parsed)

    check()


@pytest.mark.parametrize(("union", "name"), CLIENT_FRAMES)
def test_every_field_that_is_wrong_is_refused_with_the_code_of_the_protocol(union: str, name: str) -> None:
    kind = name.removeprefix("client_")
    fields = sorted({"t", *required[kind], *optional.get(kind, {})})

    @CALM
    @given(frames(kind), st.sampled_from(fields), st.data())
    def check(frame: dict[str, Any], field: str, data: st.DataObject) -> None:
        value, code = data.draw(st.sampled_from(WRONG[field]))
        wrong = {**frame, field: value}
        assert not is_valid(union, wrong), wrong
        assert answer(union, wrong) == code, wrong

    check()


@pytest.mark.parametrize(("union", "name"), CLIENT_FRAMES)
def test_every_field_that_is_missing_is_refused(union: str, name: str) -> None:
    kind = name.removeprefix("client_")
    assert set(DEFINITIONS[name]["required"]) == {"t", *required[kind]}
    assert set(DEFINITIONS[name]["properties"]) == {"t", *required[kind], *optional.get(kind, {})}

    @CALM
    @given(frames(kind), st.sampled_from(["t", *required[kind]]))
    def check(frame: dict[str, Any], field: str) -> None:
        del frame[field]
        assert not is_valid(union, frame)
        assert answer(union, frame) == "bad_frame"

    check()


def answer(union: str, frame: Mapping[str, Any]) -> str:
    """The code that a frame is refused with, by the parser or by the rules of a turn."""
    parsed = PARSERS[union](json.dumps(frame))
    if isinstance(parsed, Refusal):
        return parsed.code
    if isinstance(parsed, Say):
        try:
            check_strategy(Role.SUPPORTER, parsed.strategy)
        except Refused as refused:
            return refused.code
    return "read"


@CALM
@given(st.integers(0, BIG).filter(lambda version: version != VERSION))
def test_another_version_is_read_so_that_it_can_be_refused_with_a_close_of_its_own(version: int) -> None:
    frame = {"t": "join", "v": version, "last_seq": 0, "tab": str(UUID(int=1))}
    assert not is_valid("client_room", frame)
    assert parse_room(json.dumps(frame)) == Join(version, 0, UUID(int=1))


@CALM
@given(st.text(st.characters(codec=None), max_size=30))
def test_the_schema_and_the_reader_agree_about_every_text(text: str) -> None:
    assume(unicodedata.normalize("NFC", text) == text)
    frame = {"t": "msg", "cid": str(UUID(int=1)), "text": text, "seen": 0}
    parsed = parse_room(json.dumps(frame))
    assert is_valid("client_room", frame) == isinstance(parsed, Say)


# The transcripts of the page: "…" stands for the rest of an id or a time, or for fields left out.
LINE = re.compile(r"^(?P<who>seeker|supporter|both) +(?P<way>[→←]) (?P<frame>\{.*\})$", re.MULTILINE)
STANDS_FOR = {"cid": str(UUID(int=1)), "tab": str(UUID(int=2)), "offer": str(UUID(int=3))}


def get_transcripts() -> list[tuple[str, dict[str, Any], bool]]:
    """(union, frame, whether it is complete) of every frame that the page writes out."""
    found = []
    for block in re.findall(r"```\n(.*?)```", PAGE, re.DOTALL):
        place = "lobby" if '"t":"hello"' in block else "room"
        for match in LINE.finditer(re.sub(r",\n +\"", ',"', block)):
            side = "client" if match["way"] == "→" else "server"
            raw = re.sub(r",…(?=[,}\]])", "", match["frame"])
            found.append((f"{side}_{place}", fill_in(json.loads(raw)), raw == match["frame"]))
    return found


def fill_in(value: Any, name: str = "") -> Any:
    """A value of a transcript with what its dots stand for."""
    if isinstance(value, dict):
        return {key: fill_in(inner, key) for key, inner in value.items()}
    if not isinstance(value, str) or "…" not in value:
        return value
    if name == "path":
        return re.sub(r"[0-9a-f]+…", STANDS_FOR["offer"], value)
    return STANDS_FOR.get(name, "2026-01-02T03:04:05.678Z")


def test_the_transcripts_of_the_page_are_frames_of_the_schema() -> None:
    transcripts = get_transcripts()
    assert len(transcripts) > 30
    for union, frame, complete in transcripts:
        name = f"event_{frame['kind']}" if frame["t"] == "event" else f"{union.split('_')[0]}_{frame['t']}"
        assert name in get_members(union), frame
        if complete:
            assert is_valid(union, frame), frame
            continue
        known = {**DEFINITIONS[name], "required": []}
        judge = Draft202012Validator({**known, "$defs": DEFINITIONS})
        assert judge.is_valid(frame), (frame, [error.message for error in judge.iter_errors(frame)])
