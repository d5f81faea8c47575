"""The typed form of a conversation: every record has every key, numbers are numbers, absent is null.

It is what libraries want that load tables; the strict dialect of ESConv has strings only and leaves out what
is absent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from escollect.domain.esconv import write_text
from escollect.domain.transcript import Transcript, Utterance

TEXT, NUMBER = "string", "int64"
IDS = ("conversation_id", "seeker_id", "supporter_id")
WORDS = ("experience_type", "emotion_type", "problem_type", "situation")
SCORES: Mapping[str, str] = {
    "initial_emotion_intensity": "initial_intensity",
    "final_emotion_intensity": "final_intensity",
    "empathy": "empathy",
    "relevance": "relevance",
    "supporter_relevance": "supporter_relevance",
}
"""Key of the record and the transcript's field."""

QUESTIONS = ("seeker_question1", "seeker_question2", "supporter_question1", "supporter_question2")
DIALOG: Mapping[str, str] = {
    "utterance_id": TEXT,
    "speaker": TEXT,
    "content": TEXT,
    "strategy": TEXT,
    "original_strategy": TEXT,
    "feedback": NUMBER,
}
EXTRA: Mapping[str, str] = {"key": TEXT, "value": TEXT}
FLAT: Mapping[str, str] = {
    **dict.fromkeys((*IDS, *WORDS), TEXT),
    **dict.fromkeys(SCORES, NUMBER),
    **dict.fromkeys(QUESTIONS, TEXT),
}
"""The keys with one value, in order, and their types; `dialog` and `extra` are lists of records."""

LISTS: Mapping[str, Mapping[str, str]] = {"dialog": DIALOG, "extra": EXTRA}


def write_typed(
    transcript: Transcript, ids: Mapping[str, str], utterance_ids: Sequence[str]
) -> dict[str, Any]:
    """The typed record: `ids` has the three of IDS, `utterance_ids` one for each utterance.

    Texts are those of the strict dialect: trimmed, with control tokens neutralised. A question that was
    left open is null.
    """
    dialog = [
        _write_utterance(utterance, name)
        for utterance, name in zip(transcript.utterances, utterance_ids, strict=True)
    ]
    return {
        **{key: ids[key] for key in IDS},
        **{key: _text(getattr(transcript, key)) for key in WORDS},
        **{key: getattr(transcript, field) for key, field in SCORES.items()},
        **{key: _text(getattr(transcript, key)) for key in QUESTIONS},
        "dialog": dialog,
        "extra": [{"key": key, "value": value} for key, value in transcript.extra],
    }


def _text(text: str | None) -> str | None:
    return (text or "").strip() or None


def _write_utterance(utterance: Utterance, utterance_id: str) -> dict[str, Any]:
    return {
        "utterance_id": utterance_id,
        "speaker": utterance.role,
        "content": write_text(utterance),
        "strategy": utterance.strategy,
        "original_strategy": utterance.original,
        "feedback": utterance.feedback,
    }
