"""Every rule with what it measures: one value, another, and nothing to measure."""

from __future__ import annotations

import pytest

from escollect.domain.quality.rules import RULES
from escollect.domain.quality.rules.base import Measured, Options
from escollect.domain.transcript import Transcript
from tests.domain.transcripts import NO_SURVEY, seeker, supporter, transcript, turns

CASES: list[tuple[str, Options, Transcript, Measured]] = [
    ("finished", {}, transcript(end_reason="done"), Measured(True)),
    ("finished", {}, transcript(end_reason="max_time"), Measured(True)),
    ("finished", {}, transcript(end_reason=None), Measured(True)),
    ("finished", {}, transcript(end_reason="leave"), Measured(False)),
    ("finished", {}, transcript(end_reason="partner_left"), Measured(False)),
    ("finished", {}, transcript(finished=False), Measured(False)),
    ("utterances", {}, transcript(turns(16)), Measured(16)),
    ("utterances", {}, transcript(()), Measured(0)),
    ("both_spoke", {}, transcript((seeker(), supporter())), Measured(True)),
    ("both_spoke", {}, transcript((seeker(), seeker())), Measured(False)),
    ("seeker_survey", {}, transcript(), Measured(True)),
    ("seeker_survey", {}, transcript(empathy=None, relevance=1, final_intensity=None), Measured(True)),
    ("seeker_survey", {}, transcript(**NO_SURVEY), Measured(False)),
    ("empathy", {}, transcript(empathy=2), Measured(2)),
    ("empathy", {}, transcript(empathy=None), Measured(None)),
    ("relevance", {}, transcript(relevance=5, supporter_relevance=1), Measured(5)),
    ("relevance", {}, transcript(relevance=None), Measured(None)),
    ("improvement", {}, transcript(initial_intensity=5, final_intensity=2), Measured(3)),
    ("improvement", {}, transcript(initial_intensity=2, final_intensity=5), Measured(-3)),
    ("improvement", {}, transcript(final_intensity=None), Measured(None)),
    ("improvement", {}, transcript(initial_intensity=None), Measured(None)),
    ("mean_words", {"role": "supporter"}, transcript((supporter("a b c"), supporter("d"))), Measured(2.0)),
    ("mean_words", {"role": "seeker"}, transcript((seeker(" a  b\nc "), supporter("d"))), Measured(3.0)),
    ("mean_words", {"role": "seeker"}, transcript((supporter("d"),)), Measured(None)),
    ("last_feedback", {"count": 2}, transcript(turns(8, last=(1, 5, 4))), Measured(4, (5, 7))),
    ("last_feedback", {"count": 1}, transcript(turns(8, last=(1, 5, 4))), Measured(4, (7,))),
    ("last_feedback", {"count": 2}, transcript(turns(8, last=(5,))), Measured(None, (7,))),
]


@pytest.mark.parametrize(("name", "options", "given", "expected"), CASES)
def test_a_rule_measures(name: str, options: Options, given: Transcript, expected: Measured) -> None:
    assert RULES[name].measure(given, options) == expected


def test_every_rule_is_measured_here() -> None:
    assert {case[0] for case in CASES} == set(RULES)


@pytest.mark.parametrize(("name", "options", "given", "expected"), CASES)
def test_a_rule_speaks_in_sentences(
    name: str, options: Options, given: Transcript, expected: Measured
) -> None:
    rule = RULES[name]
    said = rule.nothing if expected.value is None else rule.say(expected.value, options)
    assert all(text.endswith(".") and len(text) > 10 for text in (said, rule.doubt))
    assert given.id not in said


def test_a_rise_and_a_fall_are_said_as_such() -> None:
    say = RULES["improvement"].say
    assert [say(2, {}), say(-1, {}), say(0, {})] == [
        "The seeker's emotion intensity fell by 2.",
        "The seeker's emotion intensity rose by 1.",
        "The seeker's emotion intensity did not change.",
    ]
