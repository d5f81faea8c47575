"""Rows as the JSON that the contract promises, each role seeing what its row of the table allows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from escollect.accounts.permissions import Thing
from escollect.api.auth import StaffAccess
from escollect.conversations.models import Conversation, Event, SurveyResponse
from escollect.conversations.reading import VISIBLE, get_before_answers
from escollect.corpus.models import Release
from escollect.domain.wire import STAFF, view
from escollect.quality.models import Flag, Policy, Verdict
from escollect.studies.models import Study

RULE_KEYS = ("rule", "value", "threshold", "held", "why")
Json = dict[str, Any]


def present_study(study: Study) -> Json:
    """A study. Expects `current` to be joined."""
    return {
        "slug": study.slug,
        "title": study.title,
        "state": study.state,
        "version": study.current.number if study.current else None,
        "licence": study.licence,
    }


def get_conversations() -> QuerySet[Conversation]:
    """What staff may open, with everything that `present_conversations` needs; seven queries a page."""
    return (
        Conversation.objects.filter(VISIBLE)
        .select_related("study")
        .prefetch_related(
            Prefetch("verdicts", Verdict.objects.select_related("policy").order_by("policy__name", "policy")),
            Prefetch("flags", Flag.objects.order_by("raised_at", "pk")),
            Prefetch("surveys", SurveyResponse.objects.filter(kind=SurveyResponse.Kind.AFTER)),
            Prefetch("events", Event.objects.order_by("seq")),
        )
    )


def present_conversations(rows: Sequence[Conversation], access: StaffAccess) -> list[Json]:
    """Conversations from `get_conversations` as this token may see them."""
    before = get_before_answers([row.pk for row in rows])
    return [_present_conversation(row, before, access) for row in rows]


def _present_conversation(
    row: Conversation, before: Mapping[UUID, Mapping[str, Any]], access: StaffAccess
) -> Json:
    after = {response.participant_id: response.answers for response in row.surveys.all()}
    shown: Json = {
        "id": row.pk,
        "study": row.study.slug,
        "state": row.state,
        "seeker": row.seeker_id,
        "supporter": row.supporter_id,
        "verdict": row.verdict or None,
        "decided_by": row.decided_by or None,
        "verdicts": [present_verdict(verdict) for verdict in row.verdicts.all()],
        "flags": [_present_flag(flag) for flag in row.flags.all()],
        "surveys": {
            "before": before.get(row.pk),
            "after_seeker": after.get(row.seeker_id),
            "after_supporter": after.get(row.supporter_id),
        },
        "events": [_present_event(event, access) for event in row.events.all()],
    }
    if not access.may(Thing.FINDING):
        del shown["flags"]
    return shown


def present_verdict(verdict: Verdict) -> Json:
    """A verdict inside its conversation. Expects `policy` to be joined."""
    return {
        "policy": verdict.policy.name,
        "version": verdict.policy.version,
        "outcome": verdict.outcome,
        "rules": [{key: rule.get(key) for key in RULE_KEYS} for rule in verdict.rules],
    }


def present_verdict_row(verdict: Verdict) -> Json:
    """A verdict in the list of all."""
    return {**present_verdict(verdict), "conversation": verdict.conversation_id, "at": verdict.at}


def _present_flag(flag: Flag) -> Json:
    return {
        "kind": flag.kind,
        "severity": flag.severity,
        "evidence": flag.evidence,
        "raised_at": flag.raised_at,
        "closed_at": flag.closed_at,
    }


def _present_event(event: Event, access: StaffAccess) -> Json:
    shown = view(event, STAFF)
    del shown["t"]
    if "tele" in event.payload and access.may(Thing.TELEMETRY):
        shown["tele"] = event.payload["tele"]
    return shown


def present_policy(policy: Policy) -> Json:
    """A policy version."""
    return {
        "name": policy.name,
        "version": policy.version,
        "active": policy.active,
        "definition": policy.definition,
    }


def present_release(release: Release) -> Json:
    """A release; a failed one says why. Expects `study` to be joined."""
    failure = {"error": release.error} if release.state == Release.State.FAILED else {}
    return {
        "id": release.pk,
        "study": release.study.slug,
        "version": release.version,
        "state": release.state,
        "counts": release.counts,
        "files": release.files,
        "sha256": release.sha256,
        **failure,
    }
