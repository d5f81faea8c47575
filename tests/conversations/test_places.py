"""Where people stand, for many at once: what each would be told alone, in a fixed number of queries."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from escollect.conversations import actions
from escollect.conversations.places import LobbyView, get_lobby_view, get_lobby_views
from escollect.domain.events import Role
from escollect.people.models import Participant
from tests.support.rooms import end, make_pair, make_participant, make_study, pass_time

pytestmark = pytest.mark.django_db


def make_everybody() -> list[Participant]:
    """Somebody at every point of the waiting room, in two studies."""
    everybody: list[Participant] = []
    for slug in ("one", "two"):
        study = make_study(slug)
        live, ready, offered = make_pair(study).go_live(), make_pair(study).meet(), make_pair(study).meet()
        actions.ready(ready.seeker, ready.conversation)
        over = make_pair(study).go_live()
        over.ack(Role.SEEKER, end())
        waiting = [make_participant(study, Role.SUPPORTER) for _ in range(3)]
        for one in waiting:
            actions.hello(one)
        actions.leave(waiting[1])
        nobody = make_participant(study, Role.SUPPORTER)
        everybody += [live.seeker, ready.seeker, ready.supporter, offered.supporter, over.supporter]
        everybody += [*waiting, nobody]
    return everybody


def test_many_stand_where_each_stands_alone(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    everybody = make_everybody()
    pass_time(301)
    with django_assert_max_num_queries(7):
        found = get_lobby_views([one.pk for one in everybody])
    assert found == {one.pk: get_lobby_view(one.pk) for one in everybody}
    statuses = [found[one.pk].status for one in everybody]
    of_a_study = ["matched", "offer", "offer", "offer", "out", "waiting", "closed", "waiting", "out"]
    assert statuses == of_a_study * 2
    assert [found[one.pk].position for one in everybody[5:8]] == [1, None, 2]
    assert [found[one.pk].ready for one in everybody[1:3]] == [True, False]
    assert found[everybody[6].pk] == LobbyView("closed", outcome="self_left")
    assert found[everybody[5].pk].prompt_due


def test_of_nobody_nothing_is_asked(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_max_num_queries(1):
        assert get_lobby_views([]) == {}
