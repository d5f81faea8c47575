"""The published corpus, read, judged and written: numbers that any change must keep.

Runs where ESCOLLECT_SAMPLES names a folder with esconv_sample.json and failed_sample.json.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from escollect.domain.esconv import QUESTIONS, SPEAKERS, Vocabulary, read_record, write_record
from escollect.domain.quality.findings import find
from escollect.domain.quality.policy import Policy, decide
from escollect.domain.quality.reading import read_policy
from escollect.domain.strategies import get_strategy
from escollect.domain.transcript import Transcript, entries_from, utterances_from

SAMPLES = os.environ.get("ESCOLLECT_SAMPLES", "")
POLICIES = Path(__file__).parents[2] / "fixtures" / "policies"

pytestmark = pytest.mark.skipif(not SAMPLES, reason="ESCOLLECT_SAMPLES is not set")


def sample(name: str) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = json.loads((Path(SAMPLES) / name).read_text("utf-8"))
    return records


def transcripts(records: list[dict[str, Any]]) -> list[Transcript]:
    vocabulary = Vocabulary(
        emotions=frozenset(record["emotion_type"] for record in records),
        problems=frozenset(record["problem_type"] for record in records),
    )
    return [read_record(record, index, vocabulary) for index, record in enumerate(records)]


def policy(name: str) -> Policy:
    return read_policy(yaml.safe_load((POLICIES / f"{name}.yaml").read_text("utf-8")))


def outcomes(name: str, records: list[dict[str, Any]]) -> dict[str, int]:
    rules = policy(name)
    return dict(Counter(decide(rules, one).outcome for one in transcripts(records)))


def expected(record: dict[str, Any]) -> dict[str, Any]:
    """The source as it should come back: trimmed, aliases mapped, all ten keys."""
    turns = []
    for turn in record["dialog"]:
        annotation = dict(turn["annotation"])
        if "strategy" in annotation:
            strategy = get_strategy(annotation["strategy"])
            assert strategy is not None
            annotation["strategy"] = strategy.value
        turns.append(
            {
                "speaker": SPEAKERS[turn["speaker"]],
                "annotation": annotation,
                "content": turn["content"].strip(),
            }
        )
    head = {key: record[key] for key in ("experience_type", "emotion_type", "problem_type")}
    return {
        **head,
        "situation": record["situation"].strip(),
        "survey_score": record["survey_score"],
        "dialog": turns,
        **{key: record.get(key, "").strip() for key in QUESTIONS},
    }


def test_the_accepted_sample_gives_76_accepted_and_2_rejected() -> None:
    assert outcomes("esconv-2021", sample("esconv_sample.json")) == {"accepted": 76, "rejected": 2}


def test_the_failed_sample_gives_91_rejected_and_7_to_review() -> None:
    found = outcomes("esconv-2021", sample("failed_sample.json"))
    assert found == {"rejected": 91, "needs_review": 7}


def test_the_negative_policy_selects_the_whole_failed_sample() -> None:
    assert outcomes("failed-esconv-2024", sample("failed_sample.json")) == {"selected": 98}


def test_the_two_rejected_of_the_accepted_sample_lack_the_survey_and_good_feedback() -> None:
    rules = policy("esconv-2021")
    verdicts = [decide(rules, one) for one in transcripts(sample("esconv_sample.json"))]
    rejected = [verdict.failed for verdict in verdicts if verdict.outcome == "rejected"]
    assert rejected == [("seeker_survey", "last_two_feedback")] * 2


def findings(records: list[dict[str, Any]]) -> tuple[int, dict[str, int]]:
    """In how many conversations something is pointed out, and how often what."""
    found = [find(policy("esconv-2021").findings, one) for one in transcripts(records)]
    return sum(map(bool, found)), dict(Counter(one.use.name for each in found for one in each))


def test_little_is_pointed_out_in_good_conversations_and_more_in_failed_ones() -> None:
    assert findings(sample("esconv_sample.json")) == (
        10,
        {"personal_data": 4, "question_unasked": 3, "task_talk": 2, "one_label": 1},
    )
    assert findings(sample("failed_sample.json")) == (
        19,
        {
            "self_harm": 3,
            "abuse": 1,
            "personal_data": 5,
            "one_label": 6,
            "question_unasked": 3,
            "straight_lined": 4,
            "task_talk": 4,
        },
    )


@pytest.mark.parametrize("name", ["esconv_sample.json", "failed_sample.json"])
def test_a_sample_comes_back_as_it_was_but_for_trimming_and_aliases(name: str) -> None:
    records = sample(name)
    written = [write_record(one) for one in transcripts(records)]
    assert written == [expected(record) for record in records]
    assert [list(one) for one in written] == [list(expected(record)) for record in records]


@pytest.mark.parametrize("name", ["esconv_sample.json", "failed_sample.json"])
def test_feedback_of_a_sample_survives_the_event_log(name: str) -> None:
    for transcript in transcripts(sample(name)):
        placed = utterances_from(entries_from(transcript.utterances))
        pairs = [(utterance.role, utterance.feedback) for utterance in placed]
        assert pairs == [(one.role, one.feedback) for one in transcript.utterances]
