from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from escollect.domain.events import Role
from escollect.domain.matching import Waiting, get_pairs, meeting

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
