"""The folder of a release as libraries load it: typed records, ConvoKit, Croissant, codebook, figures."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest

from escollect.corpus import building, pictures
from escollect.corpus.actions import publish
from escollect.corpus.building import BuildFailed
from escollect.corpus.layouts import typed
from escollect.corpus.layouts.base import SPLITS
from escollect.corpus.pseudonyms import choose_split
from escollect.corpus.writing import new_folder
from escollect.domain.figures import draw_all
from escollect.domain.statistics import Statistics
from escollect.domain.strategies import STRATEGIES
from escollect.domain.typed import FLAT, LISTS
from escollect.studies.models import Study
from tests.corpus.making import contents, record

SPACE = UUID(int=7)


@pytest.fixture
def folder(study: Study, tmp_path: Path) -> Path:
    """A release of two accepted conversations and a negative one."""
    publish(study, tmp_path / "out", "1")
    return tmp_path / "out"


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def read_all(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for split in SPLITS:
        for one in read_lines(folder / "data" / f"{split}.jsonl"):
            yield split, one


@pytest.mark.django_db
def test_every_layout_holds_the_same_conversations_as_the_strict_file(folder: Path) -> None:
    strict = json.loads((folder / "ESConv.json").read_bytes())
    found = {one["conversation_id"]: one for _split, one in read_all(folder)}
    kit = json.loads((folder / "convokit" / "conversations.json").read_bytes())
    assert {one["conversation_id"] for one in strict} == set(found)
    assert {one["meta"]["conversation_id"] for one in kit.values()} == set(found)
    for one in strict:
        same = found[one["conversation_id"]]
        assert list(same) == [*FLAT, *LISTS]
        assert [turn["content"] for turn in same["dialog"]] == [turn["content"] for turn in one["dialog"]]
        assert [str(turn["feedback"] or "") for turn in same["dialog"]] == [
            turn["annotation"].get("feedback", "") for turn in one["dialog"]
        ]
        assert (same["seeker_id"], same["empathy"], same["final_emotion_intensity"]) == (
            one["seeker_id"], 5, 2
        )  # fmt: skip


@pytest.mark.django_db
def test_convokit_gets_threads_of_replies_and_everybody_who_speaks(folder: Path) -> None:
    kit = folder / "convokit"
    utterances = read_lines(kit / "utterances.jsonl")
    speakers = json.loads((kit / "speakers.json").read_bytes())
    index = json.loads((kit / "index.json").read_bytes())
    assert len(utterances) == 2 * len(record()["dialog"])
    assert {one["speaker"] for one in utterances} == set(speakers)
    by_id = {one["id"]: one for one in utterances}
    for one in utterances:
        before = by_id.get(one["reply-to"])
        assert (before is None) == (one["id"] == one["conversation_id"])
        assert before is None or before["conversation_id"] == one["conversation_id"]
        assert set(one["meta"]) == set(index["utterances-index"])
        assert one["meta"]["strategy"] in (STRATEGIES if one["meta"]["role"] == "supporter" else (None,))
    for conversation in json.loads((kit / "conversations.json").read_bytes()).values():
        assert set(conversation["meta"]) == set(index["conversations-index"])
    assert json.loads((kit / "corpus.json").read_bytes())["name"] == "esconv-1"


@pytest.mark.django_db
def test_croissant_lists_every_file_with_its_hash_and_every_key(folder: Path) -> None:
    told = json.loads((folder / "croissant.json").read_bytes())
    found = contents(folder)
    later = {"croissant.json", "manifest.json", "SHA256SUMS"}
    assert {one["@id"]: one["sha256"] for one in told["distribution"]} == {
        name: hashlib.sha256(data).hexdigest() for name, data in found.items() if name not in later
    }
    files = {one["@id"] for one in told["distribution"]}
    assert [one["name"] for one in told["recordSet"]] == list(SPLITS)
    for records in told["recordSet"]:
        assert [field["name"] for field in records["field"]] == [*FLAT, *LISTS]
        assert {field["source"]["fileObject"]["@id"] for field in records["field"]} <= files


@pytest.mark.django_db
def test_codebook_and_statistics_name_what_they_explain(folder: Path) -> None:
    codebook = (folder / "codebook.md").read_text("utf-8")
    for word in (*FLAT, *LISTS, *STRATEGIES, "Sleep Problems", "What could we improve?", "1: hardly there"):
        assert word in codebook, word
    page = (folder / "statistics.md").read_text("utf-8")
    assert "| conversations | 2 | 1 |" in page
    for name in contents(folder):
        assert not name.endswith(".svg") or f"({name})" in page


def test_a_supporter_stays_in_one_split_and_splits_have_their_shares() -> None:
    people = [uuid5(SPACE, str(n)) for n in range(2000)]
    splits = [choose_split(person) for person in people]
    assert splits == [choose_split(person) for person in people]
    shares = [splits.count(split) / len(people) for split in SPLITS]
    assert [round(share, 1) for share in shares] == [0.8, 0.1, 0.1]


@pytest.mark.django_db
def test_a_release_with_files_of_the_extra_is_not_built_again_without_it(
    study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = publish(study, tmp_path / "a", "1")
    release.files = [*release.files, {"name": "data/train.parquet", "bytes": 1, "sha256": "0"}]
    release.save()
    monkeypatch.setattr(building, "has_parquet", lambda: False)
    with pytest.raises(BuildFailed, match="has parquet files, which cannot be made here"):
        publish(study, tmp_path / "b", "1")
    assert not (tmp_path / "b").exists()


def test_parquet_holds_what_the_json_lines_hold(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    one: dict[str, Any] = {
        **dict.fromkeys(FLAT),
        "conversation_id": "c",
        "empathy": 3,
        "dialog": [],
        "extra": [],
    }
    other = one | {"dialog": [{**dict.fromkeys(LISTS["dialog"]), "content": "Hi", "feedback": 4}]}
    with new_folder(tmp_path / "out") as folder:
        for split, records in zip(SPLITS, ([one, other], [other], []), strict=True):
            folder.write(typed.name_of(split), "".join(json.dumps(each) + "\n" for each in records))
        typed.write_parquet(folder)
    parquet: Any = import_module("pyarrow.parquet")
    for split, records in zip(SPLITS, ([one, other], [other], []), strict=True):
        table = parquet.read_table(tmp_path / "out" / "data" / f"{split}.parquet")
        assert table.to_pylist() == records
        assert table.schema.names == [*FLAT, *LISTS]


def test_figures_are_painted_as_png(tmp_path: Path) -> None:
    pytest.importorskip("PIL")
    drawings = draw_all({**Statistics().result(), "funnel": []})
    for name in ("a", "b"):
        with new_folder(tmp_path / name) as folder:
            pictures.write_pngs(folder, drawings)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    image: Any = import_module("PIL.Image")
    for drawing in drawings:
        found = image.open(tmp_path / "a" / pictures.name_of(drawing, "png"))
        assert found.size == (2 * drawing.width, 2 * drawing.height)
        assert len(found.getcolors(maxcolors=100_000)) > 1
