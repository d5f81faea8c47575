"""Frames to throw at a reader: right ones from the schema's fields, damaged ones, and known killers."""

from __future__ import annotations

import json
import unicodedata
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from escollect.domain.events import HelpKind
from escollect.domain.frames import END_REASONS, TELEMETRY
from escollect.domain.strategies import STRATEGIES

T = TypeVar("T")
BIG = 10**15 - 1

counts = st.integers(0, BIG)
numbers = st.integers(1, BIG)
uuids = st.uuids().map(str) | st.uuids().map(lambda value: str(value).upper())
composed = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), max_size=40).map(
    lambda text: unicodedata.normalize("NFC", text)
)
nothing: dict[str, st.SearchStrategy[Any]] = {}
required: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "join": {"v": st.just(1), "last_seq": counts, "tab": uuids},
    "msg": {"cid": uuids, "text": composed.map(lambda text: text + "."), "seen": counts},
    "rate": {"cid": uuids, "req": numbers, "value": st.integers(1, 5)},
    "end": {"cid": uuids, "reason": st.sampled_from(sorted(END_REASONS))},
    "help": {"cid": uuids, "kind": st.sampled_from([kind.value for kind in HelpKind])},
    "typing": {"on": st.booleans()},
    "ping": nothing,
    "hello": {"v": st.just(1)},
    "ready": {"offer": uuids},
    "decline": {"offer": uuids},
    "leave": nothing,
}
optional: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "msg": {
        "strategy": st.none() | st.sampled_from(STRATEGIES),
        "tele": st.none() | st.dictionaries(st.sampled_from(TELEMETRY), counts),
    },
    "help": {"seq": st.none() | numbers, "note": st.none() | composed},
    "ping": {"n": st.none() | counts, "hidden": st.booleans()},
}


def frames(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    """Right frames of a kind, with unknown fields now and then."""
    fields = st.fixed_dictionaries(
        {"t": st.just(kind), **required[kind]},
        optional={**optional.get(kind, {}), "later": st.none() | st.text(max_size=5)},
    )
    return fields.filter(lambda frame: "later" not in frame or frame["later"] != kind)


junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text("aé\x00\u202e\ud800 \n", max_size=8)
    | uuids,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abt", max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)

KILLERS = (
    "",
    "null",
    "[]",
    "15",
    '"ping"',
    "hello",
    '{"t":"ping","n":NaN}',
    '{"t":"ping","n":-Infinity}',
    '{"t":"ping","n":1e400}',
    '{"t":"ping","n":' + "9" * 5000 + "}",
    '{"t":"msg","text":"a\x00b"}',
    '{"t":"msg","text":"\\u0000"}',
    '{"t":"\\u0000"}',
    '{"t":"\\ud800"}',
    '{"t":"msg","cid":"0a6f7c1e-8f6f-4f0e-9b57-3f0d4b6f9a11","text":"\\ud800","seen":0}',
    '{"t":"help","cid":"0a6f7c1e-8f6f-4f0e-9b57-3f0d4b6f9a12","kind":"tech","note":"\\udfff"}',
    '{"t":"typing","on":true,"on":false}',
    '{"t":"ping","x":' + "[" * 1000 + "]" * 1000 + "}",
    '{"a":' * 1000 + "1" + "}" * 1000,
    "[" * 16000,
    '{"t":"join","v":1,"last_seq":999999999999999,"tab":"5f4fbc8e-5f1c-4a0f-8a34-0f0f9c1b2d3e"',
    '{"t":"ping","n":1}' + " " * 20000,
    '"' + "é" * 12000 + '"',
    '{"t":"dance"}',
    '{"t":"joined","role":"seeker"}',
)
"""What killed servers like ours; each has to be answered."""


def noise(*kinds: str) -> st.SearchStrategy[str]:
    """Texts that look like frames of these kinds: right ones, with a field of junk, cut off, or doubled."""
    right = st.sampled_from(kinds).flatmap(frames)
    fields = st.sampled_from(sorted({"t", "later", *(name for kind in kinds for name in required[kind])}))
    damaged = st.builds(lambda frame, name, value: {**frame, name: value}, right, fields, junk)
    texts = (right | damaged).map(json.dumps)
    cut = st.builds(lambda text, at: text[: at % len(text)], texts, st.integers(0, 500))
    doubled = texts.map(lambda text: text[:-1] + ',"t":"ping"}')
    line_noise = st.text('{}[]":,\\ut0129eE+-.nul\x00é', max_size=60)
    return texts | texts | texts | cut | doubled | line_noise


def draw(strategy: st.SearchStrategy[T], count: int) -> list[T]:
    """The same `count` examples of a strategy every time, for tests that cannot run under `@given`."""
    drawn: list[T] = []

    @settings(
        derandomize=True,
        database=None,
        deadline=None,
        max_examples=count,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def keep(example: T) -> None:
        drawn.append(example)

    keep()
    return drawn
