from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escollect.domain.transcript import (
    MESSAGE,
    RATING,
    SEEKER,
    SUPPORTER,
    Entry,
    Utterance,
    entries_from,
    utterances_from,
)


def log(*steps: str | int) -> list[Entry]:
    """`s` is a seeker's message, `p` a supporter's, `x` another kind of event, a number a rating."""
    made = []
    for seq, step in enumerate(steps, 1):
        if isinstance(step, int):
            made.append(Entry(RATING, SEEKER, value=step, seq=seq))
        elif step == "x":
            made.append(Entry("notice", "system", seq=seq))
        else:
            made.append(Entry(MESSAGE, SEEKER if step == "s" else SUPPORTER, "text", seq=seq))
    return made


@pytest.mark.parametrize(
    ("steps", "feedback"),
    [
        (("s", "p", "p", "s"), [None, None, None, None]),
        (("p", "p", 4, "s", "s"), [None, None, 4, None]),
        (("p", "p", 4, "p", "s"), [None, None, None, 4]),
        (("s", "p", "p", 5), [5, None, None]),
        (("p", "p", 2, "p", "p", 4, "s"), [None, None, None, None, 4]),
        (("p", "p", 2, "s", "p", "p", 5), [None, None, 5, None, None]),
        (("p", "p", 3), [None, None]),
        (("x", "s", "x", 1, "x", "s"), [None, 1]),
        ((), []),
    ],
)
def test_a_rating_annotates_the_next_seeker_utterance_or_the_last(
    steps: tuple[str | int, ...], feedback: list[int | None]
) -> None:
    assert [utterance.feedback for utterance in utterances_from(log(*steps))] == feedback


utterances = st.one_of(
    st.builds(Utterance, st.just(SEEKER), st.text(), feedback=st.none() | st.integers(1, 5)),
    st.builds(Utterance, st.just(SUPPORTER), st.text(), strategy=st.none() | st.just("Others")),
)


@given(st.lists(utterances, max_size=30))
def test_utterances_come_back_from_the_log_that_was_made_of_them(made: list[Utterance]) -> None:
    entries = list(entries_from(made))
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    assert [replace(utterance, seq=None) for utterance in utterances_from(entries)] == made
