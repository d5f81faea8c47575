"""Looking for findings: what a deciding policy points out to people, stored with its verdicts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from escollect.domain.quality.findings import FindingUse, Found, find
from escollect.domain.quality.policy import Policy as Rules
from escollect.domain.quality.rules import FINDINGS
from escollect.domain.transcript import Transcript
from escollect.quality.actions.copying import find_copies, get_sketches
from escollect.quality.models import Finding, Flag, Policy

COPIES = frozenset({"copied_own", "copied_between"})


@dataclass(frozen=True, slots=True)
class Look:
    """What was found in one conversation before anything is locked; copies are searched for later."""

    transcript: Transcript
    found: list[Found]
    sketches: dict[int, tuple[int, ...]]

    @property
    def conversation(self) -> UUID:
        return UUID(self.transcript.id)


def look(transcript: Transcript, rules: Rules) -> Look:
    """Find what can be found in the conversation alone. Needs a transcript with writing; stores nothing."""
    alone, copies = _split(rules)
    return Look(transcript, find(alone, transcript), get_sketches(transcript) if copies else {})


def keep(looks: Sequence[Look], rules: Rules, policy: Policy) -> None:
    """Search for copies and store all findings of these conversations under this policy version.

    Runs in the transaction that stores the verdicts, for conversations that had none of this version. What
    is stored already stays.
    """
    _, copies = _split(rules)
    found = {one.conversation: list(one.found) for one in looks}
    if copies and looks:
        everywhere = find_copies(
            [one.transcript for one in looks], {one.conversation: one.sketches for one in looks}
        )
        for one in looks:
            searched = replace(one.transcript, copies=everywhere[one.conversation])
            found[one.conversation] += find(copies, searched)
    Finding.objects.bulk_create(
        [_row(conversation, one, policy) for conversation, mine in found.items() for one in mine],
        batch_size=500,
        ignore_conflicts=True,
    )


def raise_flags(policy: Policy, conversation_ids: Collection[UUID]) -> None:
    """Flag what this policy version found in these conversations; it decides for their study.

    What a person closed is raised again only where it rests on further utterances. Open flags that the
    version does not stand by go (the findings of earlier versions stay), but for urgent ones: those are a
    person's to close.
    """
    found: dict[UUID, list[Finding]] = defaultdict(list)
    for finding in Finding.objects.filter(policy=policy, conversation_id__in=conversation_ids).order_by("pk"):
        found[finding.conversation_id].append(finding)
    flags: dict[UUID, list[Flag]] = defaultdict(list)
    for flag in Flag.objects.filter(conversation_id__in=conversation_ids, kind__in=list(FINDINGS)):
        flags[flag.conversation_id].append(flag)
    new = [
        _flag(finding)
        for conversation, findings in found.items()
        for finding in findings
        if not _stands(finding, flags[conversation])
    ]
    Flag.objects.bulk_create(new, batch_size=500, ignore_conflicts=True)
    _withdraw(found, flags)


def _split(rules: Rules) -> tuple[list[FindingUse], list[FindingUse]]:
    alone = [use for use in rules.findings if use.name not in COPIES]
    return alone, [use for use in rules.findings if use.name in COPIES]


def _row(conversation: UUID, found: Found, policy: Policy) -> Finding:
    return Finding(
        conversation_id=conversation,
        policy=policy,
        rule=found.use.name,
        severity=found.use.severity,
        value=found.value,
        threshold=found.use.threshold.number,
        why=found.why,
        evidence=[span.as_json() for span in found.evidence],
    )


def _get_seqs(finding: Finding) -> list[int]:
    return sorted({span["seq"] for span in finding.evidence if "seq" in span})


def _stands(finding: Finding, flags: Sequence[Flag]) -> bool:
    """Whether a flag says so already, or a person has looked at all of it."""
    mine = [flag for flag in flags if flag.kind == finding.rule]
    if any(flag.closed_at is None for flag in mine):
        return True
    seen = {seq for flag in mine for seq in flag.evidence}
    return bool(mine) and seen.issuperset(_get_seqs(finding))


def _flag(finding: Finding) -> Flag:
    return Flag(
        conversation_id=finding.conversation_id,
        kind=finding.rule,
        severity=finding.severity,
        evidence=_get_seqs(finding),
    )


def _withdraw(found: dict[UUID, list[Finding]], flags: dict[UUID, list[Flag]]) -> None:
    rules = {conversation: {one.rule for one in findings} for conversation, findings in found.items()}
    stale = [
        flag.pk
        for conversation, mine in flags.items()
        for flag in mine
        if flag.closed_at is None
        and flag.severity != Flag.Severity.URGENT
        and flag.kind not in rules.get(conversation, ())
    ]
    if stale:
        Flag.objects.filter(pk__in=stale, closed_at=None).delete()
