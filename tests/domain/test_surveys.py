from __future__ import annotations

import pytest

from escollect.domain import study
from escollect.domain.events import Refused, Role
from escollect.domain.surveys import (
    BAD_CHARACTERS,
    MISSING,
    NOT_OFFERED,
    NOT_ON_SCALE,
    TOO_LONG,
    Kind,
    Question,
    Vocabulary,
    check_answers,
    get_after,
    get_before,
)

VOCABULARY = Vocabulary(("anxiety", "sadness"), ("job crisis",))
BEFORE = {
    "experience_type": "Current Experience",
    "emotion_type": "anxiety",
    "problem_type": "job crisis",
    "initial_emotion_intensity": "5",
    "situation": "My contract ends in a month.",
}


def problems(survey: tuple[Question, ...], answers: dict[str, object]) -> dict[str, str]:
    with pytest.raises(Refused) as refused:
        check_answers(survey, answers)
    assert refused.value.code == "survey_invalid"
    return refused.value.fields


def test_the_surveys_ask_for_the_fields_of_the_contract() -> None:
    assert tuple(question.key for question in get_before(VOCABULARY)) == study.BEFORE_FIELDS
    assert tuple(question.key for question in get_after(Role.SEEKER, VOCABULARY)) == study.AFTER_SEEKER_FIELDS
    supporter = tuple(question.key for question in get_after(Role.SUPPORTER, VOCABULARY))
    assert supporter == study.AFTER_SUPPORTER_FIELDS


def test_answers_are_stored_as_numbers_and_trimmed_texts() -> None:
    raw = {**BEFORE, "situation": "  My contract\r\nends.  ", "csrfmiddlewaretoken": "x"}
    assert check_answers(get_before(VOCABULARY), raw) == {
        "experience_type": "Current Experience",
        "emotion_type": "anxiety",
        "problem_type": "job crisis",
        "initial_emotion_intensity": 5,
        "situation": "My contract\nends.",
    }


def test_open_questions_after_the_conversation_may_stay_empty() -> None:
    assert check_answers(get_after(Role.SUPPORTER, VOCABULARY), {"relevance": "4"}) == {
        "relevance": 4,
        "question1": "",
        "question2": "",
    }


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("experience_type", "", MISSING),
        ("experience_type", "current experience", NOT_OFFERED),
        ("emotion_type", "jealousy", NOT_OFFERED),
        ("problem_type", "Job Crisis", NOT_OFFERED),
        ("initial_emotion_intensity", "0", NOT_ON_SCALE),
        ("initial_emotion_intensity", "6", NOT_ON_SCALE),
        ("initial_emotion_intensity", "3.5", NOT_ON_SCALE),
        ("initial_emotion_intensity", "٣", NOT_ON_SCALE),
        ("situation", " \n ", MISSING),
        ("situation", "\u200b", MISSING),
        ("situation", "a\x00b", BAD_CHARACTERS),
        ("situation", "\ud800", BAD_CHARACTERS),
        ("situation", "x" * 2001, TOO_LONG),
    ],
)
def test_a_wrong_answer_is_named_with_what_to_do(key: str, value: str, message: str) -> None:
    assert problems(get_before(VOCABULARY), {**BEFORE, key: value}) == {key: message}


def test_everything_that_is_wrong_is_named_at_once() -> None:
    assert problems(get_before(VOCABULARY), {}) == dict.fromkeys(study.BEFORE_FIELDS, MISSING)


def test_a_study_may_ask_more_and_an_optional_scale_may_be_left_out() -> None:
    extra = (
        Question("sleep", Kind.SCALE, "How did you sleep?", required=False),
        Question("channel", Kind.CHOICE, "Where did you hear of us?", options=("a friend", "elsewhere")),
    )
    survey = get_before(Vocabulary(("anxiety",), ("job crisis",), {"before": extra}))
    answers = check_answers(survey, {**BEFORE, "channel": "a friend"})
    assert answers["channel"] == "a friend"
    assert "sleep" not in answers
    assert problems(survey, {**BEFORE, "sleep": "9"}) == {"sleep": NOT_ON_SCALE, "channel": MISSING}
