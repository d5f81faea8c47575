"""The layout of the Hugging Face hub: typed records in three splits, as JSON lines and as parquet."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from importlib.util import find_spec
from itertools import islice
from typing import Any

from escollect.corpus.layouts.base import SPLITS, Entry
from escollect.corpus.writing import Folder, HashedFile
from escollect.domain.typed import FLAT, LISTS, NUMBER, write_typed

BATCH = 500


class TypedFiles:
    """`data/<split>.jsonl`; `counts` has the conversations of each split."""

    def __init__(self, files: dict[str, HashedFile]) -> None:
        self._files = files
        self.counts: Counter[str] = Counter(dict.fromkeys(SPLITS, 0))

    def add(self, entry: Entry) -> None:
        """Write a conversation into its split."""
        record = write_typed(entry.transcript, entry.ids, entry.utterance_ids)
        self._files[entry.split].write(json.dumps(record) + "\n")
        self.counts[entry.split] += 1


@contextmanager
def open_typed(folder: Folder) -> Iterator[TypedFiles]:
    """The three files; they are finished when the block ends."""
    with ExitStack() as stack:
        yield TypedFiles({split: stack.enter_context(folder.open(name_of(split))) for split in SPLITS})


def name_of(split: str, kind: str = "jsonl") -> str:
    """The file of a split."""
    return f"data/{split}.{kind}"


def has_parquet() -> bool:
    """Whether parquet can be written here: it needs the publishing extra."""
    return find_spec("pyarrow") is not None


def write_parquet(folder: Folder) -> None:
    """The three files once more as parquet, from the JSON lines, in batches of 500. Needs `has_parquet`."""
    pa: Any = import_module("pyarrow")
    parquet: Any = import_module("pyarrow.parquet")
    schema = _schema(pa)
    for split in SPLITS:
        with (
            (folder.path / name_of(split)).open(encoding="utf-8") as lines,
            folder.open(name_of(split, "parquet")) as file,
            parquet.ParquetWriter(_Sink(file), schema, compression="zstd") as writer,
        ):
            records = map(json.loads, lines)
            while batch := list(islice(records, BATCH)):
                writer.write_table(pa.Table.from_pylist(batch, schema=schema))
                folder.touch()


class _Sink:
    """A hashed file as pyarrow wants it."""

    closed = False

    def __init__(self, file: HashedFile) -> None:
        self._file = file

    def write(self, data: Any) -> int:
        given = bytes(data)
        self._file.write_bytes(given)
        return len(given)

    def tell(self) -> int:
        return self._file.size

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """The folder closes its files itself."""

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False


def _schema(pa: Any) -> Any:
    def column(kind: str) -> Any:
        return pa.int64() if kind == NUMBER else pa.string()

    flat = [pa.field(key, column(kind)) for key, kind in FLAT.items()]
    lists = [
        pa.field(key, pa.list_(pa.struct([pa.field(name, column(kind)) for name, kind in keys.items()])))
        for key, keys in LISTS.items()
    ]
    return pa.schema([*flat, *lists])
