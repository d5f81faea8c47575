"""Writing the files of a release: hashed while they are written, and a folder that appears all at once."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

STALE_SECONDS = 120


class TargetTaken(ValueError):
    """The folder that was to be written holds something already; nothing in it was touched."""


@dataclass
class Folder:
    """A folder under construction; `files` lists what was finished, with size and hash."""

    path: Path
    files: dict[str, dict[str, Any]] = field(default_factory=dict)

    @contextmanager
    def open(self, name: str) -> Iterator[HashedFile]:
        """A new file of this folder; it is on the disk and listed when the block ends.

        A name may have folders in it (`data/train.jsonl`); they are made.
        """
        (self.path / name).parent.mkdir(exist_ok=True, parents=True)
        with (self.path / name).open("wb") as raw:
            file = HashedFile(raw.write)
            yield file
            raw.flush()
            os.fsync(raw.fileno())
        self.files[name] = {"bytes": file.size, "sha256": file.digest.hexdigest()}

    def touch(self) -> None:
        """Show that somebody still works on this folder."""
        os.utime(self.path)

    def write(self, name: str, text: str) -> None:
        """A whole file from a text."""
        with self.open(name) as file:
            file.write(text)

    def write_json(self, name: str, value: Mapping[str, Any], *, sort: bool = False) -> None:
        """A JSON file for people: indented, ASCII, one newline at its end; keys as given unless `sort`."""
        self.write(name, json.dumps(value, indent=2, sort_keys=sort) + "\n")

    def write_sums(self, name: str) -> str:
        """The list of hashes that `sha256sum --check` reads; returns its own hash."""
        lines = [f"{entry['sha256']}  {file}\n" for file, entry in sorted(self.files.items())]
        self.write(name, "".join(lines))
        digest: str = self.files[name]["sha256"]
        return digest


class HashedFile:
    """A file that counts and hashes what it is given."""

    def __init__(self, write: Any) -> None:
        self._write = write
        self.size = 0
        self.digest = hashlib.sha256()

    def write(self, text: str) -> None:
        """Append a text as UTF-8."""
        self.write_bytes(text.encode("utf-8"))

    def write_bytes(self, data: bytes) -> None:
        """Append bytes."""
        self._write(data)
        self.size += len(data)
        self.digest.update(data)


@dataclass
class ArrayFile:
    """A JSON array in ASCII, one record a line."""

    file: HashedFile
    count: int = 0

    def add(self, record: Mapping[str, Any]) -> None:
        """Append a record."""
        self.file.write("[\n" if self.count == 0 else ",\n")
        self.file.write(json.dumps(record))
        self.count += 1

    def close(self) -> None:
        """End the array; an empty one is `[]`."""
        self.file.write("\n]\n" if self.count else "[]\n")


@dataclass
class ObjectFile:
    """A JSON object in ASCII, one key a line."""

    file: HashedFile
    count: int = 0

    def add(self, key: str, value: object) -> None:
        """Append a key, which must not be in the object yet."""
        self.file.write("{\n" if self.count == 0 else ",\n")
        self.file.write(f"{json.dumps(key)}: {json.dumps(value)}")
        self.count += 1

    def close(self) -> None:
        """End the object; an empty one is `{}`."""
        self.file.write("\n}\n" if self.count else "{}\n")


def check_target(target: Path) -> None:
    """Raise TargetTaken unless the folder is missing or empty."""
    if target.is_dir() and not any(target.iterdir()):
        return
    if target.exists():
        raise TargetTaken(
            f"{target} exists already and is not empty. Nothing was written; name another folder."
        )


@contextmanager
def new_folder(target: Path, *, private: bool = False) -> Iterator[Folder]:
    """A folder built beside `target` and moved there in one step; on any error nothing is left.

    A `private` one is for the account that wrote it alone; others can be read by everybody on the machine.
    What a build left behind that was killed two minutes ago or more is cleared away first. Raises
    TargetTaken.
    """
    check_target(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    for draft in _drafts(target):
        if _last_touched(draft) < time.time() - STALE_SECONDS:
            shutil.rmtree(draft, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix=_draft_prefix(target), dir=target.parent))
    try:
        yield Folder(draft)
        draft.chmod(0o700 if private else 0o755)
        check_target(target)
        draft.replace(target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def copy_folder(source: Path, target: Path) -> None:
    """A copy of a finished folder that appears all at once; an older one of that name is replaced."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.copy-", dir=target.parent) as room:
        draft = Path(room) / target.name
        shutil.copytree(source, draft)
        if target.exists():
            target.rename(Path(room) / "replaced")
        draft.replace(target)


def remove_folder(target: Path) -> None:
    """Remove a folder if it is there: it goes out of sight in one step, then its files go."""
    if not target.exists():
        return
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.removed-", dir=target.parent) as room:
        target.rename(Path(room) / target.name)


def get_age(target: Path) -> float | None:
    """Seconds since a build of `target` last wrote or was touched, None when no build is under way."""
    times = [_last_touched(draft) for draft in _drafts(target)]
    return time.time() - max(times) if times else None


def _draft_prefix(target: Path) -> str:
    return f".{target.name}.building-"


def _drafts(target: Path) -> list[Path]:
    return list(target.parent.glob(f"{_draft_prefix(target)}*"))


def _last_touched(draft: Path) -> float:
    """When the draft or one of its files changed last; 0 when it has just gone."""
    try:
        return max(path.stat().st_mtime for path in (draft, *draft.iterdir()))
    except FileNotFoundError:
        return 0.0
