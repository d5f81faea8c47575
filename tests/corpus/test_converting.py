from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from escollect.corpus.converting import convert
from escollect.corpus.places import Place
from escollect.domain.dialects import DIALECTS
from tests.corpus.making import record, write
from tests.domain.test_samples import SAMPLES

NAMES = sorted(DIALECTS)


def run(capsys: pytest.CaptureFixture[str], *args: str) -> dict[str, Any]:
    """The last line of a command's stdout."""
    capsys.readouterr()
    call_command("convert_corpus", *args)
    answer: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return answer


def named(name: str) -> dict[str, Any]:
    """A record as a release has it, with ids."""
    made = record(name) | {"conversation_id": f"c-{name}", "supporter_id": "p-1"}
    for at, turn in enumerate(made["dialog"]):
        turn["utterance_id"] = f"c-{name}-{at + 1}"
    return made


@pytest.mark.parametrize("name", NAMES)
def test_a_file_goes_through_every_dialect_and_comes_back_the_same(tmp_path: Path, name: str) -> None:
    source = tmp_path / "ESConv.json"
    convert(write(tmp_path / "own.json", [named("cat"), named("=dog")]), source, DIALECTS["esconv"])
    there, back = tmp_path / f"there{DIALECTS[name].suffix}", tmp_path / "back.json"
    assert convert(source, there, DIALECTS[name]).conversations == 2
    convert(there, back, DIALECTS["esconv"])
    assert back.read_bytes() == source.read_bytes()
    assert json.loads(back.read_bytes()) == [named("cat"), named("=dog")]


@pytest.mark.skipif(not SAMPLES, reason="ESCOLLECT_SAMPLES is not set")
@pytest.mark.parametrize("sample", ["esconv_sample.json", "failed_sample.json"])
@pytest.mark.parametrize("name", NAMES)
def test_a_sample_goes_through_every_dialect(tmp_path: Path, name: str, sample: str) -> None:
    source = tmp_path / "source.json"
    first = convert(Path(SAMPLES) / sample, source, DIALECTS["esconv"], skip_bad=True)
    assert first.conversations >= 75
    convert(source, tmp_path / "there", DIALECTS[name])
    last = convert(tmp_path / "there", tmp_path / "back.json", DIALECTS["esconv"])
    assert (last.sha256, last.utterances) == (first.sha256, first.utterances)


def test_the_command_says_what_it_did_and_needs_no_database(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write(tmp_path / "a.json", [record(), record(situation=""), record(emotion_type=4)])
    out = tmp_path / "out" / "b.json"
    answer = run(capsys, str(source), str(out), "--to", "esconv", "--skip-bad")
    data = source.read_bytes()
    starts = [at for at in range(len(data)) if data.startswith(b' {\n  "experience_type"', at)]
    second, wrong = starts[1] + 1, data.index(b'"emotion_type": 4') + len('"emotion_type": ')
    assert answer.pop("sha256")
    assert answer == {
        "conversations": 1,
        "utterances": 16,
        "skipped": [
            {
                "index": 1,
                "key": "",
                "value": None,
                "why": "the dialect esconv needs more: no situation "
                f"({Place(1, 0).after(data[:second].decode())})",
            },
            {
                "index": 2,
                "key": "emotion_type",
                "value": 4,
                "why": f"a word is needed here ({Place(1, 0).after(data[:wrong].decode())})",
            },
        ],
    }
    assert json.loads(out.read_bytes()) == [record()]


@pytest.mark.parametrize(
    ("records", "why"),
    [
        (
            [record(), record(situation="")],
            "record 1, the record: the dialect esconv needs more: no situation",
        ),
        ([record(), "x"], "record 1, the record: this text is no JSON"),
        ([record(), {}], "record 1, experience_type: this key is missing"),
    ],
)
def test_a_conversion_that_does_not_come_to_its_end_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], records: list[Any], why: str
) -> None:
    source = write(tmp_path / "a.json", records)
    with pytest.raises(CommandError, match=why):
        call_command("convert_corpus", str(source), str(tmp_path / "b.json"), "--to", "esconv")
    assert "Nothing was written" in json.loads(capsys.readouterr().out.splitlines()[-1])["error"]
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    source, out = write(tmp_path / "a.json", [record()]), tmp_path / "b.csv"
    out.write_text("mine", "utf-8")
    with pytest.raises(CommandError, match="exists already"):
        call_command("convert_corpus", str(source), str(out), "--to", "csv")
    assert out.read_text("utf-8") == "mine"


@pytest.mark.parametrize("name", NAMES)
def test_a_file_without_conversations_is_one_of_its_dialect(tmp_path: Path, name: str) -> None:
    empty = tmp_path / f"empty{DIALECTS[name].suffix}"
    assert convert(write(tmp_path / "a.json", []), empty, DIALECTS[name]).conversations == 0
    assert empty.read_bytes().decode() == {"csv": DIALECTS["csv"].header, "hf-text": ""}.get(name, "[]\n")
