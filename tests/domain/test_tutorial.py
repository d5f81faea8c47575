import random
from pathlib import Path

import pytest

from bench.training import GUESSES, Guess, know, measure, sit_exam, sit_quiz
from escollect.domain.quiz import Line, draw_replacement
from escollect.domain.strategies import STRATEGIES
from escollect.domain.tutorial import (
    EXAM,
    Example,
    ExampleLine,
    Mistake,
    PracticeStep,
    Situation,
    Tutorial,
    is_open,
    next_module,
)
from escollect.domain.tutorial_parser import ContentError, parse_tutorial
from tests.domain.small_tutorial import make_files

ENGLISH = Path(__file__).resolve().parents[2] / "tutorials" / "en"
RUNS = 500


def read_english() -> dict[str, str]:
    paths = [path for path in ENGLISH.rglob("*") if path.is_file()]
    return {path.relative_to(ENGLISH).as_posix(): path.read_text("utf-8") for path in paths}


@pytest.fixture(scope="module")
def english() -> Tutorial:
    return parse_tutorial(read_english())


def find_problems(files: dict[str, str]) -> list[str]:
    with pytest.raises(ContentError) as caught:
        parse_tutorial(files)
    return [str(problem) for problem in caught.value.problems]


def test_a_tutorial_is_read_in_its_order() -> None:
    tutorial = parse_tutorial(make_files())

    assert [module.slug for module in tutorial.modules] == [f"m{number}" for number in range(1, 9)]
    assert tutorial.reminders == {name: f"Think of {n}." for n, name in enumerate(STRATEGIES, 1)}
    module = tutorial.modules[0]
    assert (module.title, module.kind, module.strategy) == ("Module 1", "strategy", "Question")
    assert module.examples[0] == Example(
        "good",
        "A good one",
        (
            ExampleLine("seeker", "I am sad.", comment="Short."),
            ExampleLine("supporter", "I hear you.", "Question", "It answers."),
        ),
    )
    assert module.mistakes[0] == Mistake("Talking", "Listen.")
    assert [(item.kind, item.skill, item.key) for item in module.items] == [
        ("classify", "first", ("a",)),
        ("reply", "first", ("b",)),
        ("mistake", "first", ("c",)),
        ("choose", "second", ("a",)),
        ("classify", "second", ("b",)),
        ("reply", "second", ("c",)),
        ("order", "second", ("a", "b", "c")),
        ("mark", "second", ("a", "c")),
    ]


def test_the_lines_of_an_excerpt_keep_their_order_and_the_seeker_cannot_be_marked() -> None:
    item = parse_tutorial(make_files()).item("m1-mark")

    assert item is not None
    assert item.lines == (
        Line("seeker", "I am tired."),
        Line("supporter", "Since when?", "a"),
        Line("supporter", "Me too.", "b"),
        Line("seeker", "Since May."),
        Line("supporter", "That is long.", "c"),
    )
    assert [choice.id for choice in item.choices] == ["a", "b", "c"]


def test_practice_scripts_are_read() -> None:
    practices = parse_tutorial(make_files()).practices

    assert [(practice.id, len(practice.steps)) for practice in practices] == [
        ("script-1", 6),
        ("script-2", 6),
    ]
    assert practices[0].situation == Situation("Work", "Fear", 4, "A test.")
    assert practices[0].opening == "I am afraid of tomorrow."
    assert practices[0].steps[0] == PracticeStep(
        fits=("Question", "Others"),
        stage="Exploration",
        model="What happens tomorrow?",
        strategy="Question",
        why="Nobody knows yet what it is about.",
        then="There is a test (1).",
    )


def test_the_version_changes_with_any_word_of_any_file() -> None:
    version = parse_tutorial(make_files()).version

    assert parse_tutorial(make_files()).version == version
    for path in make_files():
        changed = make_files()
        changed[path] = changed[path].replace("sad", "blue") + "\n"
        assert parse_tutorial(changed).version != version


def test_modules_open_one_after_another_and_the_examination_last(english: Tutorial) -> None:
    modules = english.modules
    slugs = [module.slug for module in modules]

    for done in range(len(slugs) + 1):
        passed = frozenset(slugs[:done])
        doors = {slug: is_open(modules, passed, slug) for slug in [*slugs, EXAM]}
        assert [slug for slug, door in doors.items() if door] == [*slugs, EXAM][: done + 1]
        following = next_module(modules, passed)
        assert (following.slug if following else None) == (slugs[done] if done < len(slugs) else None)


def test_passing_modules_out_of_order_does_not_open_the_examination(english: Tutorial) -> None:
    late = frozenset(module.slug for module in english.modules[1:])

    assert not is_open(english.modules, late, EXAM)
    assert is_open(english.modules, late, english.modules[0].slug)


def test_the_english_tutorial_has_stages_strategies_and_conduct(english: Tutorial) -> None:
    assert [module.slug for module in english.modules if module.kind == "stage"] == [
        "exploration",
        "comforting",
        "action",
    ]
    assert tuple(english.reminders) == STRATEGIES
    assert [module.slug for module in english.modules if module.kind == "conduct"] == [
        "safety",
        "privacy",
        "ending-well",
    ]
    assert [module.order for module in english.modules] == list(range(1, 15))


def test_every_english_module_is_complete(english: Tutorial) -> None:
    for module in english.modules:
        headings = [line for line in module.text.splitlines() if line.startswith("## ")]
        assert headings[0] == "## What it is", module.slug
        assert len(headings) >= 3, module.slug
        assert len(module.text.split()) >= 300, module.slug
        for example in module.examples:
            assert 6 <= len(example.lines) <= 14, module.slug
        begun = [next(line.text for line in e.lines if line.role == "seeker") for e in module.examples]
        assert begun[0] == begun[1], f"{module.slug}: the two examples are of different people"
        assert len(module.items) > english.quiz.length, module.slug


def test_a_drawn_item_that_is_missed_has_another_of_its_skill(english: Tutorial) -> None:
    """The first item missed of a skill always; a module may run out of a skill that is missed twice."""
    for module in english.modules:
        for seed in range(20):
            paper = english.paper(module.slug, seed)
            had = [item.id for item in paper]
            for item in paper:
                again = draw_replacement(module.items, item.skill, had, seed)
                assert again is not None, (module.slug, item.skill)
                assert (again.skill, again.id in had) == (item.skill, False)


def test_who_knows_the_content_always_passes(english: Tutorial) -> None:
    found = measure(english, know, runs=25, seed=1, attempts=1)

    assert found == {"gate": 1.0, "straight": 1.0, "module": 1.0, "exam": 1.0}


@pytest.mark.parametrize("guess", GUESSES.values(), ids=GUESSES)
def test_guessing_passes_the_whole_gate_in_less_than_one_run_in_a_hundred(
    english: Tutorial, guess: Guess
) -> None:
    """Three examinations; the modules before it are given away, since they may be repeated."""
    chance = random.Random(2021)

    through = sum(sit_exam(english, guess, chance).passed for _ in range(3 * RUNS))

    assert through < RUNS / 100


@pytest.mark.parametrize("name", ["random", "longest", "letter"])
def test_guessing_passes_a_single_module_in_less_than_one_run_in_ten(english: Tutorial, name: str) -> None:
    guess = GUESSES[name]
    chance = random.Random(2021)
    seeds = range(20)

    through = sum(
        sit_quiz(english, module, guess, chance).passed for module in english.modules for _ in seeds
    )

    assert through < len(seeds) * len(english.modules) / 10
