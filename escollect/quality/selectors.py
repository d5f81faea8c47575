"""What is known of policies, verdicts and jobs; nothing here writes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet

from escollect.conversations.models import Conversation
from escollect.domain.quality import policy as domain
from escollect.domain.quality.reading import read_policy
from escollect.domain.quality.verdicts import OUTCOMES
from escollect.quality.models import Policy, QcJob, Review, Verdict
from escollect.studies.models import Study

CORRECTABLE: Mapping[str, str] = {
    "initial_emotion_intensity": "initial_intensity",
    "final_emotion_intensity": "final_intensity",
}
"""What a review may correct: the key of the API, and the transcript's field."""


MOST_DIGITS = 9
"""No version has a number as long as this, so a longer one is not read."""


class PolicyUnknown(LookupError):
    """There is no such policy; the message says which there are."""


@dataclass
class Tally:
    """How the verdicts of one policy version are spread, and how often each rule failed."""

    policy: str
    kind: str
    rules: Sequence[str]
    outcomes: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)

    def add(self, outcome: str, failed: Iterable[str]) -> None:
        """Count a verdict in, with the names of the rules that failed."""
        self.outcomes[outcome] += 1
        self.failed.update(failed)

    def as_json(self) -> dict[str, Any]:
        """The numbers as the command prints them; None for an outcome that the policy does not have."""
        mine = OUTCOMES[self.kind]
        counts = {
            outcome: self.outcomes[outcome] if outcome in mine else None
            for outcome in ("accepted", "rejected", "needs_review", "selected")
        }
        by_rule = {rule: self.failed[rule] for rule in self.rules}
        return {"policy": self.policy, **counts, "by_rule": by_rule}


def get_rules(policy: Policy) -> domain.Policy:
    """The policy as the domain decides with it."""
    return read_policy({**policy.definition, "name": policy.name, "version": policy.version})


def get_policy(name: str) -> Policy:
    """The policy of `NAME` (its active version, else the newest) or `NAME@VERSION`. Raises PolicyUnknown."""
    bare, _, version = name.partition("@")
    found = Policy.objects.filter(name=bare).order_by("-active", "-version")
    if version:
        number = int(version) if version.isdecimal() and len(version) < MOST_DIGITS else 0
        found = found.filter(version=number)
    policy = found.first()
    if policy is None:
        known = ", ".join(str(one) for one in Policy.objects.order_by("name", "version"))
        raise PolicyUnknown(f"There is no policy {name}. Known are: {known or 'none'}.")
    return policy


def get_deciding_policy(study: Study) -> Policy:
    """The version that decides for this study now. Raises PolicyUnknown."""
    return get_policy(_names(study)[0])


def get_rival(name: str, kind: str, study: Study) -> Policy | None:
    """The version that a simulation of a policy of this name is compared with in this study.

    For a deciding policy it is the one that decides, for a selecting one the version of its name that the
    study uses (it may pin one), else the active one; None where there is none. Raises PolicyUnknown.
    """
    if kind == Policy.Kind.DECIDING:
        return get_deciding_policy(study)
    used = {policy.name: policy for policy in get_study_policies(study)}
    return used.get(name) or Policy.objects.filter(name=name, active=True).first()


def get_study_policies(study: Study) -> list[Policy]:
    """The active versions that judge this study: the deciding one first, then the selecting ones.

    Raises PolicyUnknown when the study names one that is not there.
    """
    return [get_policy(name) for name in _names(study)]


def _names(study: Study) -> tuple[str, ...]:
    version = study.current
    if version is None:
        raise PolicyUnknown(f"The study {study.slug} has no version yet. Open it first.")
    choice = version.settings.policy
    return (choice.deciding, *choice.selecting)


def get_judgeable(study: Study) -> QuerySet[Conversation]:
    """The conversations that policies look at: finished, and no practice."""
    return Conversation.objects.filter(study=study, state=Conversation.State.FINISHED).exclude(
        kind=Conversation.Kind.PRACTICE
    )


def get_population(study: Study, source: str = "") -> QuerySet[Conversation]:
    """The judgeable conversations of a study, or of one file that was imported into it."""
    found = get_judgeable(study)
    return found.filter(kind=Conversation.Kind.IMPORTED, source=source) if source else found


def get_sources(study: Study) -> list[tuple[str, int]]:
    """The imported files of a study by name, each with how many of its conversations can be judged."""
    imported = get_judgeable(study).filter(kind=Conversation.Kind.IMPORTED).exclude(source="")
    counted = imported.values_list("source").annotate(count=Count("pk")).order_by("source")
    return [(str(source), int(count)) for source, count in counted]


def get_unjudged(study: Study, policy: Policy) -> QuerySet[Conversation]:
    """The conversations of the study that lack a verdict of this policy version."""
    verdicts = Verdict.objects.filter(conversation=OuterRef("pk"), policy=policy)
    return get_judgeable(study).filter(~Exists(verdicts))


def get_forgotten(study: Study, policy: Policy) -> QuerySet[Conversation]:
    """The conversations of the study that lack a verdict of this policy version and are owed none."""
    jobs = QcJob.objects.filter(conversation=OuterRef("pk"), policy=policy, state=QcJob.State.OPEN)
    return get_unjudged(study, policy).filter(~Exists(jobs))


def get_ids(conversations: QuerySet[Conversation], size: int) -> Iterator[list[UUID]]:
    """The ids of a queryset in batches, by key: rows that change meanwhile cannot make it skip others."""
    last: UUID | None = None
    while True:
        rest = conversations if last is None else conversations.filter(pk__gt=last)
        batch = list(rest.order_by("pk").values_list("pk", flat=True)[:size])
        if not batch:
            return
        yield batch
        last = batch[-1]


def get_tally(study: Study, policy: Policy) -> Tally:
    """How the stored verdicts of this policy version over the study are spread."""
    rules = get_rules(policy)
    tally = Tally(str(policy), policy.kind, [use.name for use in rules.rules])
    rows = Verdict.objects.filter(policy=policy, conversation__in=get_judgeable(study))
    for outcome, results in rows.values_list("outcome", "rules").iterator(chunk_size=500):
        tally.add(outcome, get_failed(results))
    return tally


def hear_rules(results: Iterable[Mapping[str, Any]]) -> dict[str, bool | None]:
    """What each rule of a stored verdict said; None where it was not asked."""
    return {result["rule"]: result["held"] for result in results}


def get_failed(results: Iterable[Mapping[str, Any]]) -> list[str]:
    """The names of the rules that did not hold, of a stored verdict's rules."""
    return [result["rule"] for result in results if result["held"] is False]


def get_corrections(conversation_ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """The corrections that reviewers made and did not undo, under the transcript's names.

    A later review adds to them.
    """
    found: dict[UUID, dict[str, int]] = {}
    rows = Review.objects.filter(conversation_id__in=conversation_ids, undone_at=None).exclude(corrections={})
    for conversation_id, corrections in rows.order_by("pk").values_list("conversation_id", "corrections"):
        named = {CORRECTABLE[key]: value for key, value in corrections.items() if key in CORRECTABLE}
        found.setdefault(conversation_id, {}).update(named)
    return found


def find_imbalance() -> str | None:
    """A sentence when finished conversations × policies is not verdicts + open jobs; None when it is."""
    missing = 0
    for study in Study.objects.filter(current__isnull=False).select_related("current"):
        try:
            policies = get_study_policies(study)
        except PolicyUnknown as error:
            return str(error)
        missing += sum(get_forgotten(study, policy).count() for policy in policies)
    return f"{missing} verdicts are owed and nobody works on them" if missing else None
