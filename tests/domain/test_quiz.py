import random

import pytest

from escollect.domain.quiz import (
    BadAnswersError,
    Choice,
    Item,
    Line,
    PublicChoice,
    PublicItem,
    check_answers,
    draw,
    draw_across,
    draw_replacement,
    field_name,
    grade,
    grade_item,
    public_item,
    shuffle_choices,
    sum_up,
)


def make_item(name: str, right: str = "b", letters: str = "abc", skill: str = "") -> Item:
    choices = tuple(
        Choice(letter, f"{name} {letter}", right=letter == right, why=f"because {letter}")
        for letter in letters
    )
    return Item(name, f"What about {name}?", "choose", choices, quote="I am tired.", skill=skill)


ORDER = Item(
    "stages",
    "Put the stages in order.",
    "order",
    (
        Choice("a", "Action", right=True, why="It is the last.", place=3),
        Choice("b", "Exploration", right=True, why="It is the first.", place=1),
        Choice("c", "Diagnosis", right=False, why="It is none of the stages."),
        Choice("d", "Comforting", right=True, why="It lies between.", place=2),
    ),
)
MARK = Item(
    "listening",
    "Mark what listens.",
    "mark",
    (
        Choice("a", "Since when?", right=True, why="It asks."),
        Choice("b", "Me too.", right=False, why="It does not."),
        Choice("c", "That is long.", right=True, why="It takes it in."),
    ),
    lines=(
        Line("seeker", "I am tired."),
        Line("supporter", "Since when?", "a"),
        Line("supporter", "Me too.", "b"),
        Line("supporter", "That is long.", "c"),
    ),
)
POOL = [make_item(f"item-{number}") for number in range(12)]


def test_a_seed_always_draws_the_same_paper_and_another_seed_another() -> None:
    first = draw(POOL, 4, 1)

    assert draw(list(reversed(POOL)), 4, 1) == first
    assert len({item.id for item in first}) == 4
    assert draw(POOL, 4, 2) != first


def test_a_paper_has_every_item_of_a_pool_that_is_too_small() -> None:
    assert {item.id for item in draw(POOL[:3], 5, 1)} == {"item-0", "item-1", "item-2"}


def test_the_right_choice_stands_in_every_position_about_equally_often() -> None:
    item = make_item("one", letters="abcd")
    places = [
        [choice.right for choice in draw([item], 1, seed)[0].choices].index(True) for seed in range(2000)
    ]

    assert all(420 < places.count(place) < 580 for place in range(4))


def test_an_examination_draws_from_every_module_before_it_draws_twice_from_one() -> None:
    pools = [[make_item(f"m{module}-{number}") for number in range(5)] for module in range(4)]

    for seed in range(50):
        modules = [item.id.split("-")[0] for item in draw_across(pools, 6, seed)]
        assert sorted(modules.count(f"m{module}") for module in range(4)) == [1, 1, 2, 2]


def test_an_examination_is_mixed_and_never_asks_an_item_twice() -> None:
    pools = [[make_item(f"m{module}-{number}") for number in range(2)] for module in range(3)]
    paper = [item.id for item in draw_across([*pools, []], 9, 3)]

    assert sorted(paper) == sorted(item.id for pool in pools for item in pool)
    assert paper != sorted(paper)


def test_a_public_item_holds_neither_the_key_nor_an_explanation() -> None:
    assert public_item(make_item("one")) == PublicItem(
        id="one",
        prompt="What about one?",
        kind="choose",
        quote="I am tired.",
        choices=(PublicChoice("a", "one a"), PublicChoice("b", "one b"), PublicChoice("c", "one c")),
        wanted=1,
    )
    assert public_item(ORDER).wanted == 3
    assert list(public_item(ORDER).places) == [1, 2, 3]
    assert public_item(ORDER).field == field_name("stages") == "q-stages"


@pytest.mark.parametrize(
    ("answers", "right", "passed"),
    [
        ({"one": ["b"], "two": ["b"]}, 2, True),
        ({"one": ["b"], "two": ["a"]}, 1, False),
        ({"one": ["c"], "two": ["a"]}, 0, False),
    ],
)
def test_a_paper_is_graded_item_by_item(answers: dict[str, list[str]], right: int, passed: bool) -> None:
    paper = (make_item("one"), make_item("two"))

    graded = grade(paper, answers, 0.75)

    assert (graded.right, graded.total, graded.score, graded.passed) == (right, 2, right / 2, passed)
    assert [result.given for result in graded.results] == [tuple(answers["one"]), tuple(answers["two"])]


def test_three_of_four_pass_a_mark_of_three_quarters_and_a_share_is_never_rounded_away() -> None:
    paper = [make_item(name) for name in ("one", "two", "three", "four", "five", "six")]

    def passes(right: int, total: int, mark: float) -> bool:
        answers = {item.id: ["b" if place < right else "a"] for place, item in enumerate(paper)}
        return grade(paper[:total], answers, mark).passed

    assert passes(3, 4, 0.75)
    assert passes(3, 5, 0.6)
    assert passes(1, 3, 1 / 3)
    assert not passes(2, 4, 0.75)
    assert not passes(0, 0, 0.0)


@pytest.mark.parametrize(
    ("given", "right"),
    [(["b", "d", "a"], True), (["d", "b", "a"], False), (["b", "d", "c"], False)],
)
def test_an_order_is_right_only_as_a_whole(given: list[str], right: bool) -> None:
    assert ORDER.key == ("b", "d", "a")
    assert grade([ORDER], {"stages": given}, 1.0).passed is right


@pytest.mark.parametrize(
    ("answers", "problems"),
    [
        ({}, {"one": "missing", "stages": "missing"}),
        ({"one": ["b"]}, {"stages": "missing"}),
        ({"one": [""], "stages": ["b", "d", "a"]}, {"one": "missing"}),
        ({"one": ["z"], "stages": ["b", "d", "a"]}, {"one": "unknown"}),
        ({"one": ["a", "b"], "stages": ["b", "d", "a"]}, {"one": "count"}),
        ({"one": ["a"], "stages": ["b", "b", "a"]}, {"stages": "count"}),
        ({"one": ["a"], "stages": ["b", "", "a"]}, {"stages": "missing"}),
        ({"one": ["a"], "stages": ["b", "d", "a", "c"]}, {"stages": "count"}),
    ],
)
def test_a_paper_with_bad_answers_is_not_graded(
    answers: dict[str, list[str]], problems: dict[str, str]
) -> None:
    with pytest.raises(BadAnswersError) as caught:
        grade([make_item("one"), ORDER], answers, 0.5)

    assert caught.value.problems == problems


def test_answers_to_questions_that_are_not_on_the_paper_do_not_count() -> None:
    check_answers([make_item("one")], {"one": ["a"], "two": ["nonsense"]})


def test_after_grading_every_choice_is_explained() -> None:
    result = grade([make_item("one")], {"one": ["a"]}, 1.0).results[0]

    told = [(choice.id, choice.right, choice.why, given) for choice, given in result.explanations]
    assert told == [
        ("a", False, "because a", True),
        ("b", True, "because b", False),
        ("c", False, "because c", False),
    ]


def test_guessing_is_as_good_as_chance() -> None:
    guess = random.Random(11)
    item = make_item("one", letters="abcd")
    hits = sum(grade([item], {"one": [guess.choice("abcd")]}, 1.0).right for _ in range(4000))

    assert 880 < hits < 1120


@pytest.mark.parametrize(
    ("given", "right"),
    [
        (["a", "c"], True),
        (["c", "a"], True),
        (["a"], False),
        (["a", "b", "c"], False),
        (["b"], False),
    ],
)
def test_marked_lines_are_right_in_any_order_but_only_as_a_whole(given: list[str], right: bool) -> None:
    assert grade([MARK], {"listening": given}, 1.0).passed is right


@pytest.mark.parametrize(
    ("given", "problem"),
    [([], "missing"), ([""], "missing"), (["z"], "unknown"), (["a", "a"], "count")],
)
def test_a_strange_marking_is_not_graded(given: list[str], problem: str) -> None:
    with pytest.raises(BadAnswersError) as caught:
        check_answers([MARK], {"listening": given})

    assert caught.value.problems == {"listening": problem}


def test_how_many_lines_are_to_be_marked_is_not_given_away() -> None:
    shown = public_item(MARK)

    assert (shown.wanted, shown.lines) == (0, MARK.lines)
    assert shown.choices == tuple(PublicChoice(choice.id, choice.text) for choice in MARK.choices)


def test_the_lines_of_an_excerpt_are_never_shuffled() -> None:
    assert all(shuffle_choices(MARK, seed) == MARK for seed in range(20))
    assert len({shuffle_choices(ORDER, seed).choices for seed in range(50)}) > 10


SKILLED = [make_item(f"{skill}-{number}", skill=skill) for skill in ("x", "y", "z") for number in range(3)]


def test_the_skills_take_turns_and_one_item_of_each_is_kept_back() -> None:
    for seed in range(50):
        drawn = [item.skill for item in draw(SKILLED, 5, seed)]
        assert sorted(drawn.count(skill) for skill in "xyz") == [1, 2, 2]
        assert len(draw(SKILLED, 6, seed)) == 6
        assert {item.skill for item in SKILLED if item not in draw(SKILLED, 6, seed)} == {"x", "y", "z"}


def test_what_was_missed_is_replaced_by_an_item_of_its_skill_that_was_not_asked() -> None:
    asked = ["x-0", "x-1", "y-0"]

    assert getattr(draw_replacement(SKILLED, "x", asked, 7), "id", None) == "x-2"
    assert draw_replacement(SKILLED, "x", [*asked, "x-2"], 7) is None
    found = [draw_replacement(SKILLED, "z", asked, seed) for seed in range(20)]
    assert {item.id for item in found if item} == {"z-0", "z-1", "z-2"}


@pytest.mark.parametrize(
    ("first", "second", "right", "passed"),
    [("b", None, 2, True), ("a", "b", 2, True), ("a", "a", 1, False), ("a", None, 1, False)],
)
def test_a_place_is_right_when_what_stands_in_for_it_is(
    first: str, second: str | None, right: int, passed: bool
) -> None:
    results = [grade_item(make_item("one"), ["b"]), grade_item(make_item("two"), [first])]
    if second:
        results.append(grade_item(make_item("three"), [second], replaces="two"))

    graded = sum_up(results, 1.0)

    assert (graded.right, graded.total, graded.score, graded.passed) == (right, 2, right / 2, passed)
    assert graded.results == tuple(results)


def test_an_answer_that_stands_in_for_nothing_missed_adds_no_place() -> None:
    results = [
        grade_item(make_item("one"), ["a"]),
        grade_item(make_item("two"), ["b"], replaces="one"),
        grade_item(make_item("three"), ["a"]),
        grade_item(make_item("four"), ["b"], replaces="three"),
    ]

    assert (sum_up(results, 1.0).right, sum_up(results, 1.0).total) == (2, 2)
