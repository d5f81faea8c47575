"""What every dialect promises, and what is particular to each: fixtures in our own words."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from escollect.domain.dialects import DIALECTS, Container, Dialect, recognise
from escollect.domain.dialects.table import COLUMNS, MARK, guard, unguard
from escollect.domain.esconv import ANY_WORD, RecordError, lacks, read_record, write_record
from escollect.domain.transcript import SEEKER, SUPPORTER, Transcript, Utterance
from tests.domain.test_esconv import VOCABULARY, records
from tests.domain.transcripts import NO_SURVEY, seeker, supporter, transcript

FIXTURES = Path(__file__).parent / "dialects"
EXTRAS = {"conversation_id": "c-7", "supporter_id": "p-1", "extra_seeker_mood": "=better"}

TALK = transcript(
    (
        seeker("hello"),
        seeker("I sleep badly\nsince March", feedback=4),
        supporter("- what keeps you awake?"),
        supporter("I am sorry to hear that", "Reflection of feelings"),
        seeker("@ night it is the rent"),
        supporter("'=thanks for telling me", "Others"),
    ),
    id="c-7",
    situation="The rent went up twice this year.",
    seeker_question1="It was calm.",
    supporter_question2="-more time",
)
IDS = tuple(f"c-7-{k}" for k in range(1, 7))


def parse(dialect: Dialect, text: str) -> Any:
    """The record that a file's reader would find in what the dialect wrote."""
    if dialect.container is Container.TABLE:
        return list(csv.DictReader(io.StringIO(dialect.header.removeprefix(MARK) + text, newline="")))
    return json.loads(text)


def back(dialect: Dialect, text: str, index: int = 0) -> Transcript:
    return dialect.read(parse(dialect, text), index, ANY_WORD)


@pytest.fixture(params=sorted(DIALECTS))
def dialect(request: pytest.FixtureRequest) -> Dialect:
    return DIALECTS[request.param]


def test_a_dialect_is_described_and_has_its_own_fixture(dialect: Dialect) -> None:
    assert dialect.about.endswith(".")
    assert (FIXTURES / f"{dialect.name}{dialect.suffix}").exists()


def test_what_is_written_is_the_fixture_and_is_read_back(dialect: Dialect) -> None:
    written = dialect.header + dialect.write(TALK, EXTRAS, IDS)
    fixture = (FIXTURES / f"{dialect.name}{dialect.suffix}").read_bytes().decode()
    assert written == fixture
    found = back(dialect, fixture.removeprefix(dialect.header))
    assert write_record(found) == write_record(TALK, EXTRAS, IDS)
    assert [one.id for one in found.utterances] == list(IDS)


def test_a_record_is_recognised(dialect: Dialect) -> None:
    assert recognise(parse(dialect, dialect.write(TALK, {}, ()))) is dialect


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
@given(records(), st.sampled_from(sorted(DIALECTS)))
def test_every_dialect_gives_back_what_it_was_given(
    pair: tuple[dict[str, Any], dict[str, Any]], name: str
) -> None:
    dialect, (source, strict) = DIALECTS[name], pair
    written = dialect.write(read_record(source, 0, VOCABULARY), {}, ())
    found = back(dialect, written)
    assert write_record(found) == strict
    assert dialect.write(found, {}, ()) == written


def test_labels_that_adjudicators_changed_keep_the_first_one(dialect: Dialect) -> None:
    changed = replace(TALK.utterances[2], original="Information")
    talk = replace(TALK, utterances=(*TALK.utterances[:2], changed, *TALK.utterances[3:]))
    found = back(dialect, dialect.write(talk, {}, ()))
    assert [one.original for one in found.utterances] == [None, None, "Information", None, None, None]


def test_what_it_lacks_is_never_written(dialect: Dialect) -> None:
    silent = transcript(())
    assert dialect.lacks(silent)
    with pytest.raises(ValueError, match=dialect.lacks(silent)[0]):
        dialect.write(silent, {}, ())


@pytest.mark.parametrize("name", ["csv", "hf-text"])
def test_some_dialects_hold_what_the_strict_one_cannot(name: str) -> None:
    bare = transcript(
        (seeker("one"), supporter("two", None)), initial_intensity=None, situation=None, **NO_SURVEY
    )
    assert lacks(bare)
    found = back(DIALECTS[name], DIALECTS[name].write(bare, {}, ()))
    assert [(one.role, one.text, one.strategy) for one in found.utterances] == [
        (SEEKER, "one", None),
        (SUPPORTER, "two", None),
    ]
    assert (found.initial_intensity, found.final_intensity, found.emotion_type) == (None, None, "sadness")


def turns_of(turns: Sequence[dict[str, Any]]) -> Any:
    head = {"experience_type": "x", "emotion_type": "fear", "problem_type": "job crisis"}
    return {**head, "dialog": list(turns)}


def turn(speaker: str, content: Any, **annotation: Any) -> dict[str, Any]:
    return {"speaker": speaker, "annotation": annotation, "content": content}


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (turn("sys", "a\nb", strategy=["Question", "[Other]"]), [("a", "Question"), ("b", "Others")]),
        (turn("sys", "a\nb", strategy=["Question"]), [("a\nb", "Question")]),
        (turn("sys", "a\nb", strategy="Question"), [("a\nb", "Question")]),
        (
            turn("sys", ["a", "b\nc"], strategy=["Question", "Others"]),
            [("a", "Question"), ("b\nc", "Others")],
        ),
        (turn("sys", "a\u2028b\nc", strategy=["Question", ""]), [("a\nb", "Question"), ("c", None)]),
        (turn("sys", "a\nb"), [("a", None), ("b", None)]),
        (turn("usr", "a\nb"), [("a", None), ("b", None)]),
        (turn("usr", "a\nb", feedback="4"), [("a", 4), ("b", None)]),
        (turn("usr", "a\nb", feedback=["", 5]), [("a", None), ("b", 5)]),
    ],
)
def test_a_turn_is_taken_apart(given: dict[str, Any], found: list[tuple[str, Any]]) -> None:
    read = DIALECTS["esconv-turns"].read(turns_of([given]), 0, ANY_WORD)
    assert [(one.text, one.strategy or one.feedback) for one in read.utterances] == found


@pytest.mark.parametrize(
    ("given", "key", "why"),
    [
        (
            turn("sys", "a\nb", strategy=["Question"] * 3),
            "dialog[0].annotation.strategy",
            "each line of the content needs its strategy, and there are 2 lines",
        ),
        (
            turn("sys", "a", feedback=["4"]),
            "dialog[0].annotation.feedback",
            "a supporter's turn has no feedback",
        ),
        (
            turn("usr", "a", strategy=["Others"]),
            "dialog[0].annotation.strategy",
            "a seeker's turn has no strategy",
        ),
        (
            turn("sys", "a", strategy=["Advice"]),
            "dialog[0].annotation.strategy",
            "this is no strategy we know",
        ),
        (
            turn("usr", "a", feedback=["9"]),
            "dialog[0].annotation.feedback",
            "a number from 1 to 5 is needed here",
        ),
        (turn("sys", ["a", 4], strategy=["Others"]), "dialog[0].content[1]", "a text is needed here"),
    ],
)
def test_a_turn_that_cannot_be_taken_apart_is_refused(given: dict[str, Any], key: str, why: str) -> None:
    with pytest.raises(RecordError) as refused:
        DIALECTS["esconv-turns"].read(turns_of([given]), 5, ANY_WORD)
    assert (refused.value.index, refused.value.key, refused.value.why) == (5, key, why)


def test_turns_alternate() -> None:
    record = json.loads(DIALECTS["esconv-turns"].write(TALK, {}, ()))
    assert [one["speaker"] for one in record["dialog"]] == [SEEKER, SUPPORTER] * 2


HUB = {"emotion_type": "fear", "problem_type": "job crisis", "situation": "They close the office."}
HUB_TURNS = [{"text": "hi", "speaker": "usr"}, {"text": "yes?", "speaker": "sys", "strategy": "Questions"}]


@pytest.mark.parametrize("wrap", ["plain", "string", "text"])
def test_lines_of_the_hub_are_read_however_they_are_wrapped(wrap: str) -> None:
    line: Any = {**HUB, "dialog": HUB_TURNS}
    line = {"plain": line, "string": json.dumps(line), "text": {"text": json.dumps(line)}}[wrap]
    assert recognise(line).name == "hf-text"
    found = DIALECTS["hf-text"].read(line, 0, ANY_WORD)
    assert found.utterances == (Utterance(SEEKER, "hi"), Utterance(SUPPORTER, "yes?", "Question"))
    assert (found.experience_type, found.situation) == (None, "They close the office.")


@pytest.mark.parametrize(
    ("line", "key"), [("nonsense", ""), ({"text": "{"}, "text"), ({"text": 4}, "emotion_type")]
)
def test_a_line_that_holds_no_record_is_refused(line: Any, key: str) -> None:
    with pytest.raises(RecordError) as refused:
        DIALECTS["hf-text"].read(line, 2, ANY_WORD)
    assert (refused.value.index, refused.value.key) == (2, key)


FORMULAS = [
    "=1+1",
    "+49",
    "-x",
    "@here",
    "'=1",
    "''@",
    "\t=1",
    "\r=1",
    "\uff1d1",
    "\uff0b",
    "\uff0d",
    "\uff20",
]


@pytest.mark.parametrize("text", [*FORMULAS, "plain", "'quoted'", "", "a=b", "''", "'"])
def test_no_cell_can_be_taken_for_a_formula(text: str) -> None:
    cell = guard(text)
    assert cell[:1] not in set("=+-@\t\r\uff1d\uff0b\uff0d\uff20")
    assert unguard(cell) == text
    assert (cell != text) == (text in FORMULAS)


@given(st.text(st.sampled_from("'=+-@\t\rab\uff1d"), max_size=6))
def test_a_guarded_cell_gives_its_text_back(text: str) -> None:
    assert unguard(guard(text)) == text


def test_every_cell_of_a_table_is_guarded() -> None:
    nasty = dict.fromkeys(("situation", "seeker_question1", "seeker_question2", "emotion_type"), "=cmd")
    talk = transcript((seeker("=cmd"), supporter("+cmd")), id="=cmd", **nasty)
    written = DIALECTS["csv"].write(talk, {"x": "=cmd"}, ("=a", "@b"))
    for row in csv.reader(io.StringIO(written, newline="")):
        assert len(row) == len(COLUMNS)
        assert [cell for cell in row if cell[:1] in {"=", "+", "-", "@"}] == []


def table(**changes: str) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = parse(DIALECTS["csv"], DIALECTS["csv"].write(TALK, {}, ()))
    rows[2].update(changes)
    return rows


@pytest.mark.parametrize(
    ("column", "cell", "why"),
    [
        ("turn", "7", "the rows of a conversation stand together and in order, so 3 is expected here"),
        ("emotion_type", "fear", "this differs from the first row of the conversation"),
        ("speaker", "nobody", "this is no speaker we know"),
        ("strategy", "Advice", "this is no strategy we know"),
        ("feedback", "4", "feedback belongs to the seeker"),
        ("content", "a\x00b", "the text holds control characters or half a character"),
    ],
)
def test_an_error_in_a_table_names_the_column_and_the_row(column: str, cell: str, why: str) -> None:
    with pytest.raises(RecordError) as refused:
        DIALECTS["csv"].read(table(**{column: cell}), 4, ANY_WORD)
    error = refused.value
    assert (error.index, error.key, error.value, error.why, error.row) == (4, column, cell, why, 2)


@pytest.mark.parametrize(
    ("column", "cell", "why"),
    [
        ("seeker_empathy", "6", "a number from 1 to 5 is needed here"),
        ("supporter_relevance", "x", "a number from 1 to 5 is needed here"),
        ("emotion_type", "boredom", "this is not in the study's vocabulary"),
        ("extra", "{", "an object in JSON is needed here"),
    ],
)
def test_what_belongs_to_the_conversation_is_checked_in_its_first_row(
    column: str, cell: str, why: str
) -> None:
    rows = table()
    for row in rows:
        row[column] = cell
    with pytest.raises(RecordError) as refused:
        DIALECTS["csv"].read(rows, 0, VOCABULARY)
    assert (refused.value.key, refused.value.value, refused.value.why) == (column, cell, why)


def test_blank_cells_of_later_rows_and_missing_columns_are_no_fault() -> None:
    rows = table()
    needed = {"conversation", "speaker", "content", "strategy"}
    rows = [rows[0], *({key: cell for key, cell in row.items() if key in needed} for row in rows[1:])]
    found = DIALECTS["csv"].read(rows, 0, ANY_WORD)
    assert [one.text for one in found.utterances] == [one.text for one in TALK.utterances]
    assert found.situation == TALK.situation
