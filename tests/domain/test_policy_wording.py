from __future__ import annotations

import pytest

from escollect.domain.quality.policy import AtLeast, Condition, Named, Not
from escollect.domain.quality.wording import say

A, B, C = Named("a_rule"), Named("b"), Named("c")


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (A, "a rule"),
        (Not(A), "not a rule"),
        (AtLeast(1, (A,)), "a rule"),
        (AtLeast(3, (A, B, C)), "a rule, b and c"),
        (AtLeast(1, (A, B)), "a rule or b"),
        (AtLeast(2, (A, B, C)), "at least 2 of a rule, b, c"),
        (Not(AtLeast(2, (A, B))), "not (a rule and b)"),
        (AtLeast(2, (AtLeast(1, (A, B)), C)), "(a rule or b) and c"),
    ],
)
def test_a_condition_is_said_in_words(condition: Condition, words: str) -> None:
    assert say(condition) == words
