"""What guessing is worth in the training, and that knowing the content always suffices.

`python -m bench.training [--runs 10000] [--seed 2021] [--attempts 3] [--language en]` simulates trainees
on the tutorial alone: no database, no server. The last line of its output is one JSON object.

`gate` is the whole gate for somebody who never gives up on a module: every quiz is repeated until it is
passed, so that only the examination counts, which may be tried `attempts` times. `straight` is the whole
gate at the first attempt at every part; `module` and `exam` are single attempts.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from escollect.domain.quiz import SINGLE, Graded, Item, draw_replacement, grade, grade_item, sum_up
from escollect.domain.tutorial import EXAM, Module, Tutorial
from escollect.domain.tutorial_parser import parse_tutorial

ROOT = Path(__file__).resolve().parents[1]
SEEDS = 2**62
ONE_LETTER = "b"

Guess = Callable[[Item, random.Random], Sequence[str]]


def read_tutorial(language: str = "en") -> Tutorial:
    """The tutorial of a language from its files."""
    folder = ROOT / "tutorials" / language
    paths = [*folder.glob("*.yaml"), *folder.glob("*/*.yaml"), *folder.glob("*/*.md")]
    return parse_tutorial({path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in paths})


def know(item: Item, chance: random.Random) -> Sequence[str]:  # noqa: ARG001  a guess may need it
    """The answer of somebody who knows the content."""
    return item.key


def guess_at_random(item: Item, chance: random.Random) -> Sequence[str]:
    """Any complete answer: a choice, some order, some lines."""
    ids = [choice.id for choice in item.choices]
    if item.kind == "mark":
        marked = [choice for choice in ids if chance.random() < 1 / 2]
        return marked or [chance.choice(ids)]
    return chance.sample(ids, len(item.key))


def guess_the_longest(item: Item, chance: random.Random) -> Sequence[str]:
    """The longest choice, as people do who know tests; the rest at random."""
    if item.kind not in SINGLE:
        return guess_at_random(item, chance)
    return [max(item.choices, key=lambda choice: (len(choice.text), chance.random())).id]


def guess_the_shortest_but_one(item: Item, chance: random.Random) -> Sequence[str]:
    """The second shortest choice, as people do who take the longest and the shortest for traps."""
    if item.kind not in SINGLE:
        return guess_at_random(item, chance)
    return [sorted(item.choices, key=lambda choice: len(choice.text))[1].id]


def guess_one_letter(item: Item, chance: random.Random) -> Sequence[str]:
    """Always the same letter; the rest at random."""
    single = item.kind in SINGLE and ONE_LETTER in {choice.id for choice in item.choices}
    return [ONE_LETTER] if single else guess_at_random(item, chance)


GUESSES: dict[str, Guess] = {
    "random": guess_at_random,
    "longest": guess_the_longest,
    "shortest but one": guess_the_shortest_but_one,
    "letter": guess_one_letter,
}


def sit_quiz(tutorial: Tutorial, module: Module, guess: Guess, chance: random.Random) -> Graded:
    """One attempt at a module, answer by answer: what is missed is asked once more with another item."""
    seed = chance.randrange(SEEDS)
    results = [grade_item(item, guess(item, chance)) for item in tutorial.paper(module.slug, seed)]
    for missed in [result for result in results if not result.right]:
        had = [result.item.id for result in results]
        item = draw_replacement(module.items, missed.item.skill, had, seed)
        if item is not None:
            results.append(grade_item(item, guess(item, chance), replaces=missed.item.id))
    return sum_up(results, tutorial.quiz.pass_mark)


def sit_exam(tutorial: Tutorial, guess: Guess, chance: random.Random) -> Graded:
    """One attempt at the examination, handed in as a whole."""
    paper = tutorial.paper(EXAM, chance.randrange(SEEDS))
    return grade(paper, {item.id: guess(item, chance) for item in paper}, tutorial.exam.pass_mark)


def measure(tutorial: Tutorial, guess: Guess, runs: int, seed: int, attempts: int) -> dict[str, float]:
    """The shares of the runs that pass, from 0 to 1: gate, straight, module and exam."""
    chance = random.Random(seed)
    gate = straight = quizzes = exams = 0
    for _ in range(runs):
        passed = [sit_quiz(tutorial, module, guess, chance).passed for module in tutorial.modules]
        tries = [sit_exam(tutorial, guess, chance).passed]
        while not tries[-1] and len(tries) < attempts:
            tries.append(sit_exam(tutorial, guess, chance).passed)
        quizzes += sum(passed)
        exams += tries[0]
        straight += all(passed) and tries[0]
        gate += tries[-1]
    return {
        "gate": gate / runs,
        "straight": straight / runs,
        "module": quizzes / (runs * len(tutorial.modules)),
        "exam": exams / runs,
    }


def main() -> None:
    """Measure every way of guessing, and the expert."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=2021)
    parser.add_argument("--attempts", type=int, default=3, help="examinations that a study allows")
    parser.add_argument("--language", default="en")
    given = parser.parse_args()
    tutorial = read_tutorial(given.language)
    found: dict[str, dict[str, float]] = {}
    for name, guess in {**GUESSES, "expert": know}.items():
        began = time.monotonic()
        found[name] = measure(tutorial, guess, given.runs, given.seed, given.attempts)
        sys.stderr.write(f"{name}: {found[name]} in {time.monotonic() - began:.0f} s\n")
    asked = {"runs": given.runs, "seed": given.seed, "attempts": given.attempts, "version": tutorial.version}
    sys.stdout.write(json.dumps({**asked, "passed": found}) + "\n")


if __name__ == "__main__":
    main()
