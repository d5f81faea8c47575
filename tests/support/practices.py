"""Trainees with a practice chat: two short scripts, people who passed the paper, a room to practise in."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from escollect.conversations import actions
from escollect.domain.events import Role
from escollect.domain.study import TrainingGate
from escollect.domain.tutorial import EXAM, PaperRules, Practice, PracticeStep, Situation, Tutorial
from escollect.people.models import Participant
from escollect.studies.models import Study
from escollect.training import selectors
from escollect.training.models import Attempt
from tests.support.rooms import Pair, make_participant, make_study, say

MOVING = Situation("ongoing depression", "sadness", 4, "I moved away and know nobody here.")
STEPS = (
    PracticeStep(
        fits=("Question", "Restatement or Paraphrasing"),
        stage="Exploration",
        model="What is it like, a new town?",
        strategy="Question",
        why="Nothing is known yet. Ask.",
        then="Empty. I eat alone every evening.",
    ),
    PracticeStep(
        fits=("Reflection of feelings",),
        stage="Comforting",
        model="That sounds lonely.",
        strategy="Reflection of feelings",
        why="A feeling was named. Stay with it.",
        then="It is. Nobody would notice if I left.",
    ),
    PracticeStep(
        fits=("Providing Suggestions", "Others"),
        stage="Action",
        model="Is there a table you could join?",
        strategy="Providing Suggestions",
        why="They look for a way out of it.",
        then="There is a choir. Thank you, good night.",
    ),
)
MOVED = Practice("moved", MOVING, "Hi. I moved here a month ago.", STEPS)
ALONE = Practice("alone", MOVING, "Hello? Is somebody there?", STEPS)
TUTORIAL = Tutorial("t-1", "en", "Practice", "", (), PaperRules(4, 0.75), PaperRules(10, 0.8), (MOVED, ALONE))


def use_scripts(monkeypatch: pytest.MonkeyPatch, *scripts: Practice) -> None:
    """Make a tutorial of nothing but these scripts (both, unless given) the one of every study."""
    tutorial = Tutorial(
        "t-1", "en", "Practice", "", (), TUTORIAL.quiz, TUTORIAL.exam, scripts or TUTORIAL.practices
    )
    monkeypatch.setattr(selectors, "get_tutorial", lambda _language: tutorial)


def make_practice_study(slug: str = "calm", **settings: Any) -> Study:
    """A study that asks for a practice chat after the examination."""
    return make_study(slug, training=TrainingGate(practice=True), **settings)


def make_trainee(study: Study | None = None, *, passed: bool = True) -> Participant:
    """A supporter who passed the paper and is not qualified."""
    trainee = make_participant(study or make_practice_study(), Role.SUPPORTER, qualified=False)
    if passed:
        pass_paper(trainee)
    return trainee


def pass_paper(trainee: Participant, number: int = 1, ago: timedelta = timedelta(minutes=1)) -> None:
    """A passed examination."""
    Attempt.objects.create(
        participant=trainee,
        module=EXAM,
        number=number,
        tutorial_version="t-1",
        seed=1,
        state=Attempt.State.PASSED,
        score=0.9,
        graded_at=timezone.now() - ago,
    )


class Practising(Pair):
    """A trainee in a room with a scripted seeker."""

    @classmethod
    def begin(cls, trainee: Participant) -> Practising:
        """Begin the chat and enter the room."""
        room = actions.begin_practice(trainee)
        pair = cls(trainee, trainee, room)
        pair.seeker = pair.row.seeker
        pair.join(Role.SUPPORTER)
        return pair

    def reply(self, strategies: Sequence[str]) -> None:
        """One reply after the other, with these strategies."""
        for at, strategy in enumerate(strategies, 1):
            self.ack(Role.SUPPORTER, say(f"Reply {at}", strategy, cid=uuid.uuid4()))

    def lines(self) -> list[tuple[str, str, str]]:
        """(author, strategy, text) of everything that was said."""
        said = self.row.events.filter(kind="msg").order_by("seq")
        return list(said.values_list("author", "strategy", "text"))


WELL = ("Question", "Reflection of feelings", "Providing Suggestions")
"""Strategies that fit every step."""
