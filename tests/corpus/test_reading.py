from __future__ import annotations

import json
import os
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from escollect.corpus import reading_json
from escollect.corpus.places import Found, Place, Unreadable
from escollect.corpus.reading import FileRefused, Read, Refused, read_records, read_transcripts
from escollect.domain.dialects import DIALECTS
from escollect.domain.esconv import ANY_WORD
from tests.corpus.making import record

RECORDS = [{"a": 1, "text": 'zwölf [x] {y}, "z"'}, {"b": [1, 2.5, -3]}, [], "text", 12345, None, {"c": {}}]


def write(tmp_path: Path, data: str | bytes) -> Path:
    path = tmp_path / "file.json"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def values(path: Path) -> list[Any]:
    return [one.value if isinstance(one, Found) else one for one in read_records(path)]


@pytest.mark.parametrize("chunk", [1, 2, 7, 1 << 20])
@pytest.mark.parametrize("indent", [None, 1, 4])
def test_an_array_is_read_record_by_record_whatever_the_chunks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int, indent: int | None
) -> None:
    monkeypatch.setattr(reading_json, "CHUNK", chunk)
    path = write(tmp_path, f"\ufeff \n{json.dumps(RECORDS, indent=indent, ensure_ascii=False)}\n ")
    found = [one for one in read_records(path) if isinstance(one, Found)]
    assert [one.value for one in found] == RECORDS
    data = path.read_bytes()
    for one in found:
        assert data[one.at.byte :].startswith(one.text.encode())
        assert one.at.line == 1 + data[: one.at.byte].count(b"\n")


def test_an_empty_array_has_no_records(tmp_path: Path) -> None:
    assert values(write(tmp_path, " [ ] \n")) == []


def test_lines_are_read_with_blank_ones_passed_over(tmp_path: Path) -> None:
    path = write(tmp_path, '{"a": 1}\n\n{"b": 2}\r\n  {"c": 3}')
    assert values(path) == [{"a": 1}, {"b": 2}, {"c": 3}]
    assert [one.at for one in read_records(path)] == [Place(1, 0), Place(3, 10), Place(4, 20)]


def test_a_bad_line_costs_only_itself_and_says_where_it_breaks(tmp_path: Path) -> None:
    path = write(tmp_path, b'{"a": 1}\n{"\xc3\xa4": \n{"c": NaN}\n{"d": "\xff"}\n{"e": 4}\n')
    assert values(path) == [
        {"a": 1},
        Unreadable('{"ä":', "this line is no JSON: Expecting value", Place(3, 17)),
        Unreadable('{"c": NaN}', "this line is no JSON: NaN is no JSON", Place(3, 17)),
        Unreadable('{"d": "\\xff"}', "this line is not UTF-8 text", Place(4, 35)),
        {"e": 4},
    ]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("", "neither a JSON array of records nor JSON lines, nor a table"),
        ("hello", "neither a JSON array of records nor JSON lines, nor a table"),
        ("[1, 2", "breaks at record 2 (line 1, byte 5): , or ] was expected, the end of the file was found"),
        ("[1\n 2]", "The array breaks at record 1 (line 2, byte 4): , or ] was expected, '2' was found"),
        ("[1,]", "The array breaks at record 1 (line 1, byte 3): Expecting value"),
        ('["ä",\n{"b" 4}]', "The array breaks at record 1 (line 2, byte 12): Expecting ':' delimiter"),
        ("[1] [2]", "After the array there is more (line 1, byte 4)"),
        ("[NaN]", "The array breaks at record 0 (line 1, byte 1): NaN is no JSON"),
        ("[" * 100_000, "The array breaks at record 0 (line 1, byte 1): nested too deeply"),
        (b'[1,\n"\xff"]', "is not UTF-8 text (line 2, byte 5)"),
        ("[]".encode("utf-16"), "is not UTF-8 text (line 1, byte 0)"),
        ('conversation,speaker,content\n1,seeker,"a\n', "breaks in the row that begins at line 2, byte 29"),
        (b"conversation,speaker,content\n1,seeker,\xff\n", "is not UTF-8 text (line 2, byte 38)"),
    ],
)
def test_a_file_that_cannot_be_trusted_is_refused(tmp_path: Path, data: str | bytes, why: str) -> None:
    with pytest.raises(FileRefused) as refused:
        list(read_records(write(tmp_path, data)))
    assert why in str(refused.value)
    assert str(refused.value).startswith("file.json cannot be read. ")


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="No such file or directory"):
        list(read_records(tmp_path / "nothing.json"))


def test_a_pipe_is_refused_because_a_file_is_read_twice(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileRefused, match="pipe is no file"):
        list(read_records(tmp_path / "pipe"))


def spoil(name: str, value: Any) -> dict[str, Any]:
    made = record(name)
    made["dialog"][3]["annotation"]["strategy"] = value
    return made


@pytest.mark.parametrize("layout", ["array", "indented", "lines"])
def test_an_error_points_at_the_value(tmp_path: Path, layout: str) -> None:
    made = [record("the ämsel"), spoil("the öwl", "Advice"), record()]
    if layout == "lines":
        text = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in made)
    else:
        text = json.dumps(made, ensure_ascii=False, indent=2 if layout == "indented" else None)
    path = write(tmp_path, text)
    bad = [one for one in read_transcripts(path, ANY_WORD) if isinstance(one, Refused)]
    assert [(one.error.index, one.error.key, one.error.value) for one in bad] == [
        (1, "dialog[3].annotation.strategy", "Advice")
    ]
    data, at = path.read_bytes(), bad[0].at
    assert data[at.byte :].startswith(b'"Advice"')
    assert at.line == 1 + data[: at.byte].count(b"\n")
    assert bad[0].as_dict()["why"] == f"this is no strategy we know (line {at.line}, byte {at.byte})"


TABLE = (
    "\ufeffconversation_id;turn;speaker;text;strategy;emotion_type;problem_type;experience_type\n"
    "a;1;usr;so much;;fear;job crisis;Current Experience\n"
    'a;2;sys;"two\nlines";Advice;;;\n'
    "b;1;usr;ünd;;fear;job crisis;Current Experience\n"
    "b;2;sys;tell me;Question;;;\n"
    "c;1;usr;one;;fear;job crisis;Current Experience;more\n"
    ";1;usr;whose;;fear;job crisis;Current Experience\n"
    "d;2;usr;first;;fear;job crisis;Current Experience\n"
    "e;1;usr;one;;fear;job crisis;Current Experience\n"
    "e;2;sys;two;Question;anger;;"
)


def test_a_table_is_read_by_conversation_and_errors_point_at_the_row(tmp_path: Path) -> None:
    path = write(tmp_path, TABLE)
    found = list(read_transcripts(path, ANY_WORD))
    good = [one.transcript for one in found if isinstance(one, Read)]
    assert [[(one.role, one.text, one.strategy) for one in each.utterances] for each in good] == [
        [("seeker", "ünd", None), ("supporter", "tell me", "Question")]
    ]
    bad = [one for one in found if isinstance(one, Refused)]
    assert [(one.error.index, one.error.key, one.error.value, one.at.line) for one in bad] == [
        (0, "strategy", "Advice", 3),
        (2, "", "c,1,usr,one,,fear,job crisis,Current Experience,more", 7),
        (3, "", ",1,usr,whose,,fear,job crisis,Current Experience", 8),
        (4, "turn", "2", 9),
        (5, "emotion_type", "anger", 11),
    ]
    data = path.read_bytes()
    assert data[bad[0].at.byte :].startswith(b"a;2;sys")
    assert data[bad[4].at.byte :].startswith(b"e;2;sys")


def test_a_dialect_of_another_container_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="is a table, and the dialect esconv is a JSON array"):
        list(read_transcripts(write(tmp_path, TABLE), ANY_WORD, DIALECTS["esconv"]))
    with pytest.raises(FileRefused, match="is JSON, and the dialect csv is a table"):
        list(read_transcripts(write(tmp_path, json.dumps([record()])), ANY_WORD, DIALECTS["csv"]))


def test_one_name_for_all_rows_does_not_fill_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("escollect.corpus.reading_table.ROWS_LIMIT", 3)
    with pytest.raises(FileRefused, match=r"More than 3 rows have the conversation 'a' \(line 5, byte"):
        list(read_records(write(tmp_path, "conversation,speaker,content\n" + "a,usr,b\n" * 4)))


@pytest.mark.parametrize("name", sorted(DIALECTS))
def test_memory_does_not_grow_with_the_file(tmp_path: Path, name: str) -> None:
    dialect = DIALECTS[name]
    made = DIALECTS["esconv"].read(record(), 0, ANY_WORD)
    one = dialect.write(made, {"conversation_id": "c-{}"}, ())
    peaks = []
    for count in (30, 600):
        many = [one.replace("c-{}", f"c-{k}") for k in range(count)]
        array = name.startswith("esconv")
        text = f"[{','.join(many)}]" if array else dialect.header + "".join(many)
        path = write(tmp_path, text)
        tracemalloc.start()
        assert sum(isinstance(one, Read) for one in read_transcripts(path, ANY_WORD, dialect)) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 5 * reading_json.CHUNK < len(text) + 6 * reading_json.CHUNK
