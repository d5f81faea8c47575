import json

import pytest

from escollect.domain.practice import Choice, StageMix, compare, draw_practice, from_json, to_json
from tests.support.practices import ALONE, MOVED, STEPS

SAID = [MOVED.opening, *(step.then for step in STEPS)]


def test_choices_are_laid_beside_the_script_step_by_step() -> None:
    choices = [
        Choice("Question", "What happened?"),
        Choice("Providing Suggestions", "Go out more."),
        Choice("Others", "Good night."),
    ]
    seen = compare(MOVED, choices)
    assert [(e.said, e.choice, e.step, e.fitting) for e in seen.exchanges] == [
        (SAID[0], choices[0], STEPS[0], True),
        (SAID[1], choices[1], STEPS[1], False),
        (SAID[2], choices[2], STEPS[2], True),
    ]
    assert (seen.fitting, seen.steps, seen.whole, seen.farewell) == (2, 3, True, SAID[3])
    assert seen.mix == (
        StageMix("Exploration", (("Question", 1),), 1),
        StageMix("Comforting", (("Providing Suggestions", 1),), 0),
        StageMix("Action", (("Others", 1),), 1),
    )
    assert [mix.total for mix in seen.mix] == [1, 1, 1]


def test_a_chat_that_was_left_early_is_not_whole_and_shows_what_was_had() -> None:
    seen = compare(MOVED, [Choice("Others", "Hello")])
    assert (len(seen.exchanges), seen.steps, seen.whole, seen.fitting) == (1, 3, False, 0)
    assert seen.farewell == SAID[1]
    assert compare(MOVED, []).farewell == SAID[0]


def test_a_script_survives_being_stored() -> None:
    assert from_json(json.loads(json.dumps(to_json(MOVED)))) == MOVED


@pytest.mark.parametrize(
    ("had", "seed", "drawn"),
    [
        ([], 0, MOVED),
        ([], 1, ALONE),
        (["moved"], 0, ALONE),
        (["moved"], 1, ALONE),
        (["alone", "moved", "moved"], 5, ALONE),
        (["long gone"], 1, ALONE),
    ],
)
def test_the_seed_draws_among_the_scripts_that_were_had_least(
    had: list[str], seed: int, drawn: object
) -> None:
    assert draw_practice([MOVED, ALONE], had, seed) == drawn


def test_a_tutorial_without_scripts_has_nothing_to_draw() -> None:
    with pytest.raises(ValueError, match="no practice chats"):
        draw_practice([], [], 1)
