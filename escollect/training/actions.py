from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import Max

from escollect.accounts.models import User
from escollect.accounts.selectors import get_actor
from escollect.audit.actions import record
from escollect.domain.quiz import Graded, check_answers, grade
from escollect.domain.tutorial import EXAM, is_open
from escollect.infra.clock import now
from escollect.people.models import Participant, Role
from escollect.training.models import Attempt, Qualification
from escollect.training.practising import get_paper_to_qualify_by, is_practice_asked
from escollect.training.selectors import (
    get_open_attempt,
    get_paper,
    get_passed,
    get_rules,
    get_standing_qualification,
    get_tutorial_for,
    is_revoked,
)

SEEDS = 2**62


class TrainingRefusedError(Exception):
    """What the training does not allow now.

    `code` is `unknown` (no such module, or not for this role), `locked` (an earlier module comes
    first), `closed` (the attempt was graded already, or the questions have changed) or `revoked`
    (only staff can qualify again).
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


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


def start_attempt(participant: Participant, slug: str) -> Attempt:
    """The open attempt at a module or at the examination (slug `exam`); a new one where there is none.

    An attempt keeps its questions however often the page is opened, in whatever tab. Questions of a
    tutorial that has changed since are drawn anew. Raises TrainingRefusedError (unknown, locked, revoked).
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
    return Attempt.objects.create(
        participant=participant,
        module=slug,
        number=last + 1,
        tutorial_version=tutorial.version,
        seed=secrets.randbelow(SEEDS),
    )


@transaction.atomic
def submit_quiz(participant: Participant, slug: str, answers: Mapping[str, Sequence[str]]) -> Graded:
    """Grade the open attempt at a module or at the examination (slug `exam`) and close it.

    `answers` maps item ids to choice ids; only the questions that this attempt drew count. A passed
    examination grants the qualification, unless the study asks for a practice chat first. Raises
    BadAnswersError when an answer is missing or strange (the attempt stays open), TrainingRefusedError
    (unknown, locked, closed, revoked).
    """
    _check_entry(participant, slug)
    attempt = get_open_attempt(participant, slug)
    paper = get_paper(attempt) if attempt else None
    if attempt is None or paper is None:
        raise TrainingRefusedError("closed")
    check_answers(paper, answers)
    graded = grade(paper, answers, get_rules(participant, slug).pass_mark)
    closed = Attempt.objects.filter(pk=attempt.pk, state=Attempt.State.OPEN).update(
        state=Attempt.State.PASSED if graded.passed else Attempt.State.FAILED,
        answers={result.item.id: list(result.given) for result in graded.results},
        score=graded.score,
        graded_at=now(),
    )
    if closed != 1:
        raise TrainingRefusedError("closed")
    if slug == EXAM and graded.passed and not is_practice_asked(participant):
        _qualify(participant, attempt.tutorial_version, graded.score)
    return graded


def qualify_by_practice(participant: Participant) -> bool:
    """A whole practice chat was had: grant what the passed examination earned, where the study waited for it.

    False when nothing was waiting (not passed, qualified already, revoked). Runs in the caller's transaction.
    """
    paper = get_paper_to_qualify_by(participant) if is_practice_asked(participant) else None
    if paper is None:
        return False
    _qualify(participant, paper.tutorial_version, paper.score or 0.0)
    return True


def _qualify(participant: Participant, tutorial_version: str, score: float) -> None:
    if get_standing_qualification(participant):
        return
    _end_expired(participant)
    qualification = Qualification.objects.create(
        participant=participant, tutorial_version=tutorial_version, score=score
    )
    record(
        "qualification.earned",
        actor=f"participant:{participant.pk}",
        obj=qualification,
        new={"tutorial_version": tutorial_version, "score": score},
    )


def _end_expired(participant: Participant) -> None:
    moment = now()
    Qualification.objects.filter(participant=participant, revoked_at=None, expires_at__lte=moment).update(
        revoked_at=moment
    )


@transaction.atomic
def grant_qualification(participant: Participant, by: User | None, reason: str) -> Qualification:
    """Qualify a supporter by hand; `by` is None when the system does so (an invite says it, say).

    A qualification that stands is returned as it is. Raises ValueError when the participant is no
    supporter, or the reason is empty.
    """
    if participant.role != Role.SUPPORTER:
        raise ValueError("Only supporters are qualified; this participant is a seeker.")
    if not reason.strip():
        raise ValueError("Give a reason: it is kept with the qualification.")
    Participant.objects.select_for_update(no_key=True).get(pk=participant.pk)
    standing = get_standing_qualification(participant)
    if standing:
        return standing
    _end_expired(participant)
    qualification = Qualification.objects.create(
        participant=participant,
        tutorial_version=get_tutorial_for(participant).version,
        granted_by=by,
        reason=reason.strip(),
    )
    record("qualification.granted", actor=get_actor(by), obj=qualification, why=reason.strip())
    return qualification


@transaction.atomic
def revoke_qualification(participant: Participant, by: User, reason: str) -> bool:
    """Take the standing qualification away; False when there was none. Raises ValueError without a reason.

    The participant cannot earn it back by another examination; staff can grant it again.
    """
    if not reason.strip():
        raise ValueError("Give a reason: it is kept with the qualification.")
    standing = get_standing_qualification(participant)
    if standing is None:
        return False
    ended = Qualification.objects.filter(pk=standing.pk, revoked_at=None).update(revoked_at=now())
    if ended:
        record("qualification.revoked", actor=get_actor(by), obj=standing, why=reason.strip())
    return bool(ended)


def erase_attempts(participant: Participant) -> int:
    """Delete every attempt of a participant who withdrew; returns how many there were.

    That they were qualified stays known: it is a count of the study, and holds none of their answers.
    """
    deleted, _ = Attempt.objects.filter(participant=participant).delete()
    return deleted
