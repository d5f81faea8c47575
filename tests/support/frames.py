"""The published schema of the live protocol, as a judge of frames."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

SCHEMA: dict[str, Any] = json.loads(
    (Path(__file__).resolve().parents[2] / "docs/protocol/esc.v1.schema.json").read_text("utf-8")
)
ROOM, LOBBY = "server_room", "server_lobby"
CLIENT_OF = {ROOM: "client_room", LOBBY: "client_lobby"}


@functools.cache
def get_validator(name: str) -> Draft202012Validator:
    """The validator of one definition: a union such as `server_room`, or a single frame."""
    return Draft202012Validator({**SCHEMA, "$ref": f"#/$defs/{name}"})


def get_members(union: str) -> list[str]:
    """The names of a union's frames."""
    return [member["$ref"].rpartition("/")[2] for member in SCHEMA["$defs"][union]["oneOf"]]


def is_valid(name: str, frame: object) -> bool:
    """Whether a frame is what the definition says."""
    return bool(get_validator(name).is_valid(frame))


def check_frame(name: str, frame: object) -> None:
    """Fail unless a frame is what the definition says."""
    problems = [error.message for error in get_validator(name).iter_errors(frame)]
    assert not problems, f"not a {name} frame: {frame}: {problems}"


def union_of(path: str) -> str:
    """The union of what the socket at this address sends."""
    return LOBBY if path.startswith("/ws/lobby") else ROOM
