from __future__ import annotations

from typing import Any

import pytest

from escollect.domain.statistics import Statistics, part_of
from tests.domain.transcripts import seeker, supporter, transcript


def count(*given: Any) -> dict[str, Any]:
    statistics = Statistics()
    for one in given:
        statistics.add(one)
    return statistics.result()


@pytest.mark.parametrize(
    ("length", "parts", "expected"),
    [
        (6, 6, [1, 2, 3, 4, 5, 6]),
        (12, 6, [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]),
        (4, 6, [2, 3, 5, 6]),
        (7, 3, [1, 1, 2, 2, 3, 3, 3]),
    ],
)
def test_an_utterance_falls_into_its_part(length: int, parts: int, expected: list[int]) -> None:
    assert [part_of(k, length, parts) for k in range(1, length + 1)] == expected


def test_lengths_and_counts() -> None:
    first = transcript((seeker("a b"), supporter("a b c"), supporter("a"), seeker("a b c d", feedback=4)))
    second = transcript(
        (seeker("a b c"), supporter("a", "Others")), emotion_type="fear", final_intensity=None
    )
    found = count(first, second)
    wanted = ("conversations", "utterances", "utterances_per_conversation", "words_per_utterance", "emotions")
    assert {key: found[key] for key in wanted} == {
        "conversations": 2,
        "utterances": 6,
        "utterances_per_conversation": {"all": 3.0, "seeker": 1.5, "supporter": 1.5},
        "words_per_utterance": {"all": 2.3333, "seeker": 3.0, "supporter": 1.6667},
        "emotions": {"fear": 1, "sadness": 1},
    }
    assert found["strategies"]["Question"] == {"count": 2, "share": 0.6667}
    assert found["strategies"]["Others"] == {"count": 1, "share": 0.3333}
    assert found["intensity"] == {
        "before": {"count": 2, "mean": 4.0},
        "after": {"count": 1, "mean": 2.0},
        "fall": {"count": 1, "mean": 2.0},
    }


def test_lengths_intensities_and_problems_by_emotion_are_counted_by_class() -> None:
    short, long = (supporter(), seeker()) * 2, (supporter(), seeker()) * 7
    found = count(
        transcript(short, problem_type="job crisis", emotion_type="fear", initial_intensity=5),
        transcript(long, problem_type="job crisis", emotion_type="fear", final_intensity=None),
        transcript(long, problem_type="School Bullying", emotion_type="shame"),
    )
    assert found["lengths"] == [
        {"from": 1, "to": 5, "conversations": 1},
        {"from": 6, "to": 10, "conversations": 0},
        {"from": 11, "to": 15, "conversations": 2},
    ]
    assert found["intensity_counts"] == {"before": [0, 0, 0, 2, 1], "after": [0, 2, 0, 0, 0]}
    assert found["problems_by_emotion"] == {"job crisis": {"fear": 2}, "School Bullying": {"shame": 1}}


def test_strategies_and_feedback_over_the_course() -> None:
    found = count(
        transcript(
            (
                supporter(strategy="Question"),
                seeker(feedback=2),
                supporter(strategy="Question"),
                seeker(feedback=3),
                supporter(strategy="Others"),
                seeker(feedback=5),
            )
        )
    )
    by_sixth = found["strategies_by_sixth"]
    sixths = [{name: one["count"] for name, one in part.items() if one["count"]} for part in by_sixth]
    assert sixths == [{"Question": 1}, {}, {"Question": 1}, {}, {"Others": 1}, {}]
    assert found["feedback"] == {
        "count": 3,
        "mean": 3.3333,
        "by_third": [{"count": 1, "mean": 2.0}, {"count": 1, "mean": 3.0}, {"count": 1, "mean": 5.0}],
    }


def test_of_nothing_there_is_no_mean() -> None:
    found = count()
    assert found["words_per_utterance"] == {"all": None, "seeker": None, "supporter": None}
    assert found["strategies"]["Question"] == {"count": 0, "share": None}


def test_the_order_of_conversations_does_not_matter() -> None:
    given = [transcript(emotion_type=emotion) for emotion in ("fear", "anger", "fear", "shame")]
    assert list(count(*given)["emotions"].items()) == list(count(*reversed(given))["emotions"].items())
