from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from escollect.corpus.writing import (
    STALE_SECONDS,
    ArrayFile,
    TargetTaken,
    copy_folder,
    get_age,
    new_folder,
    remove_folder,
)

KILLED = """
import os, signal, sys
from pathlib import Path
from escollect.corpus.writing import new_folder
with new_folder(Path(sys.argv[1])) as folder:
    folder.write("first", "one")
    with folder.open("second") as file:
        file.write("half of it")
        os.kill(os.getpid(), signal.SIGKILL)
"""


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_folder_appears_all_at_once(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "out"
    with new_folder(target) as folder:
        folder.write("first", "one")
        assert not target.exists()
    assert names(target) == ["first"]
    assert names(tmp_path / "deep") == ["out"]


def test_a_killed_build_leaves_nothing_that_looks_finished(tmp_path: Path) -> None:
    target = tmp_path / "out"
    done = subprocess.run([sys.executable, "-c", KILLED, str(target)], check=False)
    assert done.returncode == -9
    assert not target.exists()
    (draft,) = tmp_path.iterdir()
    assert draft.name.startswith(".out.building-")
    assert (get_age(target) or 0) < STALE_SECONDS
    for path in (*draft.iterdir(), draft):
        os.utime(path, (0, 0))
    assert (get_age(target) or 0) > STALE_SECONDS
    with new_folder(target) as folder:
        folder.write("first", "one")
    assert names(tmp_path) == ["out"]
    assert get_age(target) is None


def test_a_build_under_way_is_not_cleared_away(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with new_folder(target) as folder:
        folder.write("first", "one")
        with new_folder(tmp_path / "other"):
            assert get_age(target) is not None
        assert [path.name for path in folder.path.iterdir()] == ["first"]
    assert names(target) == ["first"]


def test_a_folder_that_fills_up_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    target = tmp_path / "out"

    def build() -> None:
        with new_folder(target) as folder:
            folder.write("first", "one")
            target.mkdir()
            (target / "mine").write_text("x", "utf-8")

    with pytest.raises(TargetTaken):
        build()
    assert names(tmp_path) == ["out"]
    assert names(target) == ["mine"]


def test_a_copy_replaces_an_older_one(tmp_path: Path) -> None:
    for name, file in (("new", "b"), ("old", "a")):
        (tmp_path / name).mkdir()
        (tmp_path / name / file).write_text(file, "utf-8")
    copy_folder(tmp_path / "new", tmp_path / "old")
    assert names(tmp_path) == ["new", "old"]
    assert names(tmp_path / "old") == ["b"]
    remove_folder(tmp_path / "old")
    remove_folder(tmp_path / "old")
    assert names(tmp_path) == ["new"]


@pytest.mark.parametrize(
    ("records", "text"),
    [([], "[]\n"), ([{"a": "é"}], '[\n{"a": "\\u00e9"}\n]\n'), ([{}, {}], "[\n{},\n{}\n]\n")],
)
def test_an_array_is_ascii_with_one_record_a_line(
    tmp_path: Path, records: list[dict[str, str]], text: str
) -> None:
    with new_folder(tmp_path / "out") as folder, folder.open("array.json") as file:
        array = ArrayFile(file)
        for record in records:
            array.add(record)
        array.close()
    assert (tmp_path / "out" / "array.json").read_text("ascii") == text
