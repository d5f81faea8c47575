"""Small transcripts for the tests of rules, policies and statistics."""

from __future__ import annotations

from typing import Any

from escollect.domain.transcript import SEEKER, SUPPORTER, Transcript, Utterance

SEEKER_WORDS = "I do not know what to do"
SUPPORTER_WORDS = "What would you like to tell me about it"


def seeker(text: str = SEEKER_WORDS, feedback: int | None = None, seq: int | None = None) -> Utterance:
    return Utterance(SEEKER, text, feedback=feedback, seq=seq)


def supporter(
    text: str = SUPPORTER_WORDS, strategy: str | None = "Question", seq: int | None = None
) -> Utterance:
    return Utterance(SUPPORTER, text, strategy, seq=seq)


def turns(count: int, *, last: tuple[int, ...] = ()) -> tuple[Utterance, ...]:
    """`count` utterances by turns, the seeker first; the last seeker utterances carry the feedback `last`."""
    made = [supporter(seq=k) if k % 2 == 0 else seeker(seq=k) for k in range(1, count + 1)]
    places = [at for at, one in enumerate(made) if one.role == SEEKER][-len(last) :] if last else []
    for at, score in zip(places, last, strict=True):
        made[at] = seeker(feedback=score, seq=made[at].seq)
    return tuple(made)


def transcript(utterances: tuple[Utterance, ...] | None = None, **fields: Any) -> Transcript:
    """A finished conversation that the paper's policy accepts, with the fields given instead."""
    values: dict[str, Any] = {
        "id": "id-7",
        "finished": True,
        "end_reason": "done",
        "experience_type": "Current Experience",
        "emotion_type": "sadness",
        "problem_type": "job crisis",
        "situation": "I was told to leave by the end of the month.",
        "initial_intensity": 4,
        "empathy": 4,
        "relevance": 4,
        "final_intensity": 2,
        "supporter_relevance": 4,
    }
    return Transcript(utterances=turns(16) if utterances is None else utterances, **(values | fields))


NO_SURVEY: dict[str, None] = {"empathy": None, "relevance": None, "final_intensity": None}
