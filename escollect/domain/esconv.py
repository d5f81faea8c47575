"""Reading a record of a public file into a transcript, and writing one in the strict dialect.

Reading takes the aliases of the corpus format (section 2) and refuses what it cannot map, with the
key and the value. Writing gives the ten keys in their order (section 3); what a transcript lacks
for it is reported, never invented.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from escollect.domain.strategies import get_strategy
from escollect.domain.transcript import ROLES, SEEKER, SUPPORTER, Transcript, Utterance

EXPERIENCES: tuple[str, ...] = ("Current Experience", "Previous Experience")
SPEAKERS: Mapping[str, str] = MappingProxyType(
    {
        "seeker": SEEKER,
        "speaker": SEEKER,
        "usr": SEEKER,
        "user": SEEKER,
        "supporter": SUPPORTER,
        "listener": SUPPORTER,
        "sys": SUPPORTER,
        "assistant": SUPPORTER,
    }
)
QUESTIONS: tuple[str, ...] = (
    "seeker_question1",
    "seeker_question2",
    "supporter_question1",
    "supporter_question2",
)
# Key in `survey_score.seeker` and the transcript's field, in the order of the published file.
SEEKER_SCORES: tuple[tuple[str, str], ...] = (
    ("initial_emotion_intensity", "initial_intensity"),
    ("empathy", "empathy"),
    ("relevance", "relevance"),
    ("final_emotion_intensity", "final_intensity"),
)
HEAD: tuple[str, ...] = ("experience_type", "emotion_type", "problem_type", "situation", "survey_score")
DIALOGS: tuple[str, ...] = ("dialog", "conversations", "utterances")
_KNOWN = frozenset((*HEAD, *DIALOGS, *QUESTIONS))
_SHOWN = 120
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_CONTROL = re.compile(
    r"<(?=/?(?:s|pad|unk|mask|sep|cls|eos|bos)>)"
    r"|<(?=\|[A-Za-z_]+\|>)"
    r"|(?P<bracket>\[(?:SEP|CLS|PAD|MASK|UNK|EOS|BOS)\])"
    r"|(?P<word>(?<!\S)(?:EOS|BOS)(?!\S))"
    r"|(?P<under>__[A-Za-z]+__)"
)


class RecordError(ValueError):
    """What cannot be read of a record: its index in the file, the key, the value found, and why.

    `row` is the row of the record where it stands in a table, from 0.
    """

    def __init__(self, index: int, key: str, value: object, why: str, row: int = 0) -> None:
        self.index, self.key, self.value, self.why, self.row = index, key, value, why, row
        super().__init__(f"record {index}, {key or 'the record'}: {why} (found {_shown(value)})")

    def as_dict(self, place: str = "") -> dict[str, Any]:
        """The error as commands print it, with its place in the file; a long value is cut."""
        value = self.value
        if not isinstance(value, (int, float, bool, type(None))):
            value = value[:_SHOWN] if isinstance(value, str) else _shown(value)
        if isinstance(value, str):
            value = value.encode("utf-8", "backslashreplace").decode()
        why = f"{self.why} ({place})" if place else self.why
        return {"index": self.index, "key": self.key, "value": value, "why": why}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The closed vocabularies of the study that a file is read for; None takes any word."""

    emotions: frozenset[str] | None
    problems: frozenset[str] | None
    experiences: frozenset[str] | None = frozenset(EXPERIENCES)


ANY_WORD = Vocabulary(None, None, None)


def _shown(value: object) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


@dataclass(frozen=True, slots=True)
class RecordReader:
    """Reads one record; every method names the key it looks at, for the error.

    A dialect that spells something in its own way overrides the method that reads it.
    """

    index: int
    vocabulary: Vocabulary

    def read(self, record: object) -> Transcript:
        """The transcript of the record. Raises RecordError at the first thing that cannot be mapped."""
        if not isinstance(record, Mapping):
            raise self.refuse("", record, "a record must be an object")
        words = self.vocabulary
        fields: dict[str, Any] = {
            **self.scores(record),
            **{key: self.optional_text(record, key) for key in QUESTIONS},
        }
        return Transcript(
            id=str(self.index),
            finished=True,
            experience_type=self.experience(record),
            emotion_type=self.word(record, "emotion_type", words.emotions),
            problem_type=self.word(record, "problem_type", words.problems),
            situation=self.optional_text(record, "situation"),
            utterances=self.dialog(record),
            extra=_extras(record),
            **fields,
        )

    def refuse(self, key: str, value: object, why: str) -> RecordError:
        return RecordError(self.index, key, value, why)

    def text(self, key: str, value: object) -> str:
        if not isinstance(value, str):
            raise self.refuse(key, value, "a text is needed here")
        if _UNSTORABLE.search(value):
            raise self.refuse(key, value, "the text holds control characters or half a character")
        return value

    def optional_text(self, record: Mapping[str, object], key: str) -> str | None:
        value = record.get(key)
        return None if value is None else self.text(key, value)

    def word(self, record: Mapping[str, object], key: str, allowed: frozenset[str] | None) -> str:
        if key not in record:
            raise self.refuse(key, None, "this key is missing")
        value = record[key]
        word = self.text(key, value).strip() if isinstance(value, str) else ""
        if not word or (allowed is not None and word not in allowed):
            raise self.refuse(
                key, value, "this is not in the study's vocabulary" if allowed else "a word is needed here"
            )
        return word

    def experience(self, record: Mapping[str, object]) -> str | None:
        return self.word(record, "experience_type", self.vocabulary.experiences)

    def score(self, key: str, value: object) -> int | None:
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 5:
            return value
        if isinstance(value, str) and value.strip() in {"1", "2", "3", "4", "5"}:
            return int(value)
        raise self.refuse(key, value, "a number from 1 to 5 is needed here")

    def mapping(self, record: Mapping[str, object], key: str, path: str) -> Mapping[str, object]:
        value = record.get(key)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            raise self.refuse(path, value, "an object is needed here")
        return value

    def scores(self, record: Mapping[str, object]) -> dict[str, int | None]:
        surveys = self.mapping(record, "survey_score", "survey_score")
        seeker = self.mapping(surveys, SEEKER, "survey_score.seeker")
        supporter = self.mapping(surveys, SUPPORTER, "survey_score.supporter")
        scores = {
            field: self.score(f"survey_score.seeker.{key}", seeker.get(key)) for key, field in SEEKER_SCORES
        }
        given = supporter.get("relevance")
        scores["supporter_relevance"] = self.score("survey_score.supporter.relevance", given)
        return scores

    def dialog(self, record: Mapping[str, object]) -> tuple[Utterance, ...]:
        name = next((name for name in DIALOGS if name in record), None)
        if name is None:
            raise self.refuse("dialog", None, "this key is missing")
        turns = record[name]
        if not isinstance(turns, list):
            raise self.refuse(name, turns, "a list of utterances is needed here")
        found: list[Utterance] = []
        for at, turn in enumerate(turns):
            if not isinstance(turn, Mapping):
                raise self.refuse(f"{name}[{at}]", turn, "an utterance must be an object")
            found += self.turn(f"{name}[{at}]", turn)
        return tuple(found)

    def turn(self, path: str, turn: Mapping[str, object]) -> Sequence[Utterance]:
        return (self.utterance(path, turn),)

    def utterance(self, path: str, turn: Mapping[str, object]) -> Utterance:
        role, name = self.role(path, turn), self.content_key(path, turn)
        text = self.text(f"{path}.{name}", turn[name])
        name_of_it = turn.get("utterance_id")
        own = name_of_it if isinstance(name_of_it, str) and name_of_it else None
        annotation, at = self.annotation(path, turn)
        if role == SEEKER:
            return Utterance(role, text, feedback=self.feedback(at, annotation), id=own)
        original = read_original(turn.get("original_strategy"))
        return Utterance(role, text, self.strategy(at, annotation), id=own, original=original)

    def role(self, path: str, turn: Mapping[str, object]) -> str:
        speaker = turn.get("speaker")
        role = SPEAKERS.get(speaker.strip()) if isinstance(speaker, str) else None
        if role is None:
            raise self.refuse(f"{path}.speaker", speaker, "this is no speaker we know")
        return role

    def content_key(self, path: str, turn: Mapping[str, object]) -> str:
        name = "content" if "content" in turn else "text"
        if name not in turn:
            raise self.refuse(f"{path}.content", None, "this key is missing")
        return name

    def annotation(self, path: str, turn: Mapping[str, object]) -> tuple[Mapping[str, object], str]:
        """What is said about the turn and where it stands: some files have it in the turn itself."""
        if turn.get("annotation") in (None, {}):
            return turn, path
        return self.mapping(turn, "annotation", f"{path}.annotation"), f"{path}.annotation"

    def feedback(self, path: str, annotation: Mapping[str, object]) -> int | None:
        if annotation.get("strategy") is not None:
            value = annotation["strategy"]
            raise self.refuse(f"{path}.strategy", value, "a seeker's utterance has no strategy")
        return self.score(f"{path}.feedback", annotation.get("feedback"))

    def strategy(self, path: str, annotation: Mapping[str, object]) -> str | None:
        if annotation.get("feedback") is not None:
            value = annotation["feedback"]
            raise self.refuse(f"{path}.feedback", value, "feedback belongs to the seeker")
        label = annotation.get("strategy")
        if label is None:
            return None
        strategy = get_strategy(label) if isinstance(label, str) else None
        if strategy is None:
            raise self.refuse(f"{path}.strategy", label, "this is no strategy we know")
        return strategy.value


def read_record(record: object, index: int, vocabulary: Vocabulary) -> Transcript:
    """The transcript of one record; texts stay verbatim, the conversation counts as finished.

    The experience, emotion, problem and the list of utterances must be there; surveys, questions,
    annotations and the situation may be missing. Keys we do not know are kept as `extra` if they are
    texts and no numbers, and passed over otherwise. Raises RecordError at the first thing that cannot
    be mapped.
    """
    return RecordReader(index, vocabulary).read(record)


def _extras(record: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (key, value)
        for key, value in record.items()
        if key not in _KNOWN and isinstance(value, str) and _is_extra(value) and not _UNSTORABLE.search(value)
    )


def _is_extra(value: str) -> bool:
    return bool(value.strip()) and not value.strip().isdecimal()


def read_original(label: object) -> str | None:
    """The first label of an utterance that was relabelled; what is none of ours is passed over."""
    strategy = get_strategy(label) if isinstance(label, str) else None
    return strategy.value if strategy else None


def neutralise(text: str) -> str:
    """The text with control tokens of tokenizers broken up, so that no reader takes them for its
    own.
    """
    return _CONTROL.sub(_broken, text)


def _broken(match: re.Match[str]) -> str:
    if match["bracket"]:
        return f"[ {match['bracket'][1:-1]} ]"
    if match["word"]:
        return " ".join(match["word"])
    if match["under"]:
        return f"__ {match['under'][2:-2]} __"
    return "< "


def lacks(transcript: Transcript) -> tuple[str, ...]:
    """What the strict dialect needs and this transcript does not have, in words; empty when it can
    be written.
    """
    reasons = [
        f"no {word}"
        for word, value in (
            ("experience type", transcript.experience_type),
            ("emotion type", transcript.emotion_type),
            ("problem type", transcript.problem_type),
            ("situation", (transcript.situation or "").strip()),
            ("initial emotion intensity", transcript.initial_intensity),
        )
        if not value
    ]
    roles = {utterance.role for utterance in transcript.utterances}
    reasons += [f"the {role} said nothing" for role in ROLES if role not in roles]
    if any(not utterance.text.strip() for utterance in transcript.utterances):
        reasons.append("an empty utterance")
    if any(u.role == SUPPORTER and not u.strategy for u in transcript.utterances):
        reasons.append("a supporter utterance without a strategy")
    return tuple(reasons)


def write_record(
    transcript: Transcript,
    extras: Mapping[str, str] = MappingProxyType({}),
    utterance_ids: Sequence[str] = (),
) -> dict[str, Any]:
    """The transcript as a record of the strict dialect: ten keys in order, the study's own, then `extras`
    (texts that are no numbers).

    Texts are trimmed, control tokens in contents neutralised, absent means key absent. With
    `utterance_ids`, one for each utterance, every turn carries its own. Raises ValueError when
    `lacks` has something to say or an extra could be read as a number.
    """
    missing = lacks(transcript)
    if missing:
        raise ValueError(f"The conversation {transcript.id} cannot be written: {'; '.join(missing)}.")
    check_extras(extras)
    turns = [_turn(utterance) for utterance in transcript.utterances]
    for turn, utterance_id in zip(turns, name_utterances(transcript, utterance_ids), strict=True):
        if utterance_id:
            turn["utterance_id"] = utterance_id
    for turn, utterance in zip(turns, transcript.utterances, strict=True):
        if utterance.original:
            turn["original_strategy"] = utterance.original
    return {**write_head(transcript), "dialog": turns, **write_tail(transcript, extras)}


def check_extras(extras: Mapping[str, str]) -> None:
    """Raise ValueError when one of the texts is empty or could be read as a number."""
    bad = [key for key, value in extras.items() if not _is_extra(value)]
    if bad:
        raise ValueError(f"Extra keys must be texts that are no numbers: {', '.join(bad)}.")


def name_utterances(transcript: Transcript, utterance_ids: Sequence[str]) -> Sequence[str | None]:
    """The id of each utterance: those given, else those it came with."""
    return utterance_ids or [utterance.id for utterance in transcript.utterances]


def write_head(transcript: Transcript) -> dict[str, Any]:
    """What stands before the dialog; an experience, emotion or problem that is not known has no key."""
    scores = {key: getattr(transcript, field) for key, field in SEEKER_SCORES}
    words = {key: getattr(transcript, key) for key in ("experience_type", "emotion_type", "problem_type")}
    return {
        **{key: word for key, word in words.items() if word},
        "situation": (transcript.situation or "").strip(),
        "survey_score": {
            SEEKER: _digits(scores),
            SUPPORTER: _digits({"relevance": transcript.supporter_relevance}),
        },
    }


def write_tail(transcript: Transcript, extras: Mapping[str, str]) -> dict[str, str]:
    """What stands after the dialog: the open questions, the study's own, then `extras`."""
    questions = {key: (getattr(transcript, key) or "").strip() for key in QUESTIONS}
    return {**questions, **dict(transcript.extra), **extras}


def write_text(utterance: Utterance) -> str:
    """The text of an utterance as every dialect has it: trimmed, control tokens broken up."""
    return neutralise(utterance.text.strip())


def _digits(scores: Mapping[str, int | None]) -> dict[str, str]:
    return {key: str(score) for key, score in scores.items() if score is not None}


def _turn(utterance: Utterance) -> dict[str, Any]:
    annotation: dict[str, str] = {}
    if utterance.role == SUPPORTER and utterance.strategy:
        annotation["strategy"] = utterance.strategy
    elif utterance.role == SEEKER and utterance.feedback is not None:
        annotation["feedback"] = str(utterance.feedback)
    return {
        "speaker": utterance.role,
        "annotation": annotation,
        "content": write_text(utterance),
    }
