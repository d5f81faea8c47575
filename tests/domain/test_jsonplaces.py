from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escollect.domain.jsonplaces import find_value

TEXT = ' {"a" : 1, "dialog": [ {"speaker": "x"}, {"speaker" :"ü", "text": "\\"a\\": 2"}, []], "a": 3}'


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("", TEXT.strip()),
        ("a", "3}"),
        ("dialog[0].speaker", '"x"}'),
        ("dialog[1].speaker", '"ü"'),
        ("dialog[1].text", '"\\"a'),
        ("dialog[1].content", '{"speaker" :"ü"'),
        ("dialog[2][0]", '[]], "a"'),
        ("dialog[9].speaker", '[ {"speaker"'),
        ("a.b", "3}"),
        ("nothing.at[4].all", TEXT.strip()),
    ],
)
def test_a_value_is_found_and_for_a_missing_one_what_should_hold_it(key: str, found: str) -> None:
    assert TEXT[find_value(TEXT, key) :].startswith(found)


names = st.sampled_from(["a", "b", "text", "speaker"])
trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=12,
)


def paths(value: Any, path: str = "") -> list[tuple[str, Any]]:
    """Every path into a value, with what is there."""
    found = [(path, value)]
    if isinstance(value, dict):
        for key, one in value.items():
            found += paths(one, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for at, one in enumerate(value):
            found += paths(one, f"{path}[{at}]")
    return found


@given(trees, st.sampled_from([None, 1]))
def test_every_value_of_a_json_text_is_found(tree: Any, indent: int | None) -> None:
    text = json.dumps(tree, indent=indent, ensure_ascii=False)
    for path, value in paths(tree):
        assert json.JSONDecoder().raw_decode(text, find_value(text, path))[0] == value
