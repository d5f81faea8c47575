"""Who talks with whom: tickets in, pairs out."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from escollect.domain.events import Role


@dataclass(frozen=True, slots=True)
class Waiting:
    """A waiting ticket; `since` is its place in the queue."""

    ticket: UUID
    person: UUID
    role: Role
    since: datetime


Pair = tuple[Waiting, Waiting]
"""A seeker's ticket and a supporter's."""


def meeting(one: UUID, other: UUID) -> frozenset[UUID]:
    """The fact that two people were paired, in no order."""
    return frozenset({one, other})


def get_pairs(tickets: Iterable[Waiting], met: Collection[frozenset[UUID]]) -> list[Pair]:
    """Pair the oldest ticket with the oldest compatible one of the other role, again and again.

    Nobody is paired with themselves or with somebody whom they were paired with before (`met`),
    and nobody twice. Tickets of equal age go by their id, so that the result never depends on order.
    """
    queue = sorted(tickets, key=lambda waiting: (waiting.since, waiting.ticket))
    taken: set[UUID] = set()
    pairs: list[Pair] = []
    for first in queue:
        if first.person in taken:
            continue
        second = next((other for other in queue if _fits(first, other, taken, met)), None)
        if second is None:
            continue
        taken |= {first.person, second.person}
        pairs.append((first, second) if first.role is Role.SEEKER else (second, first))
    return pairs


def _fits(first: Waiting, other: Waiting, taken: set[UUID], met: Collection[frozenset[UUID]]) -> bool:
    return (
        other.role is not first.role
        and other.person != first.person
        and other.person not in taken
        and meeting(first.person, other.person) not in met
    )
