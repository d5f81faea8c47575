from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escollect.domain.events import Role
from escollect.domain.matching import Place, Standing, Waiting, Why, explain, get_pairs, meeting

START = datetime(2026, 1, 1, tzinfo=UTC)


def waiting(number: int, role: Role, *, person: int | None = None, since: int | None = None) -> Waiting:
    place = START + timedelta(seconds=number if since is None else since)
    return Waiting(UUID(int=number), UUID(int=1000 + (number if person is None else person)), role, place)


def seeker(number: int, *, person: int | None = None) -> Waiting:
    return waiting(number, Role.SEEKER, person=person)


def supporter(number: int, *, person: int | None = None) -> Waiting:
    return waiting(number, Role.SUPPORTER, person=person)


def test_the_oldest_are_paired_first_and_the_rest_waits() -> None:
    tickets = [seeker(1), seeker(2), seeker(3), supporter(4), supporter(5)]
    assert get_pairs(tickets, set()) == [(tickets[0], tickets[3]), (tickets[1], tickets[4])]


def test_nobody_talks_with_themselves_even_in_two_roles() -> None:
    assert get_pairs([seeker(1, person=7), supporter(2, person=7)], set()) == []


def test_a_person_in_two_roles_is_paired_only_once() -> None:
    tickets = [seeker(1, person=7), supporter(2, person=7), seeker(3), supporter(4)]
    assert get_pairs(tickets, set()) == [(tickets[0], tickets[3])]


def test_those_who_met_before_are_not_paired_again_but_the_next_in_line_is() -> None:
    tickets = [seeker(1), supporter(2), supporter(3)]
    met = {meeting(tickets[1].person, tickets[0].person)}
    assert get_pairs(tickets, met) == [(tickets[0], tickets[2])]


def test_one_role_alone_gives_no_pair() -> None:
    assert get_pairs([seeker(1), seeker(2)], set()) == []
    assert get_pairs([], set()) == []


people = st.lists(st.tuples(st.booleans(), st.integers(0, 6), st.integers(0, 3)), max_size=14)
meetings = st.sets(st.frozensets(st.integers(0, 6), min_size=2, max_size=2), max_size=8)


@given(people, meetings, st.randoms())
def test_pairs_are_legal_complete_and_do_not_depend_on_the_order(
    drawn: list[tuple[bool, int, int]], numbers: set[frozenset[int]], shuffle: random.Random
) -> None:
    tickets = [
        waiting(at, Role.SEEKER if is_seeker else Role.SUPPORTER, person=person, since=since)
        for at, (is_seeker, person, since) in enumerate(drawn)
    ]
    met = {frozenset(UUID(int=1000 + number) for number in pair) for pair in numbers}
    pairs = get_pairs(tickets, met)
    used = [one.person for pair in pairs for one in pair]
    assert len(used) == len(set(used))
    for first, second in pairs:
        assert (first.role, second.role) == (Role.SEEKER, Role.SUPPORTER)
        assert meeting(first.person, second.person) not in met
    rest = [ticket for ticket in tickets if ticket.person not in used]
    for one in rest:
        for other in rest:
            assert (
                one.role is other.role
                or one.person == other.person
                or meeting(one.person, other.person) in met
            )
    shuffle.shuffle(tickets)
    assert get_pairs(tickets, met) == pairs


ME = seeker(1)
OTHER = supporter(2)


def stand(waiting: Waiting, place: Place = Place.FREE) -> Standing:
    return Standing(waiting, place)


@pytest.mark.parametrize(
    ("me", "others", "why"),
    [
        (Place.FREE, [], "no_one_of_other_role"),
        (Place.FREE, [stand(seeker(3))], "no_one_of_other_role"),
        (Place.FREE, [stand(supporter(2, person=1))], "only_self"),
        (Place.FREE, [stand(supporter(9)), stand(supporter(2, person=1))], "only_met_before"),
        (Place.FREE, [stand(OTHER, Place.OFFERED), stand(supporter(9))], "offered_elsewhere"),
        (Place.FREE, [stand(OTHER, Place.ELSEWHERE)], "offered_elsewhere"),
        (Place.FREE, [stand(OTHER, Place.AWAY), stand(supporter(3), Place.OFFERED)], "others_away"),
        (Place.FREE, [stand(OTHER), stand(supporter(3), Place.AWAY)], "partner_free"),
        (Place.AWAY, [stand(OTHER)], "away"),
        (Place.ELSEWHERE, [stand(OTHER)], "elsewhere"),
        (Place.OFFERED, [stand(OTHER)], "offered"),
    ],
)
def test_why_somebody_is_still_waiting(me: Place, others: list[Standing], why: str) -> None:
    met = {meeting(ME.person, supporter(9).person)}
    one = stand(ME, me)
    assert explain(one, [one, *others], met) == why


def test_in_a_paused_study_everybody_waits_for_it_but_those_with_an_offer() -> None:
    whys = [explain(stand(ME, place), [stand(OTHER)], set(), paused=True) for place in Place]
    assert dict(zip(Place, whys, strict=True)) == {
        Place.FREE: Why.PAUSED,
        Place.AWAY: Why.PAUSED,
        Place.ELSEWHERE: Why.PAUSED,
        Place.OFFERED: Why.OFFERED,
    }


def explain_all(
    tickets: list[Waiting], paired: Iterable[Waiting], met: set[frozenset[UUID]]
) -> dict[UUID, Why]:
    """Why those who were not paired are still there, once the others have their offers."""
    taken = {one.person for one in paired}
    offered = {one.ticket for one in paired}
    standings = []
    for one in tickets:
        place = Place.ELSEWHERE if one.person in taken else Place.FREE
        standings.append(stand(one, Place.OFFERED if one.ticket in offered else place))
    return {one.waiting.ticket: explain(one, standings, met) for one in standings if one.place is Place.FREE}


@given(people, meetings)
def test_whoever_is_told_that_a_partner_is_free_is_paired_by_the_next_round(
    drawn: list[tuple[bool, int, int]], numbers: set[frozenset[int]]
) -> None:
    tickets = [
        waiting(at, Role.SEEKER if is_seeker else Role.SUPPORTER, person=person, since=since)
        for at, (is_seeker, person, since) in enumerate(drawn)
    ]
    met = {frozenset(UUID(int=1000 + number) for number in pair) for pair in numbers}
    pairs = get_pairs(tickets, met)
    assert any(why is Why.NEXT for why in explain_all(tickets, [], met).values()) == bool(pairs)
    left = explain_all(tickets, [one for pair in pairs for one in pair], met)
    assert Why.NEXT not in left.values()
