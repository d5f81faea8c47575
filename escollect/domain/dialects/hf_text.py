"""`hf-text`: one JSON text a line, as the hub's release of ESConv has it for `load_dataset("text")`.

Speakers are `usr` and `sys`, a turn has `text` and its strategy or feedback beside it. Read are lines that
are an object, the same with the object as a string under `text` (what JSON exports of the hub give),
and lines that are a JSON string. The hub's records may lack the experience and all surveys; what is not known
is not written either. Programs that look for `content` or `annotation` break on it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from escollect.domain.dialects.base import Container, Dialect, get_turns, lacks_words
from escollect.domain.esconv import (
    DIALOGS,
    RecordReader,
    Vocabulary,
    check_extras,
    name_utterances,
    write_head,
    write_tail,
    write_text,
)
from escollect.domain.transcript import SEEKER, Transcript, Utterance

SPOKEN = {SEEKER: "usr"}
SPEAKERS = frozenset({"usr", "sys"})


@dataclass(frozen=True, slots=True)
class _Reader(RecordReader):
    def read(self, record: object) -> Transcript:
        # Not super(): a dataclass with slots is another class than the one that zero arguments would find.
        return RecordReader.read(self, self._unwrap(record))

    def experience(self, record: Mapping[str, object]) -> str | None:
        return (
            self.word(record, "experience_type", self.vocabulary.experiences)
            if "experience_type" in record
            else None
        )

    def _unwrap(self, record: object) -> object:
        key, text = "", record
        if _is_wrapped(record):
            key, text = "text", record["text"]  # type: ignore[index]
        if not isinstance(text, str):
            return record
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise self.refuse(key, text, "this text is no JSON") from error


def _is_wrapped(record: object) -> bool:
    return isinstance(record, Mapping) and "text" in record and not any(name in record for name in DIALOGS)


def _read(record: object, index: int, vocabulary: Vocabulary) -> Transcript:
    return _Reader(index, vocabulary).read(record)


def _write(transcript: Transcript, extras: Mapping[str, str], utterance_ids: Sequence[str]) -> str:
    missing = lacks_words(transcript)
    if missing:
        raise ValueError(f"The conversation {transcript.id} cannot be written: {'; '.join(missing)}.")
    check_extras(extras)
    names = name_utterances(transcript, utterance_ids)
    turns = [_turn(one, name) for one, name in zip(transcript.utterances, names, strict=True)]
    record = {**write_head(transcript), "dialog": turns, **write_tail(transcript, extras)}
    return json.dumps(record) + "\n"


def _turn(utterance: Utterance, name: str | None) -> dict[str, str]:
    turn = {"text": write_text(utterance), "speaker": SPOKEN.get(utterance.role, "sys")}
    if utterance.strategy:
        turn["strategy"] = utterance.strategy
    if utterance.feedback is not None:
        turn["feedback"] = str(utterance.feedback)
    if name:
        turn["utterance_id"] = name
    return {**turn, "original_strategy": utterance.original} if utterance.original else turn


def _recognises(record: object) -> bool:
    if isinstance(record, str) or _is_wrapped(record):
        return True
    turns = get_turns(record)
    return bool(turns) and turns[0].get("speaker") in SPEAKERS and "annotation" not in turns[0]


DIALECT = Dialect(
    name="hf-text",
    about="One JSON text a line with the speakers usr and sys, as the hub's release has it.",
    suffix=".txt",
    container=Container.LINES,
    read=_read,
    write=_write,
    lacks=lacks_words,
    recognises=_recognises,
)
