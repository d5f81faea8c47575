"""Who talks with whom: tickets in, pairs out."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
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


class Place(StrEnum):
    """What keeps the holder of a ticket from being paired; FREE: nothing does."""

    FREE = "free"
    AWAY = "away"
    OFFERED = "offered"
    ELSEWHERE = "elsewhere"


class Why(StrEnum):
    """Why somebody is still waiting."""

    OFFERED = "offered"
    PAUSED = "paused"
    ELSEWHERE = "elsewhere"
    AWAY = "away"
    NO_ONE = "no_one_of_other_role"
    ONLY_SELF = "only_self"
    ONLY_MET = "only_met_before"
    TAKEN = "offered_elsewhere"
    OTHERS_AWAY = "others_away"
    NEXT = "partner_free"


@dataclass(frozen=True, slots=True)
class Standing:
    """A ticket in the waiting room and what its holder is doing."""

    waiting: Waiting
    place: Place = Place.FREE


_OWN = {Place.OFFERED: Why.OFFERED, Place.ELSEWHERE: Why.ELSEWHERE, Place.AWAY: Why.AWAY}


def explain(
    one: Standing, others: Iterable[Standing], met: Collection[frozenset[UUID]], *, paused: bool = False
) -> Why:
    """Why the holder of a ticket is still waiting, by the rules of `get_pairs`.

    `others` may hold the ticket itself. `paused`: nobody is paired in this study at the moment.
    NEXT says that the next round of matching pairs this ticket, or one that stands before it.
    """
    if one.place is Place.OFFERED or (one.place is not Place.FREE and not paused):
        return _OWN[one.place]
    if paused:
        return Why.PAUSED
    me = one.waiting
    partners = [other for other in others if other.waiting.role is not me.role]
    strangers = [other for other in partners if other.waiting.person != me.person]
    new = [other for other in strangers if meeting(me.person, other.waiting.person) not in met]
    for found, why in ((partners, Why.NO_ONE), (strangers, Why.ONLY_SELF), (new, Why.ONLY_MET)):
        if not found:
            return why
    places = {other.place for other in new}
    if Place.FREE in places:
        return Why.NEXT
    return Why.OTHERS_AWAY if Place.AWAY in places else Why.TAKEN
