"""What a policy would change, before anything is stored."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from escollect.conversations.models import Conversation
from escollect.conversations.settling import REVIEW
from escollect.conversations.transcripts import get_transcripts
from escollect.domain.quality.policy import Policy, decide
from escollect.quality.models import Policy as Row
from escollect.quality.models import Verdict
from escollect.quality.selectors import get_ids, get_population, get_rival, hear_rules
from escollect.studies.models import Study

BATCH = 500
LIMIT = 200


@dataclass(frozen=True, slots=True)
class Change:
    """A conversation whose outcome would differ; `failed` are the rules that would not hold.

    `flipped` are the rules that say something else than in the old verdict, `decided` is what a person
    said of the conversation: that stays, whatever policies say.
    """

    conversation: UUID
    old: str | None
    new: str
    failed: tuple[str, ...]
    flipped: tuple[str, ...] = ()
    decided: str = ""

    def as_json(self) -> dict[str, Any]:
        """The change as the API gives it."""
        return {
            "conversation": str(self.conversation),
            "old": self.old,
            "new": self.new,
            "failed": list(self.failed),
            "flipped": list(self.flipped),
            "decided": self.decided or None,
        }


@dataclass
class Comparison:
    """What a policy says of many conversations, against the verdicts that are stored.

    `table` counts old outcome × new outcome ("" is: no verdict yet); `by_rule` how often a rule would not
    hold, `by_rule_before` how often it did not, `flipped` in how many of the changed ones it turned.
    """

    conversations: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    by_rule: Counter[str] = field(default_factory=Counter)
    by_rule_before: Counter[str] = field(default_factory=Counter)
    flipped: Counter[str] = field(default_factory=Counter)
    table: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    changed: int = 0
    decided: int = 0

    def add(self, seen: Seen) -> Change | None:
        """Count a conversation in; gives the change when there is one."""
        self.conversations += 1
        self.outcomes[seen.new] += 1
        self.by_rule.update(seen.failed)
        self.by_rule_before.update(name for name, held in seen.before.items() if held is False)
        self.table[seen.old or ""][seen.new] += 1
        if seen.old == seen.new:
            return None
        flipped = seen.get_flipped()
        self.changed += 1
        self.decided += bool(seen.decided)
        self.flipped.update(flipped)
        return Change(seen.conversation, seen.old, seen.new, seen.failed, flipped, seen.decided)

    def as_json(self) -> dict[str, Any]:
        """The counts as the API gives them."""
        return {
            "conversations": self.conversations,
            "outcomes": dict(self.outcomes),
            "by_rule": dict(self.by_rule),
            "by_rule_before": dict(self.by_rule_before),
            "flipped": dict(self.flipped),
            "table": {old: dict(row) for old, row in self.table.items()},
            "changed": self.changed,
            "decided": self.decided,
        }


@dataclass(frozen=True, slots=True)
class Seen:
    """One conversation under both policies: what is stored (None: nothing) and what would be."""

    conversation: UUID
    old: str | None
    before: Mapping[str, bool | None]
    new: str
    after: Mapping[str, bool | None]
    failed: tuple[str, ...]
    decided: str

    def get_flipped(self) -> tuple[str, ...]:
        """The rules that hold now and did not, or the other way round; new and gone ones count, too."""
        if self.old is None:
            return ()
        names = dict.fromkeys((*self.after, *self.before))
        return tuple(name for name in names if self.before.get(name) != self.after.get(name))


@dataclass
class Simulated(Comparison):
    """A comparison with a part of its changes: those from `offset` on, at most as many as were asked for."""

    changes: list[Change] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The simulation as the API gives it."""
        return {**super().as_json(), "changes": [change.as_json() for change in self.changes]}


def simulate(
    policy: Policy, study: Study, limit: int = LIMIT, *, source: str = "", offset: int = 0
) -> Simulated:
    """What this policy would say of the study's finished conversations. Stores nothing.

    A deciding policy is compared with the verdicts of the version that decides for the study, a selecting
    one with those of the version of its name that the study uses; a conversation without one counts as
    changed. `source` is the name of an imported file: only its conversations are looked at. Lists at most
    `limit` changes, the first `offset` left out, and counts all. Raises PolicyUnknown for a study without a
    version.
    """
    found = Simulated()
    against = get_rival(policy.name, policy.kind, study)
    for ids in get_ids(get_population(study, source), BATCH):
        for seen in look(policy, against, ids):
            change = found.add(seen)
            if change is not None and found.changed > offset and len(found.changes) < limit:
                found.changes.append(change)
    return found


def look(policy: Policy, against: Row | None, ids: Sequence[UUID]) -> Iterator[Seen]:
    """Each of these conversations under the policy, beside its stored verdict of `against`. Four queries
    and those of reading the transcripts.
    """
    stored = Verdict.objects.filter(policy=against, conversation_id__in=ids) if against else None
    rows = stored.values_list("conversation_id", "outcome", "rules") if stored is not None else ()
    old = {key: (outcome, hear_rules(rules)) for key, outcome, rules in rows}
    reviewed = Conversation.objects.filter(pk__in=ids, decided_by=REVIEW)
    decided = dict(reviewed.values_list("pk", "verdict"))
    for transcript in get_transcripts(ids):
        verdict = decide(policy, transcript)
        key = UUID(transcript.id)
        before = old.get(key)
        yield Seen(
            conversation=key,
            old=None if before is None else before[0],
            before={} if before is None else before[1],
            new=verdict.outcome,
            after={result.rule: result.held for result in verdict.rules},
            failed=verdict.failed,
            decided=decided.get(key, ""),
        )
