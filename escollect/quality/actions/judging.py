"""Judging: one verdict for each conversation and policy version, whatever happens in between."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from escollect.conversations.models import Conversation
from escollect.conversations.settling import REVIEW, settle_many
from escollect.conversations.transcripts import get_transcripts
from escollect.domain.quality.policy import Policy as Rules
from escollect.domain.quality.policy import decide
from escollect.domain.quality.verdicts import NEEDS_REVIEW
from escollect.infra.clock import now
from escollect.quality.actions.examining import Look, keep, look, raise_flags
from escollect.quality.models import Flag, Policy, QcJob, Verdict
from escollect.quality.selectors import (
    PolicyUnknown,
    Tally,
    get_deciding_policy,
    get_ids,
    get_judgeable,
    get_rules,
    get_tally,
    get_unjudged,
)
from escollect.studies.models import Study

BATCH = 250


class _Room(NamedTuple):
    """What a locked conversation said before it was judged."""

    study: int
    verdict: str
    decided_by: str


def judge(conversation_ids: Sequence[UUID], policy: Policy) -> None:
    """Judge these conversations with this policy version and store what lacks a verdict.

    Idempotent: a verdict that is there stays as it is. The study's deciding policy also settles the
    conversations, unless a person decided; those that need a person are flagged. Conversations that
    are not finished are left out, and so is practice.
    """
    rules = get_rules(policy)
    finished = Conversation.objects.filter(
        pk__in=conversation_ids, state=Conversation.State.FINISHED
    ).exclude(kind=Conversation.Kind.PRACTICE)
    ids = list(finished.order_by("pk").values_list("pk", flat=True))
    verdicts, looks = [], []
    for transcript in get_transcripts(ids, with_writing=bool(rules.findings)):
        verdict = decide(rules, transcript)
        verdicts.append(
            Verdict(
                conversation_id=UUID(transcript.id),
                policy=policy,
                outcome=verdict.outcome,
                rules=[result.as_json() for result in verdict.rules],
            )
        )
        if rules.findings:
            looks.append(look(transcript, rules))
    store(verdicts, policy, partial(_keep_new, looks, rules, policy))


def store(
    verdicts: Sequence[Verdict], policy: Policy, keep_findings: Callable[[set[UUID]], None] | None = None
) -> None:
    """Insert the verdicts that are new, close their jobs, settle and flag, in one transaction.

    `keep_findings` stores in it what was found in the conversations of the new verdicts. Conversations that
    were erased while they were judged are left out: what was measured is erased too.
    """
    with transaction.atomic():
        rooms = _lock_finished(verdict.conversation_id for verdict in verdicts)
        outcome_of = _get_outcomes(policy, rooms)
        new = {verdict.conversation_id: verdict for verdict in verdicts if verdict.conversation_id in rooms}
        for judged in outcome_of:
            new.pop(judged, None)
        Verdict.objects.bulk_create(new.values(), ignore_conflicts=True)
        outcome_of |= {key: verdict.outcome for key, verdict in new.items()}
        QcJob.objects.filter(policy=policy, conversation_id__in=outcome_of, state=QcJob.State.OPEN).update(
            state=QcJob.State.DONE, lease_until=None
        )
        deciding = _decides_for(policy, {room.study for room in rooms.values()})
        mine = {key: room for key, room in rooms.items() if room.study in deciding}
        _settle(mine, outcome_of)
        if keep_findings is not None:
            keep_findings(set(new))
            raise_flags(policy, new.keys() & mine.keys())


def _keep_new(looks: Sequence[Look], rules: Rules, policy: Policy, ids: set[UUID]) -> None:
    keep([one for one in looks if one.conversation in ids], rules, policy)


def _get_outcomes(policy: Policy, ids: Collection[UUID]) -> dict[UUID, str]:
    """The outcomes that are stored of this policy version; the rows are locked, so nobody adds to them."""
    rows = Verdict.objects.filter(policy=policy, conversation_id__in=ids)
    return dict(rows.values_list("conversation_id", "outcome"))


def _lock_finished(ids: Iterable[UUID]) -> dict[UUID, _Room]:
    """Those of the conversations that are still finished, locked in id order as every writer locks them."""
    rows = Conversation.objects.select_for_update(no_key=True).filter(
        pk__in=set(ids), state=Conversation.State.FINISHED
    )
    return {
        pk: _Room(study, verdict, decided_by)
        for pk, study, verdict, decided_by in rows.order_by("pk").values_list(
            "pk", "study_id", "verdict", "decided_by"
        )
    }


def _decides_for(policy: Policy, study_ids: Collection[int]) -> set[int]:
    """Those of the studies that this policy version decides for."""
    if policy.kind != Policy.Kind.DECIDING:
        return set()
    mine: set[int] = set()
    for study in Study.objects.filter(pk__in=study_ids).select_related("current"):
        try:
            if get_deciding_policy(study) == policy:
                mine.add(study.pk)
        except PolicyUnknown:
            continue
    return mine


def _settle(rooms: Mapping[UUID, _Room], outcome_of: Mapping[UUID, str]) -> None:
    """Settle the conversations by these outcomes, and flag those that need a person now.

    What a person decided stays. The flag of an earlier verdict that no longer stands is closed.
    """
    open_to = {key: room for key, room in rooms.items() if room.decided_by != REVIEW and key in outcome_of}
    settle_many({key: outcome_of[key] for key in open_to})
    asked = [key for key in sorted(open_to) if outcome_of[key] == NEEDS_REVIEW]
    flags = [Flag(conversation_id=key, kind=NEEDS_REVIEW, severity=Flag.Severity.WARNING) for key in asked]
    Flag.objects.bulk_create(flags, ignore_conflicts=True)
    over = [key for key, room in open_to.items() if room.verdict == NEEDS_REVIEW != outcome_of[key]]
    if over:
        stale = Flag.objects.filter(conversation_id__in=over, kind=NEEDS_REVIEW, closed_at=None)
        stale.update(closed_at=now())


def judge_missing(study: Study, policy: Policy, progress: Callable[[int], None] | None = None) -> int:
    """Judge what lacks a verdict of this policy version in the study, in batches; returns how many it was.

    `progress` is told how many were judged so far.
    """
    done = 0
    for ids in get_ids(get_unjudged(study, policy), BATCH):
        judge(ids, policy)
        done += len(ids)
        if progress is not None:
            progress(done)
    return done


def judge_study(study: Study, policy: Policy, progress: Callable[[int], None] | None = None) -> Tally:
    """Judge what lacks a verdict, and return the tally of every conversation, earlier verdicts included."""
    judge_missing(study, policy, progress)
    return get_tally(study, policy)


def resettle(study: Study, policy: Policy) -> None:
    """Settle the study's conversations by the verdicts that this policy version has stored already.

    For a policy that comes to decide later than it judged; what a person decided stays.
    """
    rows = Verdict.objects.filter(policy=policy, conversation__study=study)
    for ids in get_ids(get_judgeable(study), BATCH):
        found = dict(rows.filter(conversation_id__in=ids).values_list("conversation_id", "outcome"))
        with transaction.atomic():
            _settle(_lock_finished(found), found)
            raise_flags(policy, found)


def preview(study: Study, policy: Policy) -> Tally:
    """The tally that `judge_study` would return, without storing anything."""
    rules = get_rules(policy)
    tally = get_tally(study, policy)
    for ids in get_ids(get_unjudged(study, policy), BATCH):
        for transcript in get_transcripts(ids):
            verdict = decide(rules, transcript)
            tally.add(verdict.outcome, verdict.failed)
    return tally
