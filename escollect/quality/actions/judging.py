"""Judging: one verdict for each conversation and policy version, whatever happens in between."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from uuid import UUID

from django.db import transaction

from escollect.conversations.models import Conversation
from escollect.conversations.settling import settle_many
from escollect.conversations.transcripts import get_transcripts
from escollect.domain.quality import verdicts as outcomes
from escollect.domain.quality.policy import Policy as Rules
from escollect.domain.quality.policy import decide
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
        ids = _lock_finished(verdict.conversation_id for verdict in verdicts)
        new = ids - _get_judged(policy, ids)
        Verdict.objects.bulk_create(
            [verdict for verdict in verdicts if verdict.conversation_id in ids], ignore_conflicts=True
        )
        stored = Verdict.objects.filter(policy=policy, conversation_id__in=ids)
        outcome_of = dict(stored.values_list("conversation_id", "outcome"))
        QcJob.objects.filter(policy=policy, conversation_id__in=outcome_of, state=QcJob.State.OPEN).update(
            state=QcJob.State.DONE, lease_until=None
        )
        deciding = _decided_by(policy, ids)
        settled = {key: outcome for key, outcome in outcome_of.items() if key in deciding}
        settle_many(settled)
        _flag(settled)
        if keep_findings is not None:
            keep_findings(new)
            raise_flags(policy, new & deciding)


def _keep_new(looks: Sequence[Look], rules: Rules, policy: Policy, ids: set[UUID]) -> None:
    keep([one for one in looks if one.conversation in ids], rules, policy)


def _get_judged(policy: Policy, ids: Collection[UUID]) -> set[UUID]:
    """Those of the conversations that have a verdict of this policy version."""
    rows = Verdict.objects.filter(policy=policy, conversation_id__in=ids)
    return set(rows.values_list("conversation_id", flat=True))


def _lock_finished(ids: Iterable[UUID]) -> set[UUID]:
    """Those of the conversations that are still finished, locked in id order as every writer locks them."""
    rows = Conversation.objects.select_for_update(no_key=True).filter(
        pk__in=set(ids), state=Conversation.State.FINISHED
    )
    return set(rows.order_by("pk").values_list("pk", flat=True))


def _decided_by(policy: Policy, ids: Collection[UUID]) -> set[UUID]:
    """Those of the conversations whose study this policy version decides for."""
    if policy.kind != Policy.Kind.DECIDING:
        return set()
    mine: set[UUID] = set()
    studies = Study.objects.filter(conversations__pk__in=ids).distinct().select_related("current")
    for study in studies:
        try:
            decides = get_deciding_policy(study) == policy
        except PolicyUnknown:
            decides = False
        if decides:
            own = Conversation.objects.filter(study=study, pk__in=ids)
            mine.update(own.values_list("pk", flat=True))
    return mine


def _flag(settled: dict[UUID, str]) -> None:
    """Flag the verdicts that need a person, unless one decided already."""
    decided = set(
        Conversation.objects.filter(pk__in=settled, decided_by="review").values_list("pk", flat=True)
    )
    flags = [
        Flag(conversation_id=key, kind="needs_review", severity=Flag.Severity.WARNING)
        for key, outcome in sorted(settled.items())
        if outcome == outcomes.NEEDS_REVIEW and key not in decided
    ]
    Flag.objects.bulk_create(flags, ignore_conflicts=True)


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
            settle_many(found)
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
