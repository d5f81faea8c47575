"""Attempts: drawn, answered question by question or as a whole, and graded once."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max

from escollect.domain.quiz import (
    Graded,
    Item,
    ItemResult,
    check_answers,
    draw_replacement,
    grade_item,
    sum_up,
)
from escollect.domain.tutorial import EXAM, is_open
from escollect.infra.clock import now
from escollect.people.models import Participant, Role
from escollect.training.actions.qualifying import qualify_by_paper
from escollect.training.limits import get_exam_opening, get_seconds_to_read, is_over
from escollect.training.models import Answer, Attempt
from escollect.training.papers import Asked, get_asked, get_open_attempt
from escollect.training.selectors import get_passed, get_rules, get_tutorial_for, is_revoked
from escollect.training.signals import training_failed

SEEDS = 2**62


class TrainingRefusedError(Exception):
    """What the training does not allow now.

    `code` is `unknown` (no such module, or not for this role), `locked` (an earlier module comes
    first), `closed` (the attempt was graded already, or the questions have changed), `revoked`
    (only staff can qualify again), `over` (the last attempt was failed), `cooling` (the next
    examination is not open yet) or `early` (the text wants to be read first; `seconds` are left).
    """

    def __init__(self, code: str, seconds: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.seconds = seconds


@dataclass(frozen=True)
class Answered:
    """What one answer came to: its result, the question that takes its place, and the end of the paper.

    `following` is another question of the same skill after a wrong answer; `graded` is there once
    nothing is left to answer.
    """

    asked: Asked
    result: ItemResult
    following: Asked | None
    graded: Graded | None


def _check_entry(participant: Participant, slug: str) -> None:
    tutorial = get_tutorial_for(participant)
    if participant.role != Role.SUPPORTER:
        raise TrainingRefusedError("unknown")
    if slug != EXAM and tutorial.module(slug) is None:
        raise TrainingRefusedError("unknown")
    if not is_open(tutorial.modules, get_passed(participant), slug):
        raise TrainingRefusedError("locked")
    if slug == EXAM and is_revoked(participant):
        raise TrainingRefusedError("revoked")
    if is_over(participant):
        raise TrainingRefusedError("over")
    if slug == EXAM and get_exam_opening(participant) is not None:
        raise TrainingRefusedError("cooling")


def start_attempt(participant: Participant, slug: str) -> Attempt:
    """The open attempt at a module or at the examination (slug `exam`); a new one where there is none.

    An attempt keeps its questions however often the page is opened, in whatever tab. Questions of a
    tutorial that has changed since are drawn anew. Raises TrainingRefusedError (unknown, locked, revoked,
    over, cooling).
    """
    _check_entry(participant, slug)
    return get_open_attempt(participant, slug) or _draw_attempt(participant, slug)


@transaction.atomic
def _draw_attempt(participant: Participant, slug: str) -> Attempt:
    Participant.objects.select_for_update(no_key=True).get(pk=participant.pk)
    waiting = get_open_attempt(participant, slug)
    if waiting:
        return waiting
    tutorial = get_tutorial_for(participant)
    tries = Attempt.objects.filter(participant=participant, module=slug)
    tries.filter(state=Attempt.State.OPEN).delete()
    last = tries.aggregate(last=Max("number"))["last"] or 0
    attempt = Attempt.objects.create(
        participant=participant,
        module=slug,
        number=last + 1,
        tutorial_version=tutorial.version,
        seed=secrets.randbelow(SEEDS),
        started_at=now(),
    )
    paper = tutorial.paper(slug, attempt.seed)
    Answer.objects.bulk_create(_ask(attempt, item, place) for place, item in enumerate(paper, 1))
    return attempt


def _ask(attempt: Attempt, item: Item, position: int, replaces: str = "") -> Answer:
    return Answer(
        attempt=attempt,
        item=item.id,
        skill=item.skill,
        kind=item.kind,
        position=position,
        replaces=replaces,
        shown_at=now() if replaces else attempt.started_at,
    )


@transaction.atomic
def submit_quiz(participant: Participant, slug: str, answers: Mapping[str, Sequence[str]]) -> Graded:
    """Grade the open attempt at a module or at the examination (slug `exam`) as a whole, and close it.

    `answers` maps item ids to choice ids; only the questions of this attempt that are not answered yet
    count. A passed examination grants the qualification, unless the study asks for a practice chat first;
    the last failed attempt that the study allows ends the training. Raises BadAnswersError when an
    answer is missing or strange (the attempt stays open), TrainingRefusedError (unknown, locked, closed,
    revoked, over, cooling, early).
    """
    attempt, paper = _enter(participant, slug)
    waiting = [asked for asked in paper if asked.answer.answered_at is None]
    check_answers([asked.item for asked in waiting], answers)
    results = {asked.item.id: _write(asked, answers[asked.item.id]) for asked in waiting}
    return _close(participant, attempt, [results.get(a.item.id) or a.get_result() for a in paper])


def _enter(participant: Participant, slug: str) -> tuple[Attempt, Sequence[Asked]]:
    """The open attempt, locked, with its questions."""
    _check_entry(participant, slug)
    found = get_open_attempt(participant, slug)
    locked = None
    if found is not None:
        locked = Attempt.objects.select_for_update(no_key=True).filter(pk=found.pk, state=Attempt.State.OPEN)
    attempt = None if locked is None else locked.first()
    if attempt is None:
        raise TrainingRefusedError("closed")
    attempt.participant = participant
    seconds = 0 if slug == EXAM else get_seconds_to_read(participant, slug)
    if seconds:
        raise TrainingRefusedError("early", seconds)
    paper = get_asked(attempt)
    if paper is None:
        raise TrainingRefusedError("closed")
    return attempt, paper


def _write(asked: Asked, given: Sequence[str]) -> ItemResult:
    """Store a first answer; a second one changes nothing and is refused."""
    result = grade_item(asked.item, [choice for choice in given if choice], asked.answer.replaces)
    written = Answer.objects.filter(pk=asked.answer.pk, answered_at=None).update(
        given=list(result.given), right=result.right, answered_at=now()
    )
    if written != 1:
        raise TrainingRefusedError("closed")
    return result


def _close(participant: Participant, attempt: Attempt, results: Sequence[ItemResult]) -> Graded:
    graded = sum_up(results, get_rules(participant, attempt.module).pass_mark)
    closed = Attempt.objects.filter(pk=attempt.pk, state=Attempt.State.OPEN).update(
        state=Attempt.State.PASSED if graded.passed else Attempt.State.FAILED,
        score=graded.score,
        graded_at=now(),
    )
    if closed != 1:
        raise TrainingRefusedError("closed")
    if attempt.module == EXAM and graded.passed:
        qualify_by_paper(participant, attempt.tutorial_version, graded.score)
    elif not graded.passed and is_over(participant):
        training_failed.send(sender=Attempt, participant=participant)
    return graded


@transaction.atomic
def answer_question(participant: Participant, slug: str, item_id: str, given: Sequence[str]) -> Answered:
    """Grade one question of a module's open attempt at once; the examination is graded as a whole only.

    A wrong answer to a drawn question adds another one of the same skill, if there is one left; the last
    answer closes the attempt. A question that was answered before keeps its first answer, whatever is
    sent. Raises BadAnswersError, TrainingRefusedError (unknown, locked, closed, over, early).
    """
    if slug == EXAM:
        raise TrainingRefusedError("unknown")
    attempt, paper = _enter(participant, slug)
    asked = next((asked for asked in paper if asked.item.id == item_id), None)
    if asked is None:
        raise TrainingRefusedError("closed")
    if asked.answer.answered_at is not None:
        following = next((each for each in paper if each.answer.replaces == item_id), None)
        return Answered(asked, asked.get_result(), following, None)
    check_answers([asked.item], {item_id: given})
    result = _write(asked, given)
    following = None if result.right else _ask_again(participant, attempt, asked, paper)
    left = [each for each in paper if each.answer.answered_at is None and each is not asked]
    graded = None
    if not left and following is None:
        results = [result if each is asked else each.get_result() for each in paper]
        graded = _close(participant, attempt, results)
    return Answered(asked, result, following, graded)


def _ask_again(
    participant: Participant, attempt: Attempt, missed: Asked, paper: Sequence[Asked]
) -> Asked | None:
    """Another question of the skill that was missed, at the end of the paper; one at most for each drawn."""
    module = get_tutorial_for(participant).module(attempt.module)
    if missed.answer.replaces or module is None:
        return None
    had = [asked.item.id for asked in paper]
    item = draw_replacement(module.items, missed.item.skill, had, attempt.seed)
    if item is None:
        return None
    answer = _ask(attempt, item, len(paper) + 1, replaces=missed.item.id)
    answer.save()
    return Asked(answer, item)


def erase_attempts(participant: Participant) -> int:
    """Delete every attempt of a participant who withdrew; returns how many there were.

    That they were qualified stays known: it is a count of the study, and holds none of their answers.
    """
    attempts = Attempt.objects.filter(participant=participant)
    count = attempts.count()
    attempts.delete()
    return count
