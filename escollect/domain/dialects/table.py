"""`csv`: a table for spreadsheets and data frames, one row an utterance.

What belongs to the conversation stands in every row. No cell can be taken for a formula: one that begins
with =, +, -, @ (or their full-width forms), after any number of apostrophes, gets an apostrophe in front,
which reading takes away. The file is UTF-8 with a byte order mark, separated by commas, every cell quoted;
programs that do not read `utf-8-sig` find the mark in the name of the first column. Rows of a conversation
stand together, in the order of `turn`; reading takes blank cells of later rows for those of the first one.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from escollect.domain.dialects.base import Container, Dialect, lacks_words
from escollect.domain.esconv import (
    QUESTIONS,
    SEEKER_SCORES,
    RecordError,
    RecordReader,
    Vocabulary,
    check_extras,
    name_utterances,
    write_text,
)
from escollect.domain.transcript import SEEKER, SUPPORTER, Transcript

UTTERANCE_COLUMNS = (
    "turn",
    "speaker",
    "content",
    "strategy",
    "feedback",
    "utterance_id",
    "original_strategy",
)
WORDS = ("experience_type", "emotion_type", "problem_type", "situation")
SCORES: Mapping[str, str] = MappingProxyType(
    {f"seeker_{key}": field for key, field in SEEKER_SCORES} | {"supporter_relevance": "supporter_relevance"}
)
CONVERSATION_COLUMNS = (*WORDS, *SCORES, *QUESTIONS, "extra")
COLUMNS = ("conversation", *UTTERANCE_COLUMNS, *CONVERSATION_COLUMNS)
NEEDED = frozenset({"conversation", "speaker", "content"})
# Columns under the names that other tables give them.
ALIASES: Mapping[str, str] = MappingProxyType({"conversation_id": "conversation", "text": "content"})
MARK = "\ufeff"
_FORMULA = re.compile("'*[=+\\-@\uff1d\uff0b\uff0d\uff20\t\r]")
_GUARDED = re.compile("''*[=+\\-@\uff1d\uff0b\uff0d\uff20\t\r]")
_TURN = re.compile(r"dialog\[(\d+)\](?:\.annotation)?\.?(.*)")


def guard(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguard(cell: str) -> str:
    """The text of a cell that `guard` made."""
    return cell[1:] if _GUARDED.match(cell) else cell


def _line(cells: Sequence[object]) -> str:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(cells)
    return out.getvalue()


def _write(transcript: Transcript, extras: Mapping[str, str], utterance_ids: Sequence[str]) -> str:
    missing = lacks_words(transcript)
    if missing:
        raise ValueError(f"The conversation {transcript.id} cannot be written: {'; '.join(missing)}.")
    check_extras(extras)
    extra = {**dict(transcript.extra), **extras}
    conversation = extra.pop("conversation_id", "") or transcript.id
    texts = {key: (getattr(transcript, key) or "").strip() for key in (*WORDS, *QUESTIONS)}
    scores = {column: getattr(transcript, field) or "" for column, field in SCORES.items()}
    known = {**texts, **scores, "extra": json.dumps(extra, ensure_ascii=False) if extra else ""}
    shared = [guard(str(known[column])) for column in CONVERSATION_COLUMNS]
    names = name_utterances(transcript, utterance_ids)
    lines = []
    for turn, (one, name) in enumerate(zip(transcript.utterances, names, strict=True), start=1):
        said = (turn, one.role, write_text(one), one.strategy, one.feedback, name, one.original)
        lines.append(_line([guard(str(cell or "")) for cell in (conversation, *said)] + shared))
    return "".join(lines)


def _read(rows: Sequence[Mapping[str, str]], index: int, vocabulary: Vocabulary) -> Transcript:
    """The transcript of the rows of one conversation."""
    table = [{column: unguard(cell) for column, cell in row.items()} for row in rows]
    first = table[0]
    for at, row in enumerate(table):
        _check_row(index, at, row, first)
    try:
        return RecordReader(index, vocabulary).read(_record(index, table, first))
    except RecordError as error:
        raise _in_the_table(error) from error


def _check_row(index: int, at: int, row: Mapping[str, str], first: Mapping[str, str]) -> None:
    turn = row.get("turn", "")
    if turn and turn.strip() != str(at + 1):
        why = f"the rows of a conversation stand together and in order, so {at + 1} is expected here"
        raise RecordError(index, "turn", turn, why, at)
    for column in CONVERSATION_COLUMNS:
        cell = row.get(column, "")
        if cell and cell != first.get(column, ""):
            why = "this differs from the first row of the conversation"
            raise RecordError(index, column, cell, why, at)


def _record(index: int, table: Sequence[Mapping[str, str]], first: Mapping[str, str]) -> dict[str, Any]:
    seeker = {key: first.get(f"seeker_{key}") or None for key, _ in SEEKER_SCORES}
    texts = {key: first[key] for key in (*WORDS, *QUESTIONS) if first.get(key)}
    return {
        **texts,
        "survey_score": {
            SEEKER: seeker,
            SUPPORTER: {"relevance": first.get("supporter_relevance") or None},
        },
        "dialog": [_turn(row) for row in table],
        **_extra(index, first),
    }


def _turn(row: Mapping[str, str]) -> dict[str, Any]:
    about = {key: row[key] for key in ("strategy", "feedback") if row.get(key)}
    turn: dict[str, Any] = {"speaker": row["speaker"], "annotation": about, "content": row["content"]}
    return turn | {key: row[key] for key in ("utterance_id", "original_strategy") if row.get(key)}


def _extra(index: int, first: Mapping[str, str]) -> dict[str, Any]:
    """The extra keys; the id is one where it is more than a number that says which rows belong together."""
    try:
        found = json.loads(first.get("extra") or "{}")
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise RecordError(index, "extra", first.get("extra"), "an object in JSON is needed here")
    return {"conversation_id": first["conversation"], **found}


def _in_the_table(error: RecordError) -> RecordError:
    """The error with the column as its key and the row where it stands."""
    row, column = 0, error.key
    spoken = _TURN.fullmatch(error.key)
    if spoken:
        row, column = int(spoken[1]), spoken[2]
    elif error.key.startswith("survey_score."):
        column = error.key.removeprefix("survey_score.").replace(".", "_")
    return RecordError(error.index, column, error.value, error.why, row)


def _recognises(record: object) -> bool:
    return isinstance(record, list)


DIALECT = Dialect(
    name="csv",
    about="A table with one row an utterance, in which no cell can be taken for a formula.",
    suffix=".csv",
    container=Container.TABLE,
    read=_read,
    write=_write,
    lacks=lacks_words,
    recognises=_recognises,
    header=MARK + _line(COLUMNS),
)
