"""Attempts that were not made here: brought in from elsewhere, or made up for a demo."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, repeat
from typing import Any

from django.db import transaction
from django.db.models import Model

from escollect.domain.quiz import Graded, Item, grade_item, sum_up
from escollect.domain.tutorial import Tutorial
from escollect.infra.sets import insert_rows
from escollect.people.models import Participant
from escollect.training.models import Answer, Attempt

BATCH = 500
ATTEMPT = (
    "id",
    "participant",
    "module",
    "number",
    "tutorial_version",
    "seed",
    "state",
    "score",
    "started_at",
    "graded_at",
)
ANSWER = (
    "attempt",
    "item",
    "skill",
    "kind",
    "position",
    "replaces",
    "given",
    "right",
    "shown_at",
    "answered_at",
)


@dataclass(frozen=True, slots=True)
class PastAnswer:
    """An answer with when its question was shown and when it was answered; `replaces` as in `Answer`."""

    item: Item
    given: tuple[str, ...]
    shown_at: datetime
    answered_at: datetime
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class PastAttempt:
    """A graded attempt: the participant's `number`-th at a module, or at the examination (`exam`)."""

    participant: Participant
    module: str
    number: int
    seed: int
    answers: tuple[PastAnswer, ...]


@transaction.atomic
def add_history(tutorial: Tutorial, attempts: Sequence[PastAttempt]) -> int:
    """Grade and store attempts under this tutorial's pass marks and version; returns how many passed.

    Nobody is qualified by it, and the rules on cool-down and number of attempts are not asked: that was
    decided where the attempts were made. Raises IntegrityError where a number is taken.
    """
    graded = [_grade(tutorial, attempt) for attempt in attempts]
    keys = [uuid.uuid4() for _ in attempts]
    _insert(Attempt, ATTEMPT, list(map(_attempt_row, keys, attempts, graded, repeat(tutorial.version))))
    _insert(Answer, ANSWER, list(chain.from_iterable(map(_answer_rows, keys, attempts, graded))))
    return sum(one.passed for one in graded)


def _grade(tutorial: Tutorial, attempt: PastAttempt) -> Graded:
    results = [grade_item(one.item, one.given, one.replaces) for one in attempt.answers]
    return sum_up(results, tutorial.rules(attempt.module).pass_mark)


def _insert(model: type[Model], columns: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
    for start in range(0, len(rows), BATCH):
        insert_rows(model, columns, rows[start : start + BATCH])


def _attempt_row(key: uuid.UUID, attempt: PastAttempt, graded: Graded, version: str) -> tuple[Any, ...]:
    return (
        key,
        attempt.participant.pk,
        attempt.module,
        attempt.number,
        version,
        attempt.seed,
        (Attempt.State.PASSED if graded.passed else Attempt.State.FAILED).value,
        graded.score,
        attempt.answers[0].shown_at,
        attempt.answers[-1].answered_at,
    )


def _answer_rows(key: uuid.UUID, attempt: PastAttempt, graded: Graded) -> Iterator[tuple[Any, ...]]:
    for position, (one, result) in enumerate(zip(attempt.answers, graded.results, strict=True), 1):
        yield (
            key,
            one.item.id,
            one.item.skill,
            one.item.kind,
            position,
            one.replaces,
            json.dumps(one.given),
            result.right,
            one.shown_at,
            one.answered_at,
        )
