"""What a study's gate holds back: how often one may try, how soon, and how fast."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from django.db.models import Min

from escollect.domain.tutorial import EXAM
from escollect.infra.clock import now
from escollect.people.models import Participant
from escollect.training.models import Attempt
from escollect.training.selectors import get_gate, has_qualification, is_revoked


def count_failures(participant: Participant) -> dict[str, int]:
    """Failed attempts by part since it was last passed; a part that stands passed is left out.

    An examination that has to be taken again, after an expiry say, is counted anew.
    """
    graded = Attempt.objects.filter(participant=participant).exclude(state=Attempt.State.OPEN)
    failures: dict[str, int] = {}
    for module, state in graded.order_by("number").values_list("module", "state"):
        failures[module] = 0 if state == Attempt.State.PASSED else failures.get(module, 0) + 1
    return {module: count for module, count in failures.items() if count}


def get_limit(participant: Participant, slug: str) -> int | None:
    """How often the study lets somebody try a module or the examination; None: as often as they like."""
    gate = get_gate(participant)
    return gate.attempts if slug == EXAM else gate.module_attempts


def get_tries_left(participant: Participant, slug: str) -> int | None:
    """How many attempts at a part are left; None where the study does not count."""
    limit = get_limit(participant, slug)
    return None if limit is None else max(0, limit - count_failures(participant).get(slug, 0))


def is_over(participant: Participant) -> bool:
    """Whether the last attempt that the study allows was failed, so that only staff can qualify."""
    gate = get_gate(participant)
    if gate.attempts is None and gate.module_attempts is None:
        return False
    used = count_failures(participant)
    spent = any(
        limit is not None and count >= limit
        for slug, count in used.items()
        for limit in [get_limit(participant, slug)]
    )
    return spent and not has_qualification(participant) and not is_revoked(participant)


def get_exam_opening(participant: Participant) -> datetime | None:
    """When the next examination opens after a failed one; None when it is open already."""
    hours = get_gate(participant).cool_down
    last = Attempt.objects.filter(participant=participant, module=EXAM).exclude(state=Attempt.State.OPEN)
    failed = last.order_by("-number").first() if hours else None
    if failed is None or failed.state != Attempt.State.FAILED or failed.graded_at is None:
        return None
    opening = failed.graded_at + timedelta(hours=hours)
    return opening if opening > now() else None


def get_seconds_to_read(participant: Participant, slug: str) -> int:
    """How many seconds of the study's time floor are left since a module was first opened."""
    floor = get_gate(participant).time_floor_s
    if not floor:
        return 0
    tries = Attempt.objects.filter(participant=participant, module=slug)
    opened: datetime | None = tries.aggregate(first=Min("started_at"))["first"]
    if opened is None:
        return floor
    return max(0, math.ceil(floor - (now() - opened).total_seconds()))
