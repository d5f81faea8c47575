from __future__ import annotations

import json
from pathlib import Path

import pytest

from escollect.domain.lifecycle import Timers
from escollect.domain.study import (
    EMOTIONS,
    PAPER_EMOTIONS,
    PAPER_PROBLEMS,
    PROBLEMS,
    StudySettings,
    TrainingGate,
)
from escollect.domain.study_file import StudyInvalid, parse_study

STUDIES = Path(__file__).parents[2] / "fixtures" / "studies"

GOOD = """\
slug: small
title: A small study
licence: CC-BY-4.0
consent: {text: Please take part.}
resources:
  hotlines:
    - {name: Line, contact: call 1}
"""


def problems_of(text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(StudyInvalid) as caught:
        parse_study(text)
    assert all(problem.remedy for problem in caught.value.problems)
    return [(problem.line, problem.key, problem.what) for problem in caught.value.problems]


def remedies_of(text: str) -> list[str]:
    with pytest.raises(StudyInvalid) as caught:
        parse_study(text)
    return [problem.remedy for problem in caught.value.problems]


def test_a_short_file_takes_the_defaults_of_the_protocol() -> None:
    settings = parse_study(GOOD)
    assert (settings.slug, settings.licence, settings.language) == ("small", "CC-BY-4.0", "en")
    assert settings.timers == Timers()
    assert (settings.limits.utterances, settings.limits.text, settings.minimum_utterances) == (300, 2000, 16)
    assert settings.vocabularies.emotion.accepted == EMOTIONS
    assert settings.vocabularies.problem.offered == PAPER_PROBLEMS
    assert settings.policy.deciding == "esconv-2021"
    assert settings.training == TrainingGate()
    assert settings.pay["partner_left"] == "full"
    assert settings.completion_codes == {}


@pytest.mark.parametrize("name", ["esconv", "demo"])
def test_the_shipped_studies_are_valid_and_survive_being_stored(name: str) -> None:
    settings = parse_study((STUDIES / f"{name}.yaml").read_text(encoding="utf-8"))
    assert settings.slug == name
    assert StudySettings.from_json(json.loads(json.dumps(settings.to_json()))) == settings


def test_the_papers_study_accepts_the_corpus_and_offers_the_papers_words() -> None:
    vocabularies = parse_study((STUDIES / "esconv.yaml").read_text(encoding="utf-8")).vocabularies
    assert (vocabularies.emotion.accepted, vocabularies.emotion.offered) == (EMOTIONS, PAPER_EMOTIONS)
    assert (vocabularies.problem.accepted, vocabularies.problem.offered) == (PROBLEMS, PAPER_PROBLEMS)
    assert (len(EMOTIONS), len(PROBLEMS), len(PAPER_EMOTIONS), len(PAPER_PROBLEMS)) == (11, 13, 7, 5)


def test_every_setting_survives_being_stored() -> None:
    text = GOOD + (
        "timers: {idle: 90, nudge: 60}\n"
        "limits: {utterance_rate: 50, utterance_burst: 500}\n"
        "training: {required: false, exam_pass: 0.8, language: de, attempts: 3, module_attempts: null,\n"
        "  cool_down: 24, expires_days: 180, time_floor_s: 90, practice: true, refresher: changed}\n"
        "targets: {conversations: 5, emotion: {fear: 2}}\n"
        "completion_codes: {completed: 2020-01-01}\n"
        "surveys:\n"
        "  before:\n"
        "    texts: {situation: Tell us more}\n"
        "    extra: [{key: mood, text: How now, kind: choice, choices: [up, down], required: true}]\n"
    )
    settings = parse_study(text)
    assert settings.timers.idle == 90
    assert settings.limits.utterance_rate == 50.0
    assert settings.training == TrainingGate(
        required=False,
        language="de",
        exam_pass=0.8,
        attempts=3,
        cool_down=24.0,
        expires_days=180,
        time_floor_s=90,
        practice=True,
        refresher="changed",
    )
    assert settings.targets.emotion == {"fear": 2}
    assert settings.completion_codes["completed"] == "2020-01-01"
    assert settings.surveys.before.extra[0].choices == ("up", "down")
    assert StudySettings.from_json(json.loads(json.dumps(settings.to_json()))) == settings


def test_a_stored_version_of_older_code_takes_new_defaults() -> None:
    stored = parse_study(GOOD).to_json()
    del stored["limits"], stored["timers"]["idle"]
    stored["something_new"] = 1
    assert StudySettings.from_json(stored) == parse_study(GOOD)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [(1, "file", "There are no settings here.")]),
        ("- a\n- b\n", [(1, "file", "There are no settings here.")]),
        ("just words", [(1, "file", "There are no settings here.")]),
        (GOOD + "slug: again\n", [(8, "slug", "This key was already set on line 1.")]),
        (GOOD + "licens: x\n", [(8, "licens", "This key is not known.")]),
        (GOOD + "timers: {leese: 45}\n", [(8, "timers.leese", "This key is not known.")]),
        (GOOD + "timers: {lease: 45s}\n", [(8, "timers.lease", "This must be a whole number.")]),
        (GOOD + "timers: {lease: true}\n", [(8, "timers.lease", "This must be a whole number.")]),
        (GOOD + "timers: {lease: 0}\n", [(8, "timers.lease", "0 is out of range.")]),
        (
            GOOD + "timers:\n  nudge: 20\n  idle: 44\n",
            [(10, "timers.idle", "44 s is shorter than three heartbeats (45 s); make it longer.")],
        ),
        (GOOD + "training:\n  attempts: 0\n", [(9, "training.attempts", "0 is out of range.")]),
        (GOOD + "training: {cool_down: soon}\n", [(8, "training.cool_down", "This must be a number.")]),
        (GOOD + "training: {cool_down: -1}\n", [(8, "training.cool_down", "-1 is out of range.")]),
        (
            GOOD + "training: {expires_days: 1.5}\n",
            [(8, "training.expires_days", "This must be a whole number.")],
        ),
        (GOOD + "training: {time_floor_s: 7200}\n", [(8, "training.time_floor_s", "7200 is out of range.")]),
        (GOOD + "training: {refresher: always}\n", [(8, "training.refresher", "“always” is not known.")]),
        (GOOD + "training: {language: EN}\n", [(8, "training.language", "“EN” cannot be used.")]),
        (GOOD + "training: {atempts: 3}\n", [(8, "training.atempts", "This key is not known.")]),
        (GOOD + "timers: 5\n", [(8, "timers", "This must have keys of its own.")]),
        (GOOD + "limits: {text: 3000}\n", [(8, "limits.text", "3000 is out of range.")]),
        (GOOD + "limits: {frame_rate: .nan}\n", [(8, "limits.frame_rate", "nan is out of range.")]),
        (
            GOOD + "limits: {utterances: 10}\n",
            [(1, "minimum_utterances", "16 utterances do not fit into 10.")],
        ),
        (GOOD.replace("small\n", "Not A Slug\n"), [(1, "slug", "“Not A Slug” cannot be used.")]),
        (GOOD.replace("A small study", "7"), [(2, "title", "This must be text.")]),
        (GOOD.replace("A small study", "''"), [(2, "title", "The text has 0 characters.")]),
        (GOOD.replace("title: A small study\n", ""), [(1, "title", "This key is missing.")]),
        (GOOD.replace("{name: Line, ", "{"), [(6 + 1, "resources.hotlines[1].name", "This key is missing.")]),
        (
            GOOD.split("resources", maxsplit=1)[0] + "resources: {hotlines: []}\n",
            [(5, "resources.hotlines", "No help line is named.")],
        ),
        (
            GOOD.replace("call 1", "call 1, url: 'javascript:alert(1)'"),
            [(7, "resources.hotlines[1].url", "“javascript:alert(1)” cannot be used.")],
        ),
        (
            GOOD + "vocabularies: {emotion: {offered: [anxiety, joy]}}\n",
            [(8, "vocabularies.emotion.offered", "“joy” is offered but not accepted.")],
        ),
        (
            GOOD + "vocabularies: {emotion: {accepted: [joy, joy]}}\n",
            [(8, "vocabularies.emotion.accepted", "“joy” is there twice.")],
        ),
        (
            GOOD + "targets: {problem: {Job Crisis: 3}}\n",
            [(8, "targets.problem.Job Crisis", "This key is not known.")],
        ),
        (GOOD + "pay: {completed: ful}\n", [(8, "pay.completed", "“ful” is not known.")]),
        (GOOD + "open_entry: maybe\n", [(8, "open_entry", "This must be yes or no.")]),
        (
            GOOD + "completion_codes: {completed: 'a b'}\n",
            [(8, "completion_codes.completed", "“a b” cannot be used.")],
        ),
        (
            GOOD + "surveys: {before: {extra: [{key: situation, text: What}]}}\n",
            [(8, "surveys.before.extra[1].key", "“situation” is taken.")],
        ),
        (
            GOOD + "surveys: {before: {extra: [{key: mood, text: What, kind: choice}]}}\n",
            [(8, "surveys.before.extra[1].choices", "This key is missing.")],
        ),
        (
            GOOD + "a: &x [1]\nb: *x\n",
            [
                (8, "file", "Anchors and aliases are not read."),
                (9, "file", "Anchors and aliases are not read."),
            ],
        ),
        (
            GOOD + "summary: !!python/name:os.system x\n",
            [(8, "summary", "The tag tag:yaml.org,2002:python/name:os.system is not read.")],
        ),
        (GOOD + "? [a, b]\n: c\n", [(8, "file", "A key must be a word.")]),
        ("x: " * 3, [(1, "file", "This is not valid YAML: mapping values are not allowed here.")]),
        (
            "slug: a\n\ttitle: b\n",
            [(2, "file", "This is not valid YAML: found character '\\t' that cannot start any token.")],
        ),
    ],
)
def test_a_wrong_file_is_refused_with_line_key_and_reason(
    text: str, expected: list[tuple[int, str, str]]
) -> None:
    assert problems_of(text) == expected


@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        ("licens: x", "Did you mean “licence”?"),
        ("timers: {leese: 45}", "Did you mean “lease”?"),
        ("targets: {problem: {Job Crisis: 3}}", "Did you mean “job crisis”?"),
        ("pay: {completed: ful}", "Did you mean “full”?"),
        ("pay: {completed: gold}", "Use one of: full, none, part, waiting."),
        ("limits: {text: 3000}", "Write a number from 1 to 2000."),
        ("open_entry: maybe", "Write true or false."),
        ("slug: again", "Keep one of the two."),
    ],
)
def test_a_problem_says_what_to_do(line: str, remedy: str) -> None:
    assert remedies_of(GOOD + line + "\n") == [remedy]


def test_all_problems_are_told_at_once_in_the_order_of_lines() -> None:
    text = GOOD.replace("small\n", "No Slug\n") + "licens: x\ntimers: {idle: 30, nudge: 20}\n"
    assert [(line, key) for line, key, _ in problems_of(text)] == [
        (1, "slug"),
        (8, "licens"),
        (9, "timers.idle"),
    ]


def test_a_file_with_control_characters_is_refused() -> None:
    [(line, key, what)] = problems_of("slug: a\x00")
    assert (line, key) == (1, "file")
    assert "unacceptable character #x0000" in what


@pytest.mark.parametrize("text", ["a: " + "[" * 50_000, "x" * 300_000, "[" * 30 + "]" * 30, "{a: " * 2000])
def test_a_hostile_file_is_refused_quickly(text: str) -> None:
    assert problems_of(text)
