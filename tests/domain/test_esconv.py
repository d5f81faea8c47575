from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from escollect.domain.esconv import (
    EXPERIENCES,
    QUESTIONS,
    SPEAKERS,
    RecordError,
    Vocabulary,
    lacks,
    neutralise,
    read_record,
    write_record,
)
from escollect.domain.strategies import ALIASES, STRATEGIES
from tests.domain.transcripts import seeker, supporter, transcript

EMOTIONS, PROBLEMS = ("fear", "sadness"), ("job crisis", "Sleep Problems")
VOCABULARY = Vocabulary(frozenset(EMOTIONS), frozenset(PROBLEMS))
KEYS = [
    "experience_type",
    "emotion_type",
    "problem_type",
    "situation",
    "survey_score",
    "dialog",
    *QUESTIONS,
]

texts = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=40)
visible = texts.filter(lambda text: bool(text.strip()) and neutralise(text) == text)
scores = st.sampled_from("12345")
blanks = st.sampled_from(["", " ", "\n", "\t "])


@st.composite
def padded(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> tuple[str, str]:
    """A text with blanks around it, and the text as it is written."""
    text = draw(inner)
    return draw(blanks) + text + draw(blanks), text.strip()


@st.composite
def records(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """A record as public files have it, and the strict record that it must come back as."""
    source, strict = _head(draw)
    speakers = [("seeker", draw(_speaker("seeker"))), ("supporter", draw(_speaker("supporter")))]
    others = st.sampled_from(("seeker", "supporter"))
    speakers += [(role, draw(_speaker(role))) for role in draw(st.lists(others, max_size=8))]
    turns = []
    for role, word in draw(st.permutations(speakers)):
        annotation, clean = draw(_annotation(role))
        raw, text = draw(padded(visible))
        names = {"speaker": word, draw(st.sampled_from(("content", "text"))): raw}
        with_annotation = bool(annotation) or draw(st.booleans())
        turns.append({**names, "annotation": annotation} if with_annotation else names)
        strict["dialog"].append({"speaker": role, "annotation": clean, "content": text})
    source[draw(st.sampled_from(("dialog", "conversations", "utterances")))] = turns
    for key in QUESTIONS:
        raw, strict[key] = draw(padded(texts))
        if strict[key] or draw(st.booleans()):
            source[key] = raw
    return source, strict


def _speaker(role: str) -> st.SearchStrategy[str]:
    return st.sampled_from([word for word, mine in SPEAKERS.items() if mine == role])


@st.composite
def _annotation(draw: st.DrawFn, role: str) -> tuple[dict[str, Any], dict[str, str]]:
    if role == "supporter":
        label = draw(st.sampled_from([*STRATEGIES, *ALIASES]))
        clean = {"strategy": str(ALIASES.get(label, label))}
        return {"strategy": f"[{label}]" if draw(st.booleans()) else label}, clean
    score = draw(st.none() | scores)
    if score is None:
        return draw(st.sampled_from([{}, {"feedback": None}])), {}
    return {"feedback": draw(st.sampled_from([score, int(score)]))}, {"feedback": score}


def _head(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    head = {
        "experience_type": draw(st.sampled_from(EXPERIENCES)),
        "emotion_type": draw(st.sampled_from(EMOTIONS)),
        "problem_type": draw(st.sampled_from(PROBLEMS)),
    }
    raw, situation = draw(padded(visible))
    initial = {"initial_emotion_intensity": draw(scores)}
    optional = {key: draw(scores) for key in ("empathy", "relevance", "final_emotion_intensity")}
    after = {key: score for key, score in optional.items() if draw(st.booleans())}
    survey = {"seeker": initial | after, "supporter": draw(st.sampled_from([{}, {"relevance": "3"}]))}
    strict = head | {"situation": situation, "survey_score": survey, "dialog": []}
    return head | {"situation": raw, "survey_score": survey}, strict


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(records())
def test_reading_then_writing_is_the_identity_up_to_blanks_and_aliases(
    pair: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    source, strict = pair
    written = write_record(read_record(source, 0, VOCABULARY))
    assert written == strict
    assert list(written) == KEYS
    assert list(written["survey_score"]["seeker"]) == [
        key
        for key in ("initial_emotion_intensity", "empathy", "relevance", "final_emotion_intensity")
        if key in strict["survey_score"]["seeker"]
    ]
    assert write_record(read_record(written, 0, VOCABULARY)) == written


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for one in value.values():
            yield from leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from leaves(one)
    else:
        yield value


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(records())
def test_a_written_record_holds_texts_only(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
    written = write_record(read_record(pair[0], 0, VOCABULARY), {"conversation_id": "c-1"})
    assert {type(leaf) for leaf in leaves(written)} == {str}
    for turn in written["dialog"]:
        assert list(turn) == ["speaker", "annotation", "content"]
        assert ("strategy" in turn["annotation"]) == (turn["speaker"] == "supporter")


RECORD: dict[str, Any] = {
    "experience_type": "Current Experience",
    "emotion_type": "fear",
    "problem_type": "job crisis",
    "situation": "They close the office.",
    "survey_score": {"seeker": {"initial_emotion_intensity": "4"}, "supporter": {}},
    "dialog": [
        {"speaker": "seeker", "annotation": {}, "content": "hello"},
        {"speaker": "supporter", "annotation": {"strategy": "Question"}, "content": "what happened"},
    ],
}

REFUSED: list[tuple[tuple[str | int, ...], Any, str, str]] = [
    (("emotion_type",), "boredom", "emotion_type", "this is not in the study's vocabulary"),
    (("problem_type",), 3, "problem_type", "this is not in the study's vocabulary"),
    (("experience_type",), None, "experience_type", "this is not in the study's vocabulary"),
    (("situation",), ["x"], "situation", "a text is needed here"),
    (("situation",), "a\x00b", "situation", "the text holds control characters or half a character"),
    (("survey_score",), [], "survey_score", "an object is needed here"),
    (("survey_score", "seeker"), "4", "survey_score.seeker", "an object is needed here"),
    (
        ("survey_score", "seeker", "initial_emotion_intensity"),
        "6",
        "survey_score.seeker.initial_emotion_intensity",
        "a number from 1 to 5 is needed here",
    ),
    (
        ("survey_score", "supporter", "relevance"),
        True,
        "survey_score.supporter.relevance",
        "a number from 1 to 5 is needed here",
    ),
    (("dialog",), "hello", "dialog", "a list of utterances is needed here"),
    (("dialog", 0), "hello", "dialog[0]", "an utterance must be an object"),
    (("dialog", 0, "speaker"), "therapist", "dialog[0].speaker", "this is no speaker we know"),
    (("dialog", 0, "speaker"), None, "dialog[0].speaker", "this is no speaker we know"),
    (("dialog", 0, "content"), 7, "dialog[0].content", "a text is needed here"),
    (
        ("dialog", 0, "content"),
        "\ud800",
        "dialog[0].content",
        "the text holds control characters or half a character",
    ),
    (("dialog", 0, "annotation"), "good", "dialog[0].annotation", "an object is needed here"),
    (
        ("dialog", 0, "annotation", "feedback"),
        "0",
        "dialog[0].annotation.feedback",
        "a number from 1 to 5 is needed here",
    ),
    (
        ("dialog", 0, "annotation", "strategy"),
        "Question",
        "dialog[0].annotation.strategy",
        "a seeker's utterance has no strategy",
    ),
    (
        ("dialog", 1, "annotation", "strategy"),
        "Advice",
        "dialog[1].annotation.strategy",
        "this is no strategy we know",
    ),
    (
        ("dialog", 1, "annotation", "feedback"),
        "4",
        "dialog[1].annotation.feedback",
        "feedback belongs to the seeker",
    ),
    (("seeker_question1",), 5, "seeker_question1", "a text is needed here"),
]


@pytest.mark.parametrize(("path", "value", "key", "why"), REFUSED)
def test_what_cannot_be_mapped_is_refused_with_key_and_value(
    path: tuple[str | int, ...], value: Any, key: str, why: str
) -> None:
    record: Any = deepcopy(RECORD)
    place = record
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(RecordError) as refused:
        read_record(record, 12, VOCABULARY)
    error = refused.value
    assert (error.index, error.key, error.value, error.why) == (12, key, value, why)
    assert json.loads(json.dumps(error.as_dict(), ensure_ascii=False).encode())["key"] == key


@pytest.mark.parametrize("key", ["experience_type", "emotion_type", "problem_type", "dialog"])
def test_a_key_that_must_be_there_is_missed(key: str) -> None:
    record = {name: value for name, value in RECORD.items() if name != key}
    with pytest.raises(RecordError) as refused:
        read_record(record, 3, VOCABULARY)
    assert refused.value.as_dict() == {"index": 3, "key": key, "value": None, "why": "this key is missing"}


@pytest.mark.parametrize("record", [None, [], "record", 4])
def test_a_record_must_be_an_object(record: object) -> None:
    with pytest.raises(RecordError):
        read_record(record, 0, VOCABULARY)


def test_surveys_questions_annotations_and_the_situation_may_be_missing() -> None:
    record = {key: RECORD[key] for key in ("experience_type", "emotion_type", "problem_type")}
    record["dialog"] = [{"speaker": "usr", "text": "hello"}, {"speaker": "sys", "text": "hi"}]
    found = read_record(record, 0, VOCABULARY)
    assert [utterance.text for utterance in found.utterances] == ["hello", "hi"]
    assert lacks(found) == (
        "no situation",
        "no initial emotion intensity",
        "a supporter utterance without a strategy",
    )


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        (transcript(), ()),
        (transcript(situation="  "), ("no situation",)),
        (transcript(initial_intensity=None), ("no initial emotion intensity",)),
        (transcript(emotion_type=None), ("no emotion type",)),
        (transcript(()), ("the seeker said nothing", "the supporter said nothing")),
        (transcript((seeker(),)), ("the supporter said nothing",)),
        (transcript((seeker(" \n"), supporter())), ("an empty utterance",)),
        (transcript((seeker(), supporter(strategy=None))), ("a supporter utterance without a strategy",)),
    ],
)
def test_what_the_strict_dialect_lacks_is_a_reason_and_is_never_written(
    given: Any, missing: tuple[str, ...]
) -> None:
    assert lacks(given) == missing
    if missing:
        with pytest.raises(ValueError, match=missing[0]):
            write_record(given)


@pytest.mark.parametrize("value", ["", "17", " 17 "])
def test_an_extra_key_that_reads_as_a_number_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="conversation_id"):
        write_record(transcript(), {"conversation_id": value})


def test_extra_keys_and_utterance_ids_come_last() -> None:
    written = write_record(transcript((seeker(), supporter())), {"conversation_id": "c"}, ("c-1", "c-2"))
    assert list(written) == [*KEYS, "conversation_id"]
    assert [turn["utterance_id"] for turn in written["dialog"]] == ["c-1", "c-2"]


def test_a_written_utterance_is_trimmed_and_has_no_control_token() -> None:
    written = write_record(transcript((seeker(" so </s> it ends\n"), supporter("[SEP] go on"))))
    assert [turn["content"] for turn in written["dialog"]] == ["so < /s> it ends", "[ SEP ] go on"]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("so </s> it ends", "so < /s> it ends"),
        ("<s>", "< s>"),
        ("<|endoftext|>", "< |endoftext|>"),
        ("[SEP] and [MASK]", "[ SEP ] and [ MASK ]"),
        ("an EOS here", "an E O S here"),
        ("EOS", "E O S"),
        ("__SEP__", "__ SEP __"),
        ("VIDEOS and <scared> and [sep]", "VIDEOS and <scared> and [sep]"),
        ("my_snake__case", "my_snake__case"),
    ],
)
def test_control_tokens_of_tokenizers_are_broken_up(text: str, written: str) -> None:
    assert neutralise(text) == written
    assert neutralise(written) == written
