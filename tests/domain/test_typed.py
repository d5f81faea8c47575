"""The typed form of a conversation."""

from __future__ import annotations

from dataclasses import replace

from escollect.domain.typed import DIALOG, FLAT, LISTS, write_typed
from tests.domain.transcripts import seeker, supporter, transcript

IDS = {"conversation_id": "c", "seeker_id": "p1", "supporter_id": "p2"}


def test_every_key_is_there_numbers_are_numbers_and_absent_is_null() -> None:
    given = transcript(
        (seeker(" Hello </s> ", feedback=4), replace(supporter("Yes?", "Question"), original="Others")),
        final_intensity=None,
        seeker_question1=" It helped. ",
        seeker_question2="  ",
        extra=(("extra_seeker_again", "Yes"),),
    )
    record = write_typed(given, IDS, ["c-1", "c-2"])
    assert list(record) == [*FLAT, *LISTS]
    assert (record["initial_emotion_intensity"], record["final_emotion_intensity"]) == (4, None)
    assert (record["seeker_question1"], record["seeker_question2"]) == ("It helped.", None)
    assert record["extra"] == [{"key": "extra_seeker_again", "value": "Yes"}]
    assert record["dialog"] == [
        {
            "utterance_id": "c-1",
            "speaker": "seeker",
            "content": "Hello < /s>",
            "strategy": None,
            "original_strategy": None,
            "feedback": 4,
        },
        {
            "utterance_id": "c-2",
            "speaker": "supporter",
            "content": "Yes?",
            "strategy": "Question",
            "original_strategy": "Others",
            "feedback": None,
        },
    ]
    assert all(list(turn) == list(DIALOG) for turn in record["dialog"])
