"""Every rule and every finding, on a conversation that it accepts and on one that it refuses."""

from __future__ import annotations

import pytest

from escollect.domain.quality.findings import DEFAULTS, find
from escollect.domain.quality.rules import FINDINGS, RULES
from escollect.domain.quality.rules.base import SEVERITIES, Span
from escollect.domain.transcript import Transcript
from tests.domain.rule_fixtures import Example, load, names

BOTH = ("accepts", "refuses")


def example(name: str, side: str) -> Example:
    fixture = load(name)
    return fixture.accepts if side == "accepts" else fixture.refuses


def shown(transcript: Transcript, span: Span) -> str:
    """The words that a span points at."""
    if span.field:
        text = getattr(transcript, span.field)
    else:
        text = next(one.text for one in transcript.utterances if one.seq == span.seq)
    return str(text[span.start : span.end])


def test_every_rule_has_a_fixture_and_every_fixture_a_rule() -> None:
    assert names() == sorted([*RULES, *FINDINGS])


@pytest.mark.parametrize("side", BOTH)
@pytest.mark.parametrize("name", [*RULES, *FINDINGS])
def test_a_rule_measures_what_its_fixture_says(name: str, side: str) -> None:
    fixture, given = load(name), example(name, side)
    measured = fixture.use.rule.measure(given.transcript, fixture.use.options)
    assert measured.value == pytest.approx(given.value, abs=0.01)
    assert measured.evidence == given.places
    if given.shows is not None:
        assert tuple(shown(given.transcript, span) for span in measured.spans) == given.shows


@pytest.mark.parametrize("side", BOTH)
@pytest.mark.parametrize("name", RULES)
def test_a_rule_holds_where_it_accepts_and_not_where_it_refuses(name: str, side: str) -> None:
    use = load(name).use
    measured = use.rule.measure(example(name, side).transcript, use.options)
    assert use.holds(measured) is (side == "accepts")


@pytest.mark.parametrize("side", BOTH)
@pytest.mark.parametrize("name", FINDINGS)
def test_a_finding_strikes_where_it_refuses_and_not_where_it_accepts(name: str, side: str) -> None:
    default = next(use for use in DEFAULTS if use.name == name)
    found = find([default], example(name, side).transcript)
    assert [one.use.name for one in found] == ([] if side == "accepts" else [name])


@pytest.mark.parametrize("name", FINDINGS)
def test_a_finding_points_at_every_utterance_it_counts(name: str) -> None:
    default = next(use for use in DEFAULTS if use.name == name)
    given = load(name).refuses
    found = find([default], given.transcript)[0]
    assert found.seqs == list(given.places)


@pytest.mark.parametrize("name", FINDINGS)
def test_a_finding_speaks_in_sentences(name: str) -> None:
    finding, given = FINDINGS[name], load(name).refuses
    default = next(use for use in DEFAULTS if use.name == name)
    why = find([default], given.transcript)[0].why
    said = (why, finding.rule.nothing, finding.rule.doubt)
    assert all(text.endswith(".") and text[0] == text[0].upper() and len(text) > 15 for text in said)
    assert finding.title.rstrip(".") == finding.title
    assert finding.severity in SEVERITIES
    assert not any(one.text in why for one in given.transcript.utterances)


@pytest.mark.parametrize("name", FINDINGS)
def test_no_finding_strikes_where_there_is_nothing(name: str) -> None:
    default = next(use for use in DEFAULTS if use.name == name)
    assert find([default], Transcript("empty", True, ())) == []
