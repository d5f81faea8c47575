"""What every layout of a release's folder is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from escollect.domain.transcript import Transcript

SPLITS = ("train", "validation", "test")


@dataclass(frozen=True, slots=True)
class Entry:
    """An accepted conversation as it is published: `ids` are conversation_id, seeker_id and supporter_id."""

    transcript: Transcript
    ids: Mapping[str, str]
    utterance_ids: tuple[str, ...]
    split: str


class Layout(Protocol):
    """Files that take one conversation after the other."""

    def add(self, entry: Entry) -> None:
        """Write a conversation."""
