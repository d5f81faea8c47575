"""Conversations told from phrases: the words of the demo's corpus and of the simulated crowd.

A story is told with the random numbers it is given: the same numbers, the same conversation.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

CHOICE = re.compile(r"\{([^{}]*)\}")
WORD = re.compile(r"<(\w+)>")
SENTENCE = re.compile(r"(^|[.!?] )([a-z])")

# What becomes of a conversation under esconv-2021, and how often.
KINDS = {"good": 72, "unanswered": 5, "same": 6, "short": 5, "terse": 4, "cold": 5, "bitter": 3}
PAPER_PROBLEMS = 82


@dataclass(frozen=True, slots=True)
class Grammar:
    """The phrases: those of each problem, the paper's five first, and those that fit every problem."""

    problems: dict[str, Any]
    common: dict[str, Any]

    @classmethod
    def read(cls, folder: Path) -> Grammar:
        """Read the grammar's three files."""
        names = ("common", "five", "eight")
        common, five, eight = (yaml.safe_load((folder / f"{name}.yaml").read_text("utf-8")) for name in names)
        return cls(five | eight, common)


@dataclass
class Story:
    """One conversation while it is told: who says what, and the words that stay the same."""

    rng: random.Random
    problem: dict[str, Any]
    common: dict[str, Any]
    emotion: str
    kind: str
    words: dict[str, str] = field(default_factory=dict)
    dialog: list[dict[str, Any]] = field(default_factory=list)
    scores: list[int] = field(default_factory=list)
    pending: int | None = None
    since_rating: int = 0

    def phrase(self, template: str) -> str:
        """Fill choices and words, and put capitals at the beginning of sentences."""
        while found := CHOICE.search(template):
            chosen = self.rng.choice(found[1].split("|"))
            template = template[: found.start()] + chosen + template[found.end() :]
        text = WORD.sub(lambda m: self.words[m[1]], template)
        return SENTENCE.sub(lambda m: m[1] + m[2].upper(), text)

    def supporter(self, template: str, strategy: str) -> None:
        """The supporter says something; every second time feedback is due."""
        text = self.phrase(template)
        if self.kind in {"bitter", "terse"} and strategy != "Others" and self.rng.random() < 0.7:
            text = self.rng.choice(self.common["brief"])
            strategy = "Question" if text.endswith("?") else "Others"
        self.dialog.append({"speaker": "supporter", "annotation": {"strategy": strategy}, "content": text})
        self.since_rating += 1
        if self.since_rating == 2:
            self.since_rating = 0
            self.pending = self._feedback()

    def seeker(self, template: str) -> None:
        """The seeker says something, at times in two utterances, and may give the feedback that is due."""
        if self.kind == "terse" and len(self.dialog) > 2:
            template = self.rng.choice(self.common["terse"])
        annotation: dict[str, str] = {}
        if self.pending is not None and self.rng.random() < 0.85:
            annotation = {"feedback": str(self.pending)}
            self.scores.append(self.pending)
        self.pending = None
        text = template if template in self.common["terse"] else self.phrase(template)
        parts = re.split(r"(?<=[.!?]) ", text)
        if len(parts) > 1 and len(parts[0].split()) > 5 and self.rng.random() < 0.25:
            self._say(parts[0], annotation)
            self._say(" ".join(parts[1:]), {})
        else:
            self._say(text, annotation)

    def _say(self, text: str, annotation: dict[str, str]) -> None:
        self.dialog.append({"speaker": "seeker", "annotation": annotation, "content": text})

    def _feedback(self) -> int:
        scale = {"cold": [1, 2, 2, 3], "bitter": [1, 1, 2, 2], "terse": [2, 3, 3, 4], "unanswered": [4, 5, 5]}
        rising = [3, 4, 4, 5] if len(self.dialog) < 12 else [4, 4, 5, 5]
        return self.rng.choice(scale.get(self.kind, rising))


def explore(story: Story, count: int) -> Iterator[Callable[[], None]]:
    """Questions about the problem and about the person, then the words given back."""
    common = story.common
    questions = story.rng.sample(story.problem["explore"], min(count, len(story.problem["explore"])))
    for pair in questions:
        yield lambda pair=pair: answer(story, pair, "Question")  # type: ignore[misc]
    yield lambda: story.seeker(story.rng.choice(common["feel"][story.emotion]))
    for pair in story.rng.sample(common["ask"], count // 2):
        yield lambda pair=pair: answer(story, pair, "Question")  # type: ignore[misc]


def comfort(story: Story, count: int) -> Iterator[Callable[[], None]]:
    """Feelings given back, something of one's own, encouragement."""
    common, problem = story.common, story.problem
    restated = {"say": story.rng.choice(problem["restate"]), "reply": common["reflected"]}
    reflected = {"say": story.rng.choice(common["reflect"][story.emotion]), "reply": common["reflected"]}
    yield lambda: answer(story, reflected, "Reflection of feelings")
    if story.rng.random() < 0.6:
        yield lambda: answer(story, restated, "Restatement or Paraphrasing")
    if story.rng.random() < 0.7:
        yield lambda: answer(story, story.rng.choice(problem["disclose"]), "Self-disclosure")
    for pair in story.rng.sample(common["affirm"], min(count, 2)):
        yield lambda pair=pair: answer(story, pair, "Affirmation and Reassurance")  # type: ignore[misc]


def act(story: Story, count: int) -> Iterator[Callable[[], None]]:
    """Suggestions and facts."""
    problem = story.problem
    suggestions = story.rng.sample(problem["suggest"], min(count, len(problem["suggest"])))
    for place, pair in enumerate(suggestions):
        if place == 1 and story.rng.random() < 0.75:
            yield lambda: answer(story, story.rng.choice(problem["inform"]), "Information")
        yield lambda pair=pair: answer(story, pair, "Providing Suggestions")  # type: ignore[misc]


def answer(story: Story, pair: dict[str, Any], strategy: str) -> None:
    """The supporter says something and the seeker answers it; at times a bridge comes first."""
    if story.kind not in {"terse", "bitter"} and story.rng.random() < 0.18:
        bridge = (
            "{Thank you for telling me that.|I am listening.|I see what you mean.|That makes sense to me.}"
        )
        story.supporter(bridge, "Others")
    story.supporter(pair["say"], strategy)
    cold = story.kind in {"cold", "bitter"} and strategy != "Question" and story.rng.random() < 0.8
    story.seeker(story.rng.choice(story.common["cold"] if cold else pair["reply"]))


def tell(story: Story) -> None:
    """Greeting, exploration, comforting, action, farewell; a short one breaks off."""
    rng, common, problem = story.rng, story.common, story.problem
    story.words = story.words or {name: rng.choice(choices) for name, choices in problem["words"].items()}
    greeting = rng.choice(common["greet"])
    story.supporter(greeting["say"], greeting["strategy"])
    if rng.random() < 0.7:
        story.seeker(rng.choice(common["hello"]))
    story.seeker(rng.choice(problem["start"]))
    count = rng.choice([1, 1, 2, 2, 3, 4])
    limit = rng.randint(10, 14) if story.kind == "short" else 31
    for stage in (explore, comfort, act):
        for step in stage(story, count):
            if len(story.dialog) < limit:
                step()
    if story.kind in {"good", "unanswered", "same"}:
        story.seeker(rng.choice(common["thanks"]))
        farewell = rng.choice(common["close"])
        story.supporter(farewell["say"], farewell["strategy"])
        story.seeker(rng.choice(common["bye"]))
    elif story.kind != "short":
        story.seeker("I have to go now, {my break is over|I am too tired}.")
        story.supporter("{All right, take care.|Okay, goodbye.}", "Others")


def survey(story: Story) -> dict[str, dict[str, str]]:
    """Post-chat scores that fit how the conversation went."""
    rng = story.rng
    initial = rng.choice([3, 4, 4, 4, 5, 5])
    seeker = {"initial_emotion_intensity": initial}
    if story.kind != "unanswered" and not (story.kind == "bitter" and rng.random() < 0.4):
        low, high = {"cold": (1, 2), "bitter": (1, 2), "terse": (2, 3)}.get(story.kind, (4, 5))
        fall = {"same": rng.choice([0, 0, -1]), "cold": 0, "bitter": -1, "terse": rng.choice([0, 1])}
        final = initial - fall.get(story.kind, rng.choice([1, 2, 2, 3]))
        seeker |= {
            "empathy": rng.randint(low, high),
            "relevance": rng.randint(low, high),
            "final_emotion_intensity": min(5, max(1, final)),
        }
    detail = rng.choice([1, 2, 3]) if story.kind == "terse" else rng.choice([3, 4, 5, 5])
    supporter = {} if rng.random() < 0.05 else {"relevance": str(detail)}
    return {"seeker": {key: str(value) for key, value in seeker.items()}, "supporter": supporter}


def record(rng: random.Random, grammar: Grammar) -> dict[str, Any]:
    """One whole record, keys in the order of the corpus."""
    problems, common = grammar.problems, grammar.common
    names = list(problems)
    five = rng.random() * 100 < PAPER_PROBLEMS
    name = rng.choice(names[:5] if five else names[5:])
    problem = problems[name]
    emotion = rng.choices(list(problem["emotions"]), list(problem["emotions"].values()))[0]
    kind = rng.choices(list(KINDS), list(KINDS.values()))[0]
    story = Story(rng, problem, common, emotion, kind)
    tell(story)
    said = {key: story.phrase(rng.choice(common[key])) for key in ("likes", "improve", "supporter_likes")}
    return {
        "experience_type": rng.choices(["Current Experience", "Previous Experience"], [4, 1])[0],
        "emotion_type": emotion,
        "problem_type": name,
        "situation": story.phrase(rng.choice(problem["situation"])),
        "survey_score": survey(story),
        "dialog": story.dialog,
        "seeker_question1": said["likes"],
        "seeker_question2": said["improve"],
        "supporter_question1": said["supporter_likes"],
        "supporter_question2": story.phrase(rng.choice(common["improve"])),
    }
