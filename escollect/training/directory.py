"""The participants of a study as staff list and find them, with what they are qualified for."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from escollect.infra.keyset import Slice, get_slice
from escollect.people.models import Participant, Role
from escollect.studies.models import Study
from escollect.training.models import Attempt, Qualification
from escollect.training.selectors import filter_standing

ORDER = ("-created_at", "-id")
QUALIFIED, UNQUALIFIED = "qualified", "unqualified"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to list; an empty value does not filter. `by_identity` lets the search match platform ids."""

    search: str = ""
    role: str = ""
    state: str = ""
    qualification: str = ""
    by_identity: bool = False


def get_directory(study: Study, wanted: Wanted, cursor: str = "", size: int = 25) -> Slice[Participant]:
    """A page of a study's participants, the newest first; people of imported conversations are left out.

    Each has `qualified`, whether a qualification stands. The search matches a part of the pseudonym, a
    whole participant id and, with `by_identity`, a whole platform id. Two queries.
    """
    standing = filter_standing(study).filter(participant=OuterRef("pk"))
    people = (
        Participant.objects.filter(study=study)
        .exclude(source__in=Participant.SYNTHETIC)
        .select_related("person")
        .annotate(qualified=Exists(standing))
    )
    if wanted.role:
        people = people.filter(role=wanted.role)
    if wanted.state:
        people = people.filter(state=wanted.state)
    if wanted.qualification:
        people = people.filter(role=Role.SUPPORTER, qualified=wanted.qualification == QUALIFIED)
    if wanted.search:
        people = people.filter(_matches(wanted.search.strip(), wanted.by_identity))
    return get_slice(people, ORDER, cursor, size)


def _matches(search: str, by_identity: bool) -> Q:
    condition = Q(pseudonym__icontains=search)
    with contextlib.suppress(ValueError):
        condition |= Q(pk=UUID(search))
    return condition | Q(person__external_id=search) if by_identity else condition


def get_qualifications(participant: Participant) -> Sequence[Qualification]:
    """Every qualification a participant ever had, the newest first."""
    rows = Qualification.objects.filter(participant=participant).select_related("granted_by")
    return list(rows.order_by("-granted_at", "-pk"))


def get_attempts(participant: Participant) -> Sequence[Attempt]:
    """Every graded attempt of a participant with its answers, the newest first."""
    rows = Attempt.objects.filter(participant=participant).exclude(state=Attempt.State.OPEN)
    rows = rows.prefetch_related("answers")
    return list(rows.order_by("-graded_at", "-pk"))
