"""What a simulated seeker brings, and the conversation that follows from it.

The conversation is told from the seeker's answers alone. The supporter reads the same answers beside the
room, so that two who meet by chance tell the same story, and the same seed gives the same words whoever
meets whom.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from escollect.domain.events import Role
from escollect.ops.simulation.story import Grammar, Story, survey, tell

# How conversations go, and how often; `good` is what the paper's policy accepts.
KINDS = {"good": 8, "cold": 1, "terse": 1}


@dataclass(frozen=True, slots=True)
class Line:
    """One utterance of a tale; the strategy is the supporter's."""

    role: Role
    text: str
    strategy: str | None


@dataclass(frozen=True, slots=True)
class Trouble:
    """What a seeker answers before the conversation, but for its strength."""

    problem: str
    emotion: str
    situation: str


@dataclass(frozen=True, slots=True)
class Tale:
    """A whole conversation: its utterances, the seeker's stars, and what both answer before and after."""

    trouble: Trouble
    lines: tuple[Line, ...]
    stars: tuple[int, ...]
    initial: str
    after: Mapping[Role, Mapping[str, str]] = field(default_factory=dict)


def choose_trouble(
    grammar: Grammar, rng: random.Random, problems: Sequence[str], emotions: Sequence[str]
) -> Trouble:
    """Choose among the problems and emotions that a survey offers, and say in what way it hurts."""
    known = [name for name in grammar.problems if name in problems] or list(grammar.problems)
    name = rng.choice(known)
    problem = grammar.problems[name]
    felt = {word: weight for word, weight in problem["emotions"].items() if word in emotions}
    felt = felt or problem["emotions"]
    emotion = rng.choices(list(felt), list(felt.values()))[0]
    words = {key: rng.choice(choices) for key, choices in problem["words"].items()}
    story = Story(rng, problem, grammar.common, emotion, "good", words)
    feeling = rng.choice(grammar.common["feel"][emotion])
    declared = name if name in problems or not problems else problems[0]
    named = emotion if emotion in emotions or not emotions else emotions[0]
    return Trouble(declared, named, story.phrase(f"{rng.choice(problem['situation'])} {feeling}"))


def tell_tale(grammar: Grammar, trouble: Trouble) -> Tale:
    """Tell the conversation that a trouble leads to; the same trouble, the same tale."""
    rng = random.Random(f"{trouble.problem}/{trouble.emotion}/{trouble.situation}")
    problem = grammar.problems.get(trouble.problem) or next(iter(grammar.problems.values()))
    known = trouble.emotion in grammar.common["feel"]
    emotion = trouble.emotion if known else next(iter(problem["emotions"]))
    kind = rng.choices(list(KINDS), list(KINDS.values()))[0]
    story = Story(rng, problem, grammar.common, emotion, kind, _words(problem, trouble.situation, rng))
    tell(story)
    scores = survey(story)
    initial = scores["seeker"].pop("initial_emotion_intensity")
    said = {key: story.phrase(rng.choice(grammar.common[key])) for key in ("likes", "supporter_likes")}
    improve = story.phrase(rng.choice(grammar.common["improve"]))
    after = {
        Role.SEEKER: scores["seeker"] | {"question1": said["likes"], "question2": improve},
        Role.SUPPORTER: {"relevance": "4", "question1": said["supporter_likes"], "question2": ""}
        | scores["supporter"],
    }
    return Tale(trouble, _lines(story.dialog), tuple(story.scores) or (4,), initial, after)


def _words(problem: Mapping[str, Any], situation: str, rng: random.Random) -> dict[str, str]:
    """The story's words: those that the situation names already, chance for the others."""
    words = {}
    for key, choices in problem["words"].items():
        drawn = rng.choice(choices)
        words[key] = next((word for word in choices if word.lower() in situation.lower()), drawn)
    return words


def _lines(dialog: Sequence[Mapping[str, Any]]) -> tuple[Line, ...]:
    return tuple(
        Line(Role(turn["speaker"]), turn["content"], turn["annotation"].get("strategy")) for turn in dialog
    )
