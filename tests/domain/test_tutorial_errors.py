"""Every kind of content error is refused, and its file, line, key and remedy are named."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from escollect.domain.tutorial_parser import ContentError, parse_tutorial
from tests.domain.small_tutorial import SCRIPT, STEP, make_files

Files = dict[str, str]
M1, M2, HEAD, PRACTICE = "m1/module.yaml", "m2/module.yaml", "tutorial.yaml", "practice.yaml"
FIRST_ITEM = 22
ORDER, MARK = FIRST_ITEM + 6 * 8, FIRST_ITEM + 6 * 8 + 9
LAST = MARK + 9


def find_problems(files: Files) -> list[str]:
    with pytest.raises(ContentError) as caught:
        parse_tutorial(files)
    return [str(problem) for problem in caught.value.problems]


def swap(path: str, old: str, new: str, count: int = 1) -> Callable[[Files], None]:
    """Replace a piece of a file that is there."""

    def change(files: Files) -> None:
        assert old in files[path]
        files[path] = files[path].replace(old, new, count)

    return change


def cut(path: str, first: int, last: int) -> Callable[[Files], None]:
    """Take lines out of a file, counted from 1."""

    def change(files: Files) -> None:
        lines = files[path].splitlines(keepends=True)
        files[path] = "".join(lines[: first - 1] + lines[last:])

    return change


def drop(path: str) -> Callable[[Files], None]:
    """Take a file away."""

    def change(files: Files) -> None:
        del files[path]

    return change


def add(path: str, text: str) -> Callable[[Files], None]:
    """Add a text at the end of a file."""

    def change(files: Files) -> None:
        files[path] += text

    return change


WHOLE = [
    (drop(HEAD), f"{HEAD}, line 1, file: The file is missing."),
    (drop(PRACTICE), f"{PRACTICE}, line 1, file: The file is missing or empty."),
    (drop("m1/text.md"), "m1/text.md, line 1, file: The file is missing or empty."),
    (drop(M1), f"{HEAD}, line 1, modules: No module teaches 'Question'."),
    (swap(HEAD, "title: Small\n", ""), f"{HEAD}, line 1, title: This key is missing."),
    (swap(HEAD, "length: 8", "length: 99"), f"{HEAD}, line 7, exam: The modules have 16 items for 99."),
    (swap(HEAD, "length: 4", "length: 9"), f"{HEAD}, line 4, quiz: Module m1 has 8 items for 9."),
    (swap(HEAD, "0.5", "80"), f"{HEAD}, line 9, exam.pass_mark: 80 is out of range."),
    (
        swap(M2, "order: 2", "order: 1"),
        f"{M2}, line 2, order: The modules m1, m2 have the same order, 1.",
    ),
    (
        swap(M2, "Restatement or Paraphrasing", "Question", 9),
        f"{M2}, line 4, strategy: 2 modules teach 'Question'.",
    ),
    (
        swap(M2, "id: m2-item0", "id: m1-item0"),
        f"{M2}, line {FIRST_ITEM}, quiz: The item id 'm1-item0' is used 2 times (m1, m2).",
    ),
    (
        swap(M1, "id: m1-item1", "id: m1-item0"),
        f"{M1}, line {FIRST_ITEM + 8}, quiz: The item id 'm1-item0' is used 2 times (m1).",
    ),
]
MODULE = [
    (swap(M1, "title: Module 1", "title: [Module"), f"{M1}, line 2, file: This is not valid YAML"),
    (swap(M1, "title:", "titel:"), f"{M1}, line 1, titel: This key is not known."),
    (swap(M1, "order: 1", "order: first"), f"{M1}, line 2, order: This must be a whole number."),
    (swap(M1, "kind: strategy", "kind: chapter"), f"{M1}, line 3, kind: “chapter” is not known."),
    (swap(M1, "strategy: Question", "strategy: Asking"), f"{M1}, line 4, strategy: “Asking” is not known."),
    (swap(M1, "kind: strategy", "kind: stage"), f"{M1}, line 4, strategy: This key is not known."),
    (
        swap(M1, "Think of 1.", "x" * 121),
        f"{M1}, line 5, reminder: The text has 121 characters.",
    ),
    (swap("m1/text.md", "## What", "# What"), "m1/text.md, line 1, heading: A heading of level 1"),
    (swap("m1/text.md", "## What it is", "It is"), "m1/text.md, line 1, heading: The text has no first"),
    (swap(M1, "quality: good", "quality: nice"), f"{M1}, line 7, examples[1].quality: “nice” is not known."),
    (
        swap(M1, "quality: clumsy", "quality: good"),
        f"{M1}, line 6, examples: There are 2: good, good.",
    ),
    (cut(M1, 12, 16), f"{M1}, line 6, examples: There are 1: good."),
    (
        swap(M1, "role: supporter, strategy: Question", "role: supporter, strategy: Others"),
        f"{M1}, line 6, examples: The good one never uses 'Question'.",
    ),
    (cut(M1, 10, 10), f"{M1}, line 9, examples[1].lines: The seeker says nothing."),
    (swap(M1, "role: seeker", "role: user"), f"{M1}, line 10, examples[1].lines[1].role: “user” is not"),
    (
        swap(M1, ", comment: It answers.", ""),
        f"{M1}, line 11, examples[1].lines[2].comment: This key is missing.",
    ),
    (
        swap(M1, "role: supporter, strategy: Question,", "role: supporter,"),
        f"{M1}, line 11, examples[1].lines[2].strategy: This key is missing.",
    ),
    (cut(M1, 18, 18), f"{M1}, line 17, mistakes: There are 2."),
    (cut(M1, 17, 20), f"{M1}, line 1, mistakes: There is nothing here."),
    (swap(M1, ", instead: Wait.", ""), f"{M1}, line 19, mistakes[2].instead: This key is missing."),
]
QUIZ = [
    (cut(M1, MARK, LAST), f"{M1}, line 21, quiz: There are 7 items."),
    (cut(M1, 21, LAST), f"{M1}, line 1, quiz: There is nothing here."),
    (swap(M1, "kind: classify", "kind: choose", 2), f"{M1}, line 21, quiz: No item is of the kind classify."),
    (swap(M1, "skill: second", "skill: first", 9), f"{M1}, line 21, quiz: The items are about 1 skills."),
    (
        swap(M1, "skill: first", "skill: alone"),
        f"{M1}, line {FIRST_ITEM}, quiz[1].skill: No other item is about 'alone'.",
    ),
    (swap(M1, "kind: classify", "kind: guess"), f"{M1}, line {FIRST_ITEM + 1}, quiz[1].kind: “guess” is not"),
    (
        swap(M1, "id: m1-item0", "id: Item 1"),
        f"{M1}, line {FIRST_ITEM}, quiz[1].id: 'Item 1' cannot name a field.",
    ),
    (
        swap(M1, "id: m1-item0", "id: item0"),
        f"{M1}, line {FIRST_ITEM}, quiz[1].id: 'item0' does not begin with the module's folder.",
    ),
    (
        swap(M1, "skill: first", "skill: First!"),
        f"{M1}, line {FIRST_ITEM + 2}, quiz[1].skill: 'First!' cannot name a field.",
    ),
    (swap(M1, "    prompt: Which of these?\n", ""), f"{M1}, line {FIRST_ITEM}, quiz[1].prompt: This key is"),
    (
        swap(M1, ", right: true", ""),
        f"{M1}, line {FIRST_ITEM + 4}, quiz[1].choices: 0 of them are right.",
    ),
    (
        swap(M1, "That one is about this.", "That one is about this., right: true"),
        f"{M1}, line {FIRST_ITEM + 4}, quiz[1].choices: 2 of them are right.",
    ),
    (
        swap(M1, ", why: It is one of the two.", ""),
        f"{M1}, line {FIRST_ITEM + 7}, quiz[1].choices[3].why: This key is missing.",
    ),
    (
        swap(M1, "why: It is one of the two.", "why: Wrong."),
        f"{M1}, line {FIRST_ITEM + 7}, quiz[1].choices[3].why: “Wrong.” explains nothing.",
    ),
    (
        swap(M1, "id: b", "id: wrong"),
        f"{M1}, line {FIRST_ITEM + 6}, quiz[1].choices[2].id: 'wrong' could give the answer away.",
    ),
    (swap(M1, "id: b", "id: a"), f"{M1}, line {FIRST_ITEM + 4}, quiz[1].choices: Two have the same id."),
    (swap(M1, "text: Neither", "text: This"), f"{M1}, line {FIRST_ITEM + 4}, quiz[1].choices: Two say the"),
    (
        cut(M1, FIRST_ITEM + 7, FIRST_ITEM + 7),
        f"{M1}, line {FIRST_ITEM + 4}, quiz[1].choices: There are 2.",
    ),
    (
        swap(M1, "kind: classify", "kind: order"),
        f"{M1}, line {FIRST_ITEM + 4}, quiz[1].choices: The places are [].",
    ),
    (
        swap(M1, "place: 3", "place: 4"),
        f"{M1}, line {ORDER + 4}, quiz[7].choices: The places are [1, 2, 4].",
    ),
    (
        swap(M1, "place: 3, ", ""),
        f"{M1}, line {ORDER + 4}, quiz[7].choices: The places are [1, 2].",
    ),
    (
        swap(M1, "place: 3", "right: true"),
        f"{M1}, line {ORDER + 7}, quiz[7].choices[3].right: This key is not known.",
    ),
    (
        swap(M1, "Me too., why", "Me too., right: true, why"),
        f"{M1}, line {MARK + 4}, quiz[8].choices: 3 of 3 lines are right.",
    ),
    (cut(M1, LAST - 1, LAST), f"{M1}, line {MARK + 4}, quiz[8].choices: There are 2."),
    (
        swap(M1, "role: seeker, text: I am tired.", "role: seeker, id: z, text: I am tired."),
        f"{M1}, line {MARK + 5}, quiz[8].choices[1].id: This key is not known.",
    ),
    (
        swap(M1, "role: seeker, text: I am tired.", "role: nobody, id: z, text: I., why: Because it is."),
        f"{M1}, line {MARK + 5}, quiz[8].choices[1].role: “nobody” is not known.",
    ),
]
STEPS = [
    (
        swap(PRACTICE, SCRIPT.format(number=2) + "".join(STEP.format(number=n) for n in range(1, 7)), ""),
        f"{PRACTICE}, line 1, practices: There are 1 scripts.",
    ),
    (
        swap(PRACTICE, "id: script-2", "id: script-1"),
        f"{PRACTICE}, line 2, practices[1].id: 'script-1' is used",
    ),
    (swap(PRACTICE, "id: script-1", "id: One!"), f"{PRACTICE}, line 2, practices[1].id: 'One!' cannot be"),
    (
        swap(PRACTICE, "intensity: 4", "intensity: 6"),
        f"{PRACTICE}, line 3, practices[1].situation.initial_emotion_intensity: 6 is out of range.",
    ),
    (
        swap(PRACTICE, "    opening: I am afraid of tomorrow.\n", ""),
        f"{PRACTICE}, line 2, practices[1].opening: This key is missing.",
    ),
    (cut(PRACTICE, 6, 11), f"{PRACTICE}, line 5, practices[1].steps: There are 5 exchanges."),
    (
        swap(PRACTICE, "[Question, Others]", "[Question, Chatting]"),
        f"{PRACTICE}, line 6, practices[1].steps[1].fits: “Chatting” is not known.",
    ),
    (
        swap(PRACTICE, "[Question, Others]", "[Question, Others, Information, Self-disclosure]"),
        f"{PRACTICE}, line 6, practices[1].steps[1].fits: 4 strategies fit.",
    ),
    (
        swap(PRACTICE, "[Question, Others]", "[Others]"),
        f"{PRACTICE}, line 9, practices[1].steps[1].strategy: “Question” is not in “fits”.",
    ),
    (
        swap(PRACTICE, "stage: Exploration", "stage: Beginning"),
        f"{PRACTICE}, line 7, practices[1].steps[1].stage: “Beginning” is not known.",
    ),
    (
        swap(PRACTICE, "        then: There is a test (1).\n", ""),
        f"{PRACTICE}, line 6, practices[1].steps[1].then: This key is missing.",
    ),
    (add(PRACTICE, "extra: 1\n"), f"{PRACTICE}, line 82, extra: This key is not known."),
]


@pytest.mark.parametrize(("change", "problem"), [*WHOLE, *MODULE, *QUIZ, *STEPS])
def test_a_content_error_names_file_line_key_and_remedy(
    change: Callable[[Files], None], problem: str
) -> None:
    files = make_files(modules=2)
    change(files)

    found = find_problems(files)

    assert any(line.startswith(problem) and len(line.removeprefix(problem)) > 5 for line in found), found


def test_the_small_tutorial_is_right() -> None:
    assert len(parse_tutorial(make_files()).modules) == 8


@pytest.mark.parametrize("slug", ["exam", "practice"])
def test_a_module_cannot_take_the_address_of_another_part(slug: str) -> None:
    files = {
        path.replace("m1/", f"{slug}/"): text.replace("id: m1-", f"id: {slug}-")
        for path, text in make_files().items()
    }

    assert find_problems(files) == [
        (
            f"{slug}/module.yaml, line 1, folder: '{slug}' cannot be an address. "
            "Use small letters, digits and hyphens, at most 40."
        )
    ]


def rewrite_choices(change: Callable[[list[str]], list[str]]) -> Files:
    """The small tutorial with the three choices of every single-choice item changed."""
    files = make_files()
    for path in [path for path in files if path.endswith("/module.yaml")]:
        lines = files[path].splitlines(keepends=True)
        for at, line in enumerate(lines):
            if "{id: a, text: This" in line:
                lines[at : at + 3] = change(lines[at : at + 3])
        files[path] = "".join(lines)
    return files


def test_a_letter_that_is_right_too_often_is_refused() -> None:
    def make_a_right(choices: list[str]) -> list[str]:
        plain = [choice.replace(", right: true", "") for choice in choices]
        return [plain[0].replace("}", ", right: true}"), *plain[1:]]

    assert find_problems(rewrite_choices(make_a_right)) == [
        f"{HEAD}, line 1, modules: Choice 'a' is right in 48 of 48 items. Spread the right answers."
    ]


def test_a_longest_choice_that_is_right_too_often_is_refused() -> None:
    def make_the_right_one_long(choices: list[str]) -> list[str]:
        plain = [choice.replace(" in many more words", "") for choice in choices]
        return [c.replace(", why", " in many more words, why") if "right" in c else c for c in plain]

    assert find_problems(rewrite_choices(make_the_right_one_long)) == [
        (
            f"{HEAD}, line 1, modules: The longest choice is right in 48 of 48 items. "
            "Lengthen or shorten choices until no length tells."
        )
    ]


def test_a_length_in_the_middle_that_is_right_too_often_is_refused() -> None:
    def put_the_right_one_between(choices: list[str]) -> list[str]:
        plain = [choice.replace(" in many more words", "") for choice in choices]
        others = iter(["", " in many more words"])
        more = [" in some words" if "right" in choice else next(others) for choice in plain]
        return [choice.replace(", why", f"{words}, why") for choice, words in zip(plain, more, strict=True)]

    assert find_problems(rewrite_choices(put_the_right_one_between)) == [
        (
            f"{HEAD}, line 1, modules: Number 2 from the shortest is right in 48 of 48 items. "
            "Lengthen or shorten choices until no length tells."
        )
    ]


def test_every_problem_of_a_tutorial_is_named_at_once() -> None:
    files = make_files()
    swap(M1, "order: 1", "order: first")(files)
    swap(M2, "title: Module 2\n", "")(files)

    assert len(find_problems(files)) == 2
