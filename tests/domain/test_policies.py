"""The policies that come with the code, and what a policy file may say."""

from __future__ import annotations

import math
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from escollect.domain.quality.policy import decide
from escollect.domain.quality.reading import PolicyError, read_policy
from escollect.domain.transcript import Transcript, Utterance
from tests.domain.transcripts import NO_SURVEY, seeker, supporter, transcript, turns

POLICIES = Path(__file__).parents[2] / "fixtures" / "policies"


def definition(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((POLICIES / f"{name}.yaml").read_text("utf-8"))
    return loaded


def judged(name: str, given: Transcript) -> tuple[str, tuple[str, ...]]:
    verdict = decide(read_policy(definition(name)), given)
    return verdict.outcome, verdict.failed


def short(words: str) -> tuple[Utterance, ...]:
    """Sixteen utterances in which one side writes `words`."""
    return tuple(supporter(words) if k % 2 else seeker() for k in range(16))


PAPER: list[tuple[str, Transcript, str, tuple[str, ...]]] = [
    ("all hold", transcript(), "accepted", ()),
    ("at the time limit", transcript(end_reason="max_time"), "accepted", ()),
    ("an import", transcript(end_reason=None), "accepted", ()),
    ("too short", transcript(turns(15)), "rejected", ("enough_utterances",)),
    ("broken off", transcript(end_reason="leave"), "rejected", ("finished",)),
    ("no empathy", transcript(empathy=2), "accepted", ("empathy",)),
    ("little relevance", transcript(relevance=3), "accepted", ("relevance",)),
    ("short supporter", transcript(short("yes")), "accepted", ("supporter_length",)),
    ("two miss", transcript(empathy=2, relevance=3), "rejected", ("empathy", "relevance")),
    ("no improvement", transcript(final_intensity=4), "needs_review", ("improvement",)),
    ("worse", transcript(initial_intensity=1, final_intensity=5), "needs_review", ("improvement",)),
    ("improvement unknown", transcript(initial_intensity=None), "needs_review", ("improvement",)),
    (
        "no improvement and another",
        transcript(final_intensity=4, relevance=3),
        "rejected",
        ("relevance", "improvement"),
    ),
    (
        "short seeker",
        transcript(tuple(seeker("no") if k % 2 else supporter() for k in range(16))),
        "rejected",
        ("seeker_length",),
    ),
    (
        "short seeker, no improvement",
        transcript(tuple(seeker("no") if k % 2 else supporter() for k in range(16)), final_intensity=4),
        "rejected",
        ("seeker_length", "improvement"),
    ),
    (
        "no survey, good stars",
        transcript(turns(16, last=(1, 4, 4)), **NO_SURVEY),
        "accepted",
        ("seeker_survey",),
    ),
    (
        "no survey, a bad star",
        transcript(turns(16, last=(5, 3)), **NO_SURVEY),
        "rejected",
        ("seeker_survey", "last_two_feedback"),
    ),
    (
        "no survey, one star only",
        transcript(turns(16, last=(5,)), **NO_SURVEY),
        "rejected",
        ("seeker_survey", "last_two_feedback"),
    ),
    (
        "nothing at all",
        transcript((), **NO_SURVEY),
        "rejected",
        (
            "enough_utterances",
            "seeker_survey",
            "supporter_length",
            "seeker_length",
            "last_two_feedback",
        ),
    ),
]


@pytest.mark.parametrize(("case", "given", "outcome", "failed"), PAPER)
def test_the_papers_policy(case: str, given: Transcript, outcome: str, failed: tuple[str, ...]) -> None:
    assert (case, *judged("esconv-2021", given)) == (case, outcome, failed)


@pytest.mark.parametrize(("last", "outcome"), [((4, 5), "rejected"), ((5, 5), "accepted")])
def test_read_to_the_letter_feedback_must_be_greater_than_4(last: tuple[int, int], outcome: str) -> None:
    given = transcript(turns(16, last=last), **NO_SURVEY)
    assert judged("esconv-2021-literal", given)[0] == outcome
    assert judged("esconv-2021", given)[0] == "accepted"


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        (transcript(), "not_selected"),
        (transcript(final_intensity=4), "selected"),
        (transcript(final_intensity=5), "selected"),
        (transcript(empathy=2), "selected"),
        (transcript(relevance=2), "selected"),
        (transcript((seeker(), supporter()), relevance=1), "selected"),
        (transcript((seeker(), seeker()), relevance=1), "not_selected"),
        (transcript((seeker(),), relevance=1), "not_selected"),
        (transcript(turns(16, last=(5, 2)), **NO_SURVEY), "selected"),
        (transcript(turns(16, last=(1, 3)), **NO_SURVEY), "not_selected"),
        (transcript(turns(16), **NO_SURVEY), "not_selected"),
    ],
)
def test_the_authors_rule_for_negative_samples(given: Transcript, outcome: str) -> None:
    assert judged("failed-esconv-2024", given)[0] == outcome


def test_a_verdict_says_what_was_measured_and_asked_for() -> None:
    given = transcript(turns(16, last=(5, 3)), **NO_SURVEY)
    results = {one.rule: one for one in decide(read_policy(definition("esconv-2021")), given).rules}
    assert results["last_two_feedback"].as_json() == {
        "rule": "last_two_feedback",
        "value": 3,
        "threshold": 4,
        "held": False,
        "why": "The lowest of the last 2 feedback scores is 3 of 5. At least 4 is asked for.",
        "evidence": [13, 15],
    }
    assert results["empathy"].as_json() == {
        "rule": "empathy",
        "value": None,
        "threshold": 3,
        "held": None,
        "why": "The seeker did not rate the supporter's empathy. The policy does not ask this here.",
        "evidence": [],
    }


def test_rules_come_in_the_order_in_which_the_branches_name_them() -> None:
    data = definition("esconv-2021")
    shuffled = data | {"rules": dict(sorted(data["rules"].items(), reverse=True))}
    names = [use.name for use in read_policy(shuffled).rules]
    assert names == [use.name for use in read_policy(data).rules]
    assert names[:4] == ["finished", "enough_utterances", "seeker_survey", "empathy"]


def test_what_a_missing_value_means_is_the_policys_to_say() -> None:
    lenient = definition("esconv-2021")
    lenient["rules"]["improvement"]["missing"] = "holds"
    given = transcript(initial_intensity=None)
    assert decide(read_policy(lenient), given).outcome == "accepted"
    assert judged("esconv-2021", given)[0] == "needs_review"


BROKEN: list[tuple[tuple[str | int, ...], Any, str]] = [
    (("name",), "ESConv 2021", "name: must be of small letters, digits, - and _, at most 60 of them."),
    (("version",), 0, "version: must be a whole number from 1."),
    (("kind",), "guessing", "kind: must be deciding or selecting."),
    (("kind",), ["deciding"], "kind: must be deciding or selecting."),
    (("rules", "empathy", "missing"), {}, "rules.empathy.missing: must be fails or holds."),
    (("rules", "empathy", "minimum"), 10**400, "rules.empathy.minimum: must be from -1000000 to 1000000."),
    (("rules", "empathy", "minimum"), math.nan, "rules.empathy.minimum: must be from -1000000 to 1000000."),
    (("otherwise",), "selected", "otherwise: must be one of accepted, rejected, needs_review."),
    (("rules",), {}, "rules: give at least one rule"),
    (("rules", "empathy", "minimum"), "3", "rules.empathy.minimum: must be a number."),
    (
        ("rules", "empathy", "maximum"),
        5,
        "rules.empathy: give exactly one of minimum, above, maximum, below.",
    ),
    (("rules", "empathy", "missing"), "maybe", "rules.empathy.missing: must be fails or holds."),
    (
        ("rules", "supporter_length", "role"),
        "admin",
        "rules.supporter_length.role: must be one of seeker, supporter.",
    ),
    (
        ("rules", "finished", "minimum"),
        1,
        "rules.finished.minimum: there is no such key; known are measure, missing.",
    ),
    (("rules", "sparkle"), {"minimum": 1}, "rules.sparkle.measure: must be one of finished, utterances, "),
    (("branches",), [], "branches: give a list of at least one branch."),
    (("branches", 0), "accepted", "branches[0]: a branch is a mapping with if and outcome"),
    (
        ("branches", 0, "outcome"),
        "published",
        "branches[0].outcome: must be one of accepted, rejected, needs_review.",
    ),
    (("branches", 1, "when"), "sparkle", "branches[1].when: there is no rule 'sparkle'; known are "),
    (("branches", 1, "if"), None, "branches[1].if: give a rule's name, all: [...], "),
    (("branches", 1, "if"), {"any": ["empathy"]}, "branches[1].if: give a rule's name, all: [...], "),
    (
        ("branches", 1, "if"),
        {"at_least": {"k": 3, "of": ["empathy", "relevance"]}},
        "branches[1].if.at_least.k: must be a whole number from 1 to 2.",
    ),
    (("surprise",), 1, "surprise: there is no such key; known are branches, findings, kind, name, "),
]


@pytest.mark.parametrize(("path", "value", "problem"), BROKEN)
def test_a_mistake_in_a_policy_is_named(path: tuple[str | int, ...], value: Any, problem: str) -> None:
    data = deepcopy(definition("esconv-2021"))
    place: Any = data
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(PolicyError) as refused:
        read_policy(data)
    assert [one for one in refused.value.problems if one.startswith(problem)], refused.value.problems


def test_all_mistakes_are_named_at_once() -> None:
    data = definition("esconv-2021") | {"kind": "deciding", "version": "two", "otherwise": "maybe"}
    with pytest.raises(PolicyError) as refused:
        read_policy(data)
    assert len(refused.value.problems) == 2


@pytest.mark.parametrize("data", [None, [], "policy", 1])
def test_what_is_no_mapping_is_no_policy(data: object) -> None:
    with pytest.raises(PolicyError):
        read_policy(data)


def test_a_condition_that_never_ends_is_refused() -> None:
    data = definition("esconv-2021")
    endless: dict[str, Any] = {}
    endless["not"] = endless
    data["branches"][0]["if"] = endless
    with pytest.raises(PolicyError):
        read_policy(data)
