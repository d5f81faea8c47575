from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escollect.domain.masking import TOKEN, hide, join_words, merge, split_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I am Anna, from Ulm.", ["I", "am", "Anna", "from", "Ulm"]),
        ("write to a.b-c@example.org!", ["write", "to", "a.b-c@example.org"]),
        ("call (030) 12-34", ["call", "030", "12-34"]),
        ("don’t “Jo”", ["don’t", "Jo"]),
        ("我叫王", ["我", "叫", "王"]),
        ("well … 🙂", ["well", "…", "🙂"]),
        ("", []),
    ],
)
def test_words_are_split_without_the_punctuation_around_them(text: str, words: list[str]) -> None:
    found = split_words(text)
    assert [word.text for word in found] == words
    assert [text[word.start : word.end] for word in found] == words


def test_ranges_that_touch_become_one_and_words_that_only_a_blank_parts() -> None:
    assert merge([(5, 7), (0, 2), (2, 4), (6, 9)]) == [(0, 4), (5, 9)]
    assert join_words("Anna Maria, hello", [(5, 10), (0, 4), (12, 17)]) == [(0, 10), (12, 17)]


def test_a_hidden_stretch_is_one_word_and_the_rest_stays_to_the_letter() -> None:
    text = "I am Anna Maria, from Ulm."
    assert hide(text, [(5, 15), (22, 25)]) == "I am [hidden], from [hidden]."
    assert hide(text, []) == text
    assert hide("short", [(2, 99), (50, 60)]) == "sh[hidden]"


@given(st.text(max_size=60), st.lists(st.tuples(st.integers(0, 70), st.integers(0, 70)), max_size=5))
def test_nothing_hidden_is_left_and_nothing_else_is_lost(text: str, pairs: list[tuple[int, int]]) -> None:
    ranges = [(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]]
    kept = "".join(
        sign for at, sign in enumerate(text) if not any(start <= at < end for start, end in ranges)
    )
    assert TOKEN not in text
    assert hide(text, ranges).replace(TOKEN, "") == kept


@given(st.text(max_size=80))
def test_words_stand_in_order_and_do_not_overlap(text: str) -> None:
    words = split_words(text)
    assert all(word.text and not word.text.isspace() for word in words)
    assert all(one.end <= other.start for one, other in itertools.pairwise(words))
