from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from escollect.corpus import reading
from escollect.corpus.reading import FileRefused, Unreadable, read_records

RECORDS = [{"a": 1, "text": 'zwölf [x] {y}, "z"'}, {"b": [1, 2.5, -3]}, [], "text", 12345, None, {"c": {}}]


def write(tmp_path: Path, data: str | bytes) -> Path:
    path = tmp_path / "file.json"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


@pytest.mark.parametrize("chunk", [1, 2, 7, 1 << 20])
@pytest.mark.parametrize("indent", [None, 1, 4])
def test_an_array_is_read_record_by_record_whatever_the_chunks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int, indent: int | None
) -> None:
    monkeypatch.setattr(reading, "CHUNK", chunk)
    path = write(tmp_path, f"\ufeff \n{json.dumps(RECORDS, indent=indent, ensure_ascii=False)}\n ")
    assert list(read_records(path)) == RECORDS


def test_an_empty_array_has_no_records(tmp_path: Path) -> None:
    assert list(read_records(write(tmp_path, " [ ] \n"))) == []


def test_lines_are_read_with_blank_ones_passed_over(tmp_path: Path) -> None:
    path = write(tmp_path, '{"a": 1}\n\n{"b": 2}\r\n  {"c": 3}')
    assert list(read_records(path)) == [{"a": 1}, {"b": 2}, {"c": 3}]


def test_a_bad_line_costs_only_itself(tmp_path: Path) -> None:
    path = write(tmp_path, '{"a": 1}\n{"b": \n{"c": NaN}\n{"d": 4}\n')
    found: list[Any] = list(read_records(path))
    assert [found[0], found[3]] == [{"a": 1}, {"d": 4}]
    assert [type(one) for one in found[1:3]] == [Unreadable, Unreadable]
    assert found[2] == Unreadable('{"c": NaN}', "this line is no JSON: NaN is no JSON")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("", "neither a JSON array of records nor JSON lines"),
        ("hello", "neither a JSON array of records nor JSON lines"),
        ("[1, 2", "The array breaks at record 2: , or ] was expected, the end of the file was found"),
        ("[1 2]", "The array breaks at record 1: , or ] was expected, '2' was found"),
        ("[1,]", "The array breaks at record 1: Expecting value"),
        ('[{"a": 1}, {"b"', "The array breaks at record 1: "),
        ("[1] [2]", "After the array there is more"),
        ("[NaN]", "The array breaks at record 0: NaN is no JSON"),
        ("[" * 100_000, "The array breaks at record 0: nested too deeply"),
        (b'["\xff"]', "is not UTF-8 text"),
    ],
)
def test_a_file_that_cannot_be_trusted_is_refused(tmp_path: Path, data: str | bytes, why: str) -> None:
    with pytest.raises(FileRefused) as refused:
        list(read_records(write(tmp_path, data)))
    assert why in str(refused.value)


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="No such file or directory"):
        list(read_records(tmp_path / "nothing.json"))
