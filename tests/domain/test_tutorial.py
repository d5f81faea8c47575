import random
from collections.abc import Callable
from pathlib import Path

import pytest

from escollect.domain.quiz import Item, grade
from escollect.domain.strategies import STRATEGIES
from escollect.domain.tutorial import EXAM, Tutorial, is_open, next_module
from escollect.domain.tutorial_parser import ContentError, parse_tutorial

ENGLISH = Path(__file__).resolve().parents[2] / "tutorials" / "en"
RUNS = 2000
HEAD = """\
title: Small
language: en
introduction: Eight modules.
quiz:
  length: 1
  pass_mark: 1
exam:
  length: 8
  pass_mark: 0.5
"""
MODULE = """\
title: Module {number}
order: {number}
kind: strategy
strategy: {strategy}
reminder: Think of {number}.
excerpt:
  - role: seeker
    text: I am sad.
  - role: supporter
    strategy: {strategy}
    text: I hear you.
    comment: It answers.
quiz:
  - id: item-{number}
    kind: choose
    prompt: Which?
    choices:
      - id: a
        text: This
        right: true
        why: Because.
      - id: b
        text: That
        why: No.
"""


def make_files() -> dict[str, str]:
    files = {"tutorial.yaml": HEAD}
    for number, strategy in enumerate(STRATEGIES, 1):
        files[f"m{number}/module.yaml"] = MODULE.format(number=number, strategy=strategy)
        files[f"m{number}/text.md"] = f"## Text {number}"
    return files


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
    assert [(line.role, line.strategy, line.comment) for line in module.excerpt] == [
        ("seeker", "", ""),
        ("supporter", "Question", "It answers."),
    ]
    assert module.items[0].key == ("a",)


def test_the_version_changes_with_any_word_of_any_file() -> None:
    version = parse_tutorial(make_files()).version

    assert parse_tutorial(make_files()).version == version
    for path in make_files():
        changed = make_files()
        changed[path] = changed[path].replace("sad", "blue") + "\n"
        assert parse_tutorial(changed).version != version


def swap(path: str, old: str, new: str) -> Callable[[dict[str, str]], None]:
    def change(files: dict[str, str]) -> None:
        assert old in files[path]
        files[path] = files[path].replace(old, new, 1)

    return change


def drop(path: str) -> Callable[[dict[str, str]], None]:
    def change(files: dict[str, str]) -> None:
        del files[path]

    return change


M1 = "m1/module.yaml"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (drop("tutorial.yaml"), "tutorial.yaml, line 1, file: The file is missing."),
        (drop("m1/text.md"), "m1/text.md, line 1, file: The file is missing or empty."),
        (drop(M1), "tutorial.yaml, line 1, modules: 0 modules teach 'Question'."),
        (swap("tutorial.yaml", "title: Small\n", ""), "tutorial.yaml, line 1, title: This key is missing."),
        (
            swap("tutorial.yaml", "length: 8", "length: 9"),
            "tutorial.yaml, line 7, exam: The modules have 8 items for 9.",
        ),
        (
            swap("tutorial.yaml", "length: 1", "length: 2"),
            "tutorial.yaml, line 4, quiz: Module m1 has 1 items for 2.",
        ),
        (swap("tutorial.yaml", "0.5", "80"), "tutorial.yaml, line 9, exam.pass_mark: 80 is out of range."),
        (swap(M1, "title:", "titel:"), f"{M1}, line 1, titel: This key is not known."),
        (swap(M1, "order: 1", "order: first"), f"{M1}, line 2, order: This must be a whole number."),
        (
            swap(M1, "order: 1", "order: 2"),
            "m2/module.yaml, line 1, order: The modules m1, m2 have the same order, 2.",
        ),
        (swap(M1, "kind: strategy", "kind: chapter"), f"{M1}, line 3, kind: “chapter” is not known."),
        (
            swap(M1, "strategy: Question", "strategy: Asking"),
            f"{M1}, line 4, strategy: “Asking” is not known.",
        ),
        (swap(M1, "kind: strategy", "kind: stage"), f"{M1}, line 4, strategy: This key is not known."),
        (swap(M1, "role: seeker", "role: user"), f"{M1}, line 7, excerpt[1].role: “user” is not known."),
        (
            swap(M1, "    comment: It answers.\n", ""),
            f"{M1}, line 9, excerpt[2].comment: This key is missing.",
        ),
        (swap(M1, "id: item-1", "id: Item 1"), f"{M1}, line 14, quiz[1].id: 'Item 1' cannot name a field."),
        (
            swap(M1, "id: item-1", "id: item-2"),
            "m2/module.yaml, line 1, quiz: The item id 'item-2' is used 2 times.",
        ),
        (swap(M1, "        right: true\n", ""), f"{M1}, line 14, quiz[1].choices: 0 of them are right."),
        (
            swap(M1, "        why: No.", "        right: true\n        why: No."),
            "quiz[1].choices: 2 of them are right.",
        ),
        (swap(M1, "        why: No.\n", ""), f"{M1}, line 22, quiz[1].choices[2].why: This key is missing."),
        (swap(M1, "id: b", "id: wrong"), "quiz[1].choices[2].id: 'wrong' could give the answer away."),
        (swap(M1, "id: b", "id: a"), f"{M1}, line 14, quiz[1].choices: Two have the same id."),
        (swap(M1, "kind: choose", "kind: order"), f"{M1}, line 14, quiz[1].choices: The places are []."),
        (swap(M1, "title: Module 1", "title: [Module"), f"{M1}, line 2, file: This is not valid YAML"),
    ],
)
def test_a_content_error_names_file_line_key_and_remedy(
    change: Callable[[dict[str, str]], None], problem: str
) -> None:
    files = make_files()
    change(files)

    found = find_problems(files)

    assert any(problem in line and len(line.split(problem)[1].strip()) > 5 for line in found), found


def test_a_module_cannot_take_the_address_of_the_examination() -> None:
    files = {path.replace("m1/", "exam/"): text for path, text in make_files().items()}

    assert find_problems(files) == [
        (
            "exam/module.yaml, line 1, folder: 'exam' cannot be an address. "
            "Use small letters, digits and hyphens, at most 40."
        )
    ]


def test_a_letter_that_is_always_right_is_refused() -> None:
    files = make_files()
    for number in range(1, 9):
        path = f"m{number}/module.yaml"
        twin = files[path].split("quiz:\n")[1].replace(f"item-{number}", f"twin-{number}")
        files[path] += twin

    assert find_problems(files) == [
        "tutorial.yaml, line 1, modules: Choice 'a' is right in 16 of 16 items. Spread the right answers."
    ]


def test_every_problem_of_a_tutorial_is_named_at_once() -> None:
    files = make_files()
    swap(M1, "order: 1", "order: first")(files)
    swap("m2/module.yaml", "title: Module 2\n", "")(files)

    assert len(find_problems(files)) == 2


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


def test_the_english_tutorial_has_the_three_stages_and_the_eight_strategies(english: Tutorial) -> None:
    assert [module.slug for module in english.modules if module.kind == "stage"] == [
        "exploration",
        "comforting",
        "action",
    ]
    assert tuple(english.reminders) == STRATEGIES
    assert [module.order for module in english.modules] == list(range(1, 12))


def test_every_english_module_is_complete(english: Tutorial) -> None:
    for module in english.modules:
        said = [line for line in module.excerpt if line.role == "supporter"]
        assert len(module.text.split()) >= 300, module.slug
        assert module.text.count("\n## ") + module.text.startswith("## ") >= 3, module.slug
        assert 8 <= len(module.excerpt) <= 14, module.slug
        assert len(said) >= 4, module.slug
        if module.strategy:
            assert module.strategy in {line.strategy for line in said}, module.slug
        assert len(module.items) > english.quiz.length, module.slug
        assert all(3 <= len(item.choices) <= 4 for item in module.items), module.slug


def test_who_knows_the_content_always_passes(english: Tutorial) -> None:
    for seed in range(50):
        for slug in [*[module.slug for module in english.modules], EXAM]:
            paper = english.paper(slug, seed)
            graded = grade(paper, {item.id: item.key for item in paper}, english.rules(slug).pass_mark)
            assert graded.passed
            assert graded.total == english.rules(slug).length


def guess_at_random(item: Item, chance: random.Random) -> str:
    return chance.choice(item.choices).id


def guess_the_longest(item: Item, chance: random.Random) -> str:
    return max(item.choices, key=lambda choice: (len(choice.text), chance.random())).id


def guess_one_letter(item: Item, chance: random.Random) -> str:  # noqa: ARG001  one of several guessers
    return "b"


def passes(tutorial: Tutorial, slug: str, seed: int, answer: Callable[[Item], str]) -> bool:
    paper = tutorial.paper(slug, seed)
    return grade(paper, {item.id: [answer(item)] for item in paper}, tutorial.rules(slug).pass_mark).passed


@pytest.mark.parametrize("guess", [guess_at_random, guess_the_longest, guess_one_letter])
def test_guessing_passes_the_examination_alone_in_less_than_one_run_in_a_hundred(
    english: Tutorial, guess: Callable[[Item, random.Random], str]
) -> None:
    """One attempt each; the modules before it, which may be repeated without limit, are given away."""
    chance = random.Random(2021)

    through = sum(passes(english, EXAM, seed, lambda item: guess(item, chance)) for seed in range(RUNS))

    assert through < RUNS / 100


def test_guessing_passes_a_single_module_in_less_than_one_run_in_ten(english: Tutorial) -> None:
    chance = random.Random(2021)
    seeds = range(100)

    through = sum(
        passes(english, module.slug, seed, lambda item: guess_at_random(item, chance))
        for module in english.modules
        for seed in seeds
    )

    assert through < len(seeds) * len(english.modules) / 10
