"""From one file to another dialect: nothing is stored, and no word is judged."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from escollect.corpus.reading import FileRefused, Refused, read_transcripts
from escollect.corpus.records_file import RecordsFile
from escollect.corpus.writing import HashedFile
from escollect.domain.dialects import Dialect
from escollect.domain.esconv import ANY_WORD
from escollect.domain.transcript import Transcript

TELL_EVERY = 1000


class ConversionRefused(ValueError):
    """Nothing was written; the message says what stands in the way."""


@dataclass
class Converted:
    """What a conversion did; `skipped` are the records it left out, with index, key, value and why."""

    conversations: int = 0
    utterances: int = 0
    skipped: list[dict[str, Any]] = field(default_factory=list)
    sha256: str = ""

    def as_json(self) -> dict[str, Any]:
        """The result line of the command."""
        return {
            "conversations": self.conversations,
            "utterances": self.utterances,
            "skipped": self.skipped,
            "sha256": self.sha256,
        }


def convert(
    source: Path,
    target: Path,
    to: Dialect,
    *,
    dialect: Dialect | None = None,
    skip_bad: bool = False,
    progress: Callable[[str], None] | None = None,
) -> Converted:
    """Write the conversations of `source`, in any dialect, to `target` in the dialect `to`.

    Ids and a study's own answers go with them; texts are trimmed as in every release. Streams: memory holds
    one conversation. The file appears all at once, and only if it is complete: a record that cannot be read,
    or that lacks what the dialect needs, raises ConversionRefused, unless `skip_bad` leaves it out.
    """
    if target.exists():
        raise ConversionRefused(f"{target} exists already. Nothing was written; name another file.")
    result = Converted()
    try:
        with _whole_file(target) as file:
            records = RecordsFile(file, to)
            for one in read_transcripts(source, ANY_WORD, dialect):
                bad = one.as_dict() if isinstance(one, Refused) else _lacking(one.transcript, to, str(one.at))
                if bad is not None and not skip_bad:
                    raise ConversionRefused(
                        f"Nothing was written: record {bad['index']}, {bad['key'] or 'the record'}: "
                        f"{bad['why']} (found {bad['value']!r}). Correct it, or leave it out with --skip-bad."
                    )
                if bad is not None:
                    result.skipped.append(bad)
                elif not isinstance(one, Refused):
                    records.add(one.transcript)
                    result.utterances += len(one.transcript.utterances)
                if progress and records.count and records.count % TELL_EVERY == 0:
                    progress(f"wrote {records.count} conversations")
            records.close()
            result.conversations = records.count
        result.sha256 = file.digest.hexdigest()
    except FileRefused as error:
        raise ConversionRefused(f"Nothing was written. {error}") from error
    return result


def _lacking(transcript: Transcript, to: Dialect, place: str) -> dict[str, Any] | None:
    """Why the dialect cannot hold this conversation, as an error of its record."""
    missing = to.lacks(transcript)
    if not missing:
        return None
    why = f"the dialect {to.name} needs more: {'; '.join(missing)} ({place})"
    return {"index": int(transcript.id), "key": "", "value": None, "why": why}


@contextmanager
def _whole_file(target: Path) -> Iterator[HashedFile]:
    """A file that gets its name when the block ends; on any error nothing is left."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as raw:
        draft = Path(raw.name)
        try:
            yield HashedFile(raw.write)
            raw.flush()
            os.fsync(raw.fileno())
            draft.chmod(0o644)
            draft.rename(target)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
