"""What a policy would change, before anything is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from escollect.conversations.transcripts import get_transcripts
from escollect.domain.quality.policy import Policy, decide
from escollect.quality.models import Policy as Row
from escollect.quality.models import Verdict
from escollect.quality.selectors import get_deciding_policy, get_ids, get_judgeable
from escollect.studies.models import Study

BATCH = 250


@dataclass(frozen=True, slots=True)
class Change:
    """A conversation whose outcome would differ; `failed` are the rules that would not hold."""

    conversation: UUID
    old: str | None
    new: str
    failed: tuple[str, ...]


@dataclass
class Simulation:
    """What a policy says of a whole study, against the verdicts stored of its active version."""

    conversations: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    by_rule: Counter[str] = field(default_factory=Counter)
    changed: int = 0
    changes: list[Change] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The simulation as the API gives it."""
        return {
            "conversations": self.conversations,
            "outcomes": dict(self.outcomes),
            "by_rule": dict(self.by_rule),
            "changed": self.changed,
            "changes": [
                {
                    "conversation": str(change.conversation),
                    "old": change.old,
                    "new": change.new,
                    "failed": list(change.failed),
                }
                for change in self.changes
            ],
        }


def simulate(policy: Policy, study: Study, limit: int = 200) -> Simulation:
    """What this policy would say of the study's finished conversations. Stores nothing.

    A deciding policy is compared with the verdicts of the policy that decides for the study, a selecting
    one with those of the active version of its name; a conversation without one counts as changed. Lists
    at most `limit` changes and counts all. Raises PolicyUnknown for a study without a version.
    """
    found = Simulation()
    rival = get_deciding_policy(study).name if policy.kind == Row.Kind.DECIDING else policy.name
    for ids in get_ids(get_judgeable(study), BATCH):
        old = _stored(rival, ids)
        for transcript in get_transcripts(ids):
            verdict = decide(policy, transcript)
            key = UUID(transcript.id)
            found.conversations += 1
            found.outcomes[verdict.outcome] += 1
            found.by_rule.update(verdict.failed)
            if old.get(key) != verdict.outcome:
                found.changed += 1
                if len(found.changes) < limit:
                    found.changes.append(Change(key, old.get(key), verdict.outcome, verdict.failed))
    return found


def _stored(name: str, ids: list[UUID]) -> Mapping[UUID, str]:
    rows = Verdict.objects.filter(policy__name=name, policy__active=True, conversation_id__in=ids)
    return dict(rows.values_list("conversation_id", "outcome"))
