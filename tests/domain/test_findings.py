"""Findings as a policy tunes them, their edges, and sketches of copies."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from escollect.domain.quality.copies import ALIKE, LEAST_WORDS, get_likeness, sketch
from escollect.domain.quality.findings import DEFAULTS, find
from escollect.domain.quality.policy import Policy, decide
from escollect.domain.quality.reading import PolicyError, read_policy
from escollect.domain.quality.rules.lexicon import fold
from escollect.domain.transcript import Transcript
from tests.domain.rule_fixtures import load
from tests.domain.transcripts import seeker, supporter, transcript

STUDIES = Path(__file__).parents[2] / "fixtures" / "studies"
POLICY: dict[str, Any] = {
    "name": "house",
    "kind": "deciding",
    "rules": {"empathy": {"minimum": 3}},
    "branches": [{"if": "empathy", "outcome": "accepted"}],
    "otherwise": "rejected",
}


def tuned(findings: object) -> Policy:
    return read_policy({**POLICY, "findings": findings})


def asked(policy: Policy) -> dict[str, tuple[str, str, float, dict[str, Any]]]:
    return {
        use.name: (use.severity, use.threshold.comparison, use.threshold.number, dict(use.use.options))
        for use in policy.findings
    }


def strikes(policy: Policy, given: Transcript) -> list[str]:
    return [one.use.name for one in find(policy.findings, given)]


def test_a_policy_that_says_nothing_points_out_everything_at_the_usual_thresholds() -> None:
    assert read_policy(POLICY).findings == DEFAULTS


@pytest.mark.parametrize("off", ["off", False])
def test_a_policy_can_leave_out_all_findings_or_one(off: object) -> None:
    assert tuned(off).findings == ()
    names = [use.name for use in tuned({"task_talk": off}).findings]
    assert names == [use.name for use in DEFAULTS if use.name != "task_talk"]


def test_a_policy_can_set_threshold_severity_and_options() -> None:
    policy = tuned(
        {"pasted": {"above": 2, "severity": "info", "characters": 10}, "abuse": {"severity": "urgent"}}
    )
    usual = asked(read_policy(POLICY))
    assert asked(policy) == {
        **usual,
        "pasted": ("info", "above", 2, {"characters": 10}),
        "abuse": ("urgent", *usual["abuse"][1:]),
    }


@pytest.mark.parametrize(
    ("findings", "problem"),
    [
        (["pasted"], "findings: must be off, or a mapping from a finding's name to what it asks."),
        ({"pasted": 1}, "findings.pasted: must be off, or a mapping with severity, a threshold and options."),
        ({"pasted": {"severity": "loud"}}, "findings.pasted.severity: must be one of info, warning, urgent."),
        ({"pasted": {"minimum": "a"}}, "findings.pasted.minimum: must be a number."),
        (
            {"pasted": {"minimum": 1, "above": 1}},
            "findings.pasted: give exactly one of minimum, above, maximum, below.",
        ),
        (
            {"speeding": {"words_per_second": 0}},
            f"findings.speeding.words_per_second: must be one of {', '.join(map(str, range(2, 51)))}.",
        ),
    ],
)
def test_a_mistake_in_the_findings_is_named_with_its_remedy(findings: object, problem: str) -> None:
    with pytest.raises(PolicyError) as refused:
        tuned(findings)
    assert refused.value.problems == [problem]


def test_an_unknown_finding_is_named_with_those_that_there_are() -> None:
    with pytest.raises(PolicyError, match=r"findings\.pastd: there is no such key; known are abuse"):
        tuned({"pastd": "off"})


def test_a_selecting_policy_points_out_nothing() -> None:
    selecting = {
        **POLICY,
        "kind": "selecting",
        "branches": [{"if": "empathy", "outcome": "selected"}],
        "otherwise": "not_selected",
    }
    assert read_policy(selecting).findings == ()
    with pytest.raises(PolicyError, match="findings: only a deciding policy points something out"):
        read_policy({**selecting, "findings": {}})


def test_a_rule_of_a_policy_cannot_be_a_finding() -> None:
    with pytest.raises(PolicyError, match=r"rules\.abuse\.measure: must be one of finished"):
        read_policy({**POLICY, "rules": {"empathy": {"minimum": 3}, "abuse": {"maximum": 0}}})


def test_findings_leave_the_verdict_as_it_is() -> None:
    struck = load("abuse").refuses.transcript
    with_empathy = replace(struck, empathy=4)
    assert strikes(read_policy(POLICY), with_empathy) == ["abuse"]
    assert decide(read_policy(POLICY), with_empathy).outcome == "accepted"
    assert [rule.rule for rule in decide(read_policy(POLICY), with_empathy).rules] == ["empathy"]


def test_an_ordinary_conversation_raises_nothing() -> None:
    said = (
        supporter("Hello, what brings you here today?", "Question"),
        seeker("I lost my job last week and I have not told my wife."),
        supporter("You carry that alone, and it weighs on you.", "Reflection of feelings"),
        seeker("Yes. I leave in the morning as if I went to work."),
        supporter("What would she say if she knew?", "Question"),
        seeker("She would be angry that I did not tell her, not about the job.", feedback=4),
        supporter("When my firm closed I was ashamed too, for weeks.", "Self-disclosure"),
        seeker("How did you tell them at home?"),
        supporter("Over breakfast, with the letter on the table. Could you show her yours?", "Question"),
        seeker("I could. Thank you, I will do it tonight.", feedback=5),
    )
    assert strikes(read_policy(POLICY), transcript(said)) == []


@pytest.mark.parametrize(
    "text",
    [
        "I want to kill myself.",
        "i just don't want to live anymore",
        "sometimes I wish I was dead",
        "I took a lot of pills last year",
        "He has been self-harming again, I found blades. I am afraid of self harm.",
        "There is no point in living",
        "I think about ending my life",
    ],
)
def test_words_of_danger_are_found_in_many_forms(text: str) -> None:
    assert strikes(read_policy(POLICY), transcript((seeker(text),))) == ["self_harm"]


@pytest.mark.parametrize(
    "text",
    [
        "This heat kills me, I am dying for a drink.",
        "I cut my hair myself.",
        "My phone was dead all day.",
        "I live alone and want to live in the city.",
        "My grandmother died in spring.",
    ],
)
def test_everyday_death_is_no_word_of_danger(text: str) -> None:
    assert strikes(read_policy(POLICY), transcript((seeker(text),))) == []


@pytest.mark.parametrize(
    "text",
    [
        "I was born in 1990 and earn 30,000 a year.",
        "It costs $1,200.50 or 10%.",
        "We met on 12/05/2019 at 10:30.",
        "My name is on the list.",
        "It was 50/50, e.g. half of it.",
        "I sleep 4-5 hours, 7 days.",
    ],
)
def test_ordinary_numbers_and_names_are_no_personal_data(text: str) -> None:
    assert strikes(read_policy(POLICY), transcript((seeker(text),))) == []


@pytest.mark.parametrize(
    "text", ["You're a complete idiot!", "you stupid cow", "fuck you", "u r so dumb", "Shut up, idiot", "kys"]
)
def test_insults_are_found_in_many_forms(text: str) -> None:
    assert strikes(read_policy(POLICY), transcript((seeker(text),))) == ["abuse"]


@pytest.mark.parametrize(
    "text",
    [
        "You are not stupid.",
        "When you freak out, breathe.",
        "He calls me a loser.",
        "I shut up then.",
        "Are you sure you are useful there? It was a dumb idea of mine.",
    ],
)
def test_hard_words_about_others_are_no_insult(text: str) -> None:
    assert strikes(read_policy(POLICY), transcript((seeker(text),))) == []


@given(st.text(max_size=40))
def test_folding_keeps_every_offset(text: str) -> None:
    assert len(fold(text)) == len(text)


TEXT = "I have been through something like it and it took me a year to feel at home again"


def shared(one: str, other: str) -> int:
    mine, theirs = sketch(one), sketch(other)
    assert mine is not None
    assert theirs is not None
    return sum(a == b for a, b in zip(mine, theirs, strict=True))


def test_case_punctuation_and_blanks_do_not_hide_a_copy() -> None:
    other = TEXT.upper().replace(" AND ", ", and   ") + "!!"
    assert (shared(TEXT, other), get_likeness(TEXT, other)) == (6, 1.0)


def test_a_copy_with_a_word_changed_is_one_and_another_text_is_none() -> None:
    changed = TEXT.replace("year", "winter")
    other = "My neighbours play loud music every night and nobody in the house dares to say a word"
    assert get_likeness(TEXT, changed) > ALIKE
    assert shared(TEXT, changed) > 0
    assert (shared(TEXT, other), get_likeness(TEXT, other) < 0.1) == (0, True)


@pytest.mark.parametrize("text", ["Thank you so much for listening to me.", "no " * 40, "", "word " * 3])
def test_short_and_empty_texts_have_no_sketch(text: str) -> None:
    assert sketch(text) is None


@given(st.lists(st.text("abcdefgh", min_size=1, max_size=6), min_size=LEAST_WORDS, unique=True, max_size=60))
def test_a_sketch_fits_the_database_and_depends_on_the_words_alone(words: list[str]) -> None:
    keys = sketch(" ".join(words))
    assert keys is not None
    assert keys == sketch(". ".join(words))
    assert all(-(2**63) <= key < 2**63 for key in keys)


@pytest.mark.parametrize("name", ["demo", "esconv"])
def test_the_consent_of_a_shipped_study_says_that_writing_is_counted(name: str) -> None:
    study = yaml.safe_load((STUDIES / f"{name}.yaml").read_text("utf-8"))
    assert all(word in study["consent"]["text"] for word in ("keys", "seconds", "paste", "copies"))
