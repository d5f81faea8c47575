"""Attempts and what is asked in them, as they were drawn."""

from __future__ import annotations

from dataclasses import dataclass

from escollect.domain.quiz import Graded, Item, ItemResult, shuffle_choices, sum_up
from escollect.people.models import Participant
from escollect.training.models import Answer, Attempt
from escollect.training.selectors import get_rules, get_tutorial_for


@dataclass(frozen=True)
class Asked:
    """A question of an attempt: its row, and the item with its choices in the order shown."""

    answer: Answer
    item: Item

    def get_result(self) -> ItemResult:
        """How it was answered; meant for an answered one."""
        row = self.answer
        return ItemResult(self.item, tuple(row.given), bool(row.right), row.replaces)


def get_open_attempt(participant: Participant, slug: str) -> Attempt | None:
    """The attempt that waits for answers, if it was drawn from the tutorial as it is now."""
    version = get_tutorial_for(participant).version
    waiting = Attempt.objects.filter(participant=participant, module=slug, tutorial_version=version)
    return waiting.filter(state=Attempt.State.OPEN).first()


def get_last_graded(participant: Participant, slug: str) -> Attempt | None:
    """The latest graded attempt at a module or at the examination."""
    graded = Attempt.objects.filter(participant=participant, module=slug)
    return graded.exclude(state=Attempt.State.OPEN).order_by("-number").first()


def get_asked(attempt: Attempt) -> tuple[Asked, ...] | None:
    """The questions of an attempt in their order; None when the tutorial has changed since."""
    tutorial = get_tutorial_for(attempt.participant)
    if attempt.tutorial_version != tutorial.version:
        return None
    rows = Answer.objects.filter(attempt=attempt).order_by("position")
    found = [(row, tutorial.item(row.item)) for row in rows]
    return tuple(Asked(row, shuffle_choices(item, attempt.seed)) for row, item in found if item)


def get_paper(attempt: Attempt) -> tuple[Item, ...] | None:
    """The items of an attempt as they were shown; None when the tutorial has changed since."""
    asked = get_asked(attempt)
    return None if asked is None else tuple(each.item for each in asked)


def get_graded(attempt: Attempt) -> Graded | None:
    """How a graded attempt went, item by item; None when the tutorial has changed since.

    The score and state stored with the attempt stay what they were, also when a pass mark changes.
    """
    asked = get_asked(attempt)
    if asked is None or attempt.state == Attempt.State.OPEN:
        return None
    pass_mark = get_rules(attempt.participant, attempt.module).pass_mark
    return sum_up([each.get_result() for each in asked], pass_mark)
