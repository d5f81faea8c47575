"""Jobs: judgements that are owed, as rows. A worker is only nudged; what it loses the sweep finds."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from escollect.conversations.models import Conversation
from escollect.domain.quality.verdicts import DECIDING, NEEDS_REVIEW, NOT_SELECTED
from escollect.infra import jobs
from escollect.infra.clock import now
from escollect.quality.actions.flags import flag_help
from escollect.quality.actions.judging import judge, store
from escollect.quality.actions.simulation_jobs import sweep_simulations
from escollect.quality.models import Flag, Policy, QcJob, Verdict
from escollect.quality.selectors import (
    PolicyUnknown,
    get_forgotten,
    get_ids,
    get_study_policies,
    get_unjudged,
)
from escollect.studies.models import Study

logger = logging.getLogger(__name__)

JUDGE = "escollect.quality.tasks.judge_conversation"
BACKLOG = "escollect.quality.tasks.judge_backlog"
ATTEMPTS = 3
LEASE = timedelta(seconds=20)
LOOK_BACK = timedelta(days=1)
BATCH = 250


def owe_verdicts(study: Study, conversation_ids: Iterable[UUID], policies: Sequence[Policy] = ()) -> None:
    """Insert a job for each conversation and policy (the study's active ones unless given), and nudge.

    Runs in the caller's transaction, so that a conversation is never finished without its jobs; a job
    that is there already stays. Raises PolicyUnknown.
    """
    ids = list(conversation_ids)
    owed = policies or get_study_policies(study)
    QcJob.objects.bulk_create(
        [QcJob(conversation_id=one, policy=policy) for one in ids for policy in owed],
        batch_size=500,
        ignore_conflicts=True,
    )
    if len(ids) == 1:
        jobs.nudge(JUDGE, str(ids[0]))
    elif ids:
        jobs.nudge(BACKLOG)


def work_jobs(conversation_id: UUID | None = None) -> int:
    """Take open jobs that nobody holds (of one conversation, or up to 250) and judge them.

    Returns how many were taken. Attempts are counted and committed before the work, so a job that kills
    its worker is found out: after three attempts the verdict says that a person must look.
    """
    taken = _claim(conversation_id)
    by_policy: dict[int, list[QcJob]] = defaultdict(list)
    for job in taken:
        by_policy[job.policy_id].append(job)
    for batch in by_policy.values():
        spent = [job for job in batch if job.attempts > ATTEMPTS]
        for job in spent:
            _give_up(job, "The worker was lost three times while it judged this conversation.")
        _work([job for job in batch if job.attempts <= ATTEMPTS])
    return len(taken)


def _claim(conversation_id: UUID | None) -> list[QcJob]:
    moment = now()
    free = QcJob.objects.filter(_free(moment), state=QcJob.State.OPEN)
    if conversation_id is not None:
        free = free.filter(conversation_id=conversation_id)
    with transaction.atomic():
        ids = list(
            free.select_for_update(skip_locked=True).order_by("pk").values_list("pk", flat=True)[:BATCH]
        )
        QcJob.objects.filter(pk__in=ids).update(attempts=F("attempts") + 1, lease_until=moment + LEASE)
    return list(QcJob.objects.filter(pk__in=ids).select_related("policy").order_by("pk"))


def _free(moment: datetime) -> Q:
    return Q(lease_until=None) | Q(lease_until__lt=moment)


def _work(batch: Sequence[QcJob]) -> None:
    """Judge a batch of one policy; where it fails, one by one, so that a bad one holds up no other."""
    if not batch:
        return
    try:
        judge([job.conversation_id for job in batch], batch[0].policy)
    except Exception as error:
        if len(batch) > 1:
            for job in batch:
                _work([job])
            return
        job = batch[0]
        logger.exception("judging %s failed, attempt %d of %d", job.conversation_id, job.attempts, ATTEMPTS)
        if job.attempts >= ATTEMPTS:
            _give_up(job, f"{type(error).__name__}: {error}"[:500])
        return
    # What was not finished any more (erased meanwhile) got no verdict, and is owed none.
    left = QcJob.objects.filter(pk__in=[job.pk for job in batch], state=QcJob.State.OPEN)
    left.exclude(conversation__state=Conversation.State.FINISHED).update(
        state=QcJob.State.DONE, lease_until=None
    )


def _give_up(job: QcJob, error: str) -> None:
    """Store what stands for the verdict that could not be reached, and flag it."""
    outcome = NEEDS_REVIEW if job.policy.kind == DECIDING else NOT_SELECTED
    verdict = Verdict(
        conversation_id=job.conversation_id, policy=job.policy, outcome=outcome, rules=[], error=error
    )
    flag = Flag(conversation_id=job.conversation_id, kind="judging_failed", severity=Flag.Severity.WARNING)
    with transaction.atomic():
        store([verdict], job.policy)
        if Conversation.objects.filter(pk=job.conversation_id, state=Conversation.State.FINISHED).exists():
            Flag.objects.bulk_create([flag], ignore_conflicts=True)


def owe_study(study: Study, policy: Policy) -> int:
    """Insert the jobs that a policy version owes to all of a study; returns to how many conversations."""
    count = 0
    for ids in get_ids(get_unjudged(study, policy), BATCH):
        owe_verdicts(study, ids, [policy])
        count += len(ids)
    return count


def owe_forgotten() -> int:
    """Owe the verdicts that a change of policy passed over; returns how many.

    A conversation that finishes while a version is activated may owe the version before, and be too young
    for the activation to have seen it. Looks back a day.
    """
    count, since = 0, now() - LOOK_BACK
    for study in Study.objects.filter(current__isnull=False).select_related("current"):
        with suppress(PolicyUnknown):
            for policy in get_study_policies(study):
                for ids in get_ids(get_forgotten(study, policy).filter(finished_at__gte=since), BATCH):
                    owe_verdicts(study, ids, [policy])
                    count += len(ids)
    return count


def sweep() -> int:
    """Nudge for jobs and simulations that nobody holds (lost nudges, dead workers), owe verdicts that were
    forgotten, and flag calls for help.

    Returns how many such jobs there are.
    """
    flag_help()
    sweep_simulations()
    owe_forgotten()
    lost = QcJob.objects.filter(_free(now()), state=QcJob.State.OPEN).count()
    if lost:
        jobs.nudge(BACKLOG)
    return lost
