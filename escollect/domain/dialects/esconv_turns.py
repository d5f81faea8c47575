"""`esconv-turns`: ESConv records whose turns alternate, for programs that need the speakers by turns.

Consecutive utterances of a speaker are one turn. Its content has one line an utterance; its strategies, and
its feedback if there is any, are lists with one entry a line, "" where a line has none. A line break within
an utterance becomes U+2028, so that nothing is lost. Programs that read one strategy a turn break on lists.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from escollect.domain.dialects.base import Container, Dialect, get_turns
from escollect.domain.esconv import (
    RecordReader,
    Vocabulary,
    check_extras,
    lacks,
    name_utterances,
    read_original,
    write_head,
    write_tail,
    write_text,
)
from escollect.domain.transcript import SEEKER, SUPPORTER, Transcript, Utterance

LINE_SEPARATOR = "\u2028"


@dataclass(frozen=True, slots=True)
class _Reader(RecordReader):
    def turn(self, path: str, turn: Mapping[str, object]) -> Sequence[Utterance]:
        role, name = self.role(path, turn), self.content_key(path, turn)
        annotation, at = self.annotation(path, turn)
        key, other = ("feedback", "strategy") if role == SEEKER else ("strategy", "feedback")
        if annotation.get(other) is not None:
            raise self.refuse(f"{at}.{other}", annotation[other], f"a {role}'s turn has no {other}")
        labels = _listed(annotation.get(key))
        lines = self._lines(f"{path}.{name}", turn[name], whole=role == SUPPORTER and len(labels) == 1)
        if len(labels) not in {0, 1, len(lines)}:
            why = f"each line of the content needs its {key}, and there are {len(lines)} lines"
            raise self.refuse(f"{at}.{key}", annotation[key], why)
        named = (_listed(turn.get(key)) for key in ("utterance_ids", "original_strategies"))
        beside = zip(lines, *(_fill(values, len(lines)) for values in (labels, *named)), strict=True)
        return [self._utterance(role, f"{at}.{key}", *each) for each in beside]

    def _lines(self, path: str, value: object, *, whole: bool) -> list[str]:
        """The utterances of a content; it is one where a supporter has one strategy for the `whole`."""
        if isinstance(value, list):
            return [self.text(f"{path}[{at}]", one) for at, one in enumerate(value)]
        text = self.text(path, value)
        return [text] if whole else text.strip().split("\n")

    def _utterance(
        self, role: str, path: str, line: str, label: object, own: object, first: object
    ) -> Utterance:
        text, name = line.replace(LINE_SEPARATOR, "\n"), own if own and isinstance(own, str) else None
        if role == SEEKER:
            feedback = None if label == "" else self.score(path, label)
            return Utterance(role, text, feedback=feedback, id=name)
        strategy = None if label == "" else self.strategy(path.removesuffix(".strategy"), {"strategy": label})
        return Utterance(role, text, strategy, id=name, original=read_original(first))


def _listed(value: object) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def _fill(values: list[Any], count: int) -> list[Any]:
    """As many values as there are lines, None where there are fewer."""
    return [*values, *[None] * count][:count]


def _read(record: object, index: int, vocabulary: Vocabulary) -> Transcript:
    return _Reader(index, vocabulary).read(record)


def _write(transcript: Transcript, extras: Mapping[str, str], utterance_ids: Sequence[str]) -> str:
    missing = lacks(transcript)
    if missing:
        raise ValueError(f"The conversation {transcript.id} cannot be written: {'; '.join(missing)}.")
    check_extras(extras)
    named = zip(transcript.utterances, name_utterances(transcript, utterance_ids), strict=True)
    turns = [_turn(role, list(run)) for role, run in groupby(named, key=lambda pair: pair[0].role)]
    return json.dumps({**write_head(transcript), "dialog": turns, **write_tail(transcript, extras)})


def _turn(role: str, run: list[tuple[Utterance, str | None]]) -> dict[str, Any]:
    annotation: dict[str, list[str]] = {}
    if role == SUPPORTER:
        annotation["strategy"] = [utterance.strategy or "" for utterance, _ in run]
    elif any(utterance.feedback is not None for utterance, _ in run):
        annotation["feedback"] = [str(utterance.feedback or "") for utterance, _ in run]
    content = "\n".join(write_text(utterance).replace("\n", LINE_SEPARATOR) for utterance, _ in run)
    turn: dict[str, Any] = {"speaker": role, "annotation": annotation, "content": content}
    if any(name for _, name in run):
        turn["utterance_ids"] = [name or "" for _, name in run]
    if any(utterance.original for utterance, _ in run):
        turn["original_strategies"] = [utterance.original or "" for utterance, _ in run]
    return turn


def _recognises(record: object) -> bool:
    """Whether something said of a turn is a list."""
    for turn in get_turns(record):
        annotation = turn.get("annotation") or turn
        if isinstance(annotation, Mapping) and any(
            isinstance(annotation.get(key), list) for key in ("strategy", "feedback")
        ):
            return True
    return False


DIALECT = Dialect(
    name="esconv-turns",
    about="ESConv records whose turns alternate: consecutive utterances of a speaker are one turn of several "
    "lines, with a list of strategies.",
    suffix=".json",
    container=Container.ARRAY,
    read=_read,
    write=_write,
    lacks=lacks,
    recognises=_recognises,
)
