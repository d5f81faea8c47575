from __future__ import annotations

import uuid

import pytest

from escollect.conversations import actions
from escollect.conversations.selectors import RoomView, events_after, room_view
from escollect.domain.events import Refused, Role
from escollect.domain.strategies import STRATEGIES
from escollect.people.models import Participant
from tests.support.rooms import Pair, end, make_pair, make_participant, make_study, pass_time, rate, say

pytestmark = pytest.mark.django_db

SEEKER, SUPPORTER = Role.SEEKER, Role.SUPPORTER


@pytest.fixture
def pair() -> Pair:
    return make_pair().go_live()


def view_of(pair: Pair, role: Role) -> RoomView:
    view = room_view(pair.conversation, pair.of(role).pk)
    assert view is not None
    return view


def test_each_join_raises_the_epoch_of_that_side_only(pair: Pair) -> None:
    first = dict(pair.epochs)
    pair.join(SEEKER)
    assert pair.epochs == {**first, pair.seeker.pk: first[pair.seeker.pk] + 1}


def test_only_the_supporter_is_told_of_strategies(pair: Pair) -> None:
    assert (view_of(pair, SEEKER).strategies, view_of(pair, SUPPORTER).strategies) == (None, STRATEGIES)


def test_only_the_seeker_is_told_which_request_is_open(pair: Pair) -> None:
    pair.talk(3)
    assert (view_of(pair, SEEKER).rating, view_of(pair, SUPPORTER).rating) == (5, None)
    pair.ack(SEEKER, rate(5))
    assert view_of(pair, SEEKER).rating is None


def test_the_partner_is_online_away_or_offline(pair: Pair) -> None:
    assert view_of(pair, SEEKER).partner == "online"
    actions.seen(pair.conversation, pair.supporter.pk, None, visible=False)
    assert view_of(pair, SEEKER).partner == "away"
    actions.leave_room(pair.conversation, pair.supporter.pk, pair.epochs[pair.supporter.pk])
    assert view_of(pair, SEEKER).partner == "offline"
    pair.join(SUPPORTER)
    assert view_of(pair, SEEKER).partner == "online"
    pass_time(20)
    assert view_of(pair, SEEKER).partner == "offline"


def test_the_socket_of_an_older_tab_changes_no_presence(pair: Pair) -> None:
    old = pair.epochs[pair.supporter.pk]
    pair.join(SUPPORTER)
    actions.leave_room(pair.conversation, pair.supporter.pk, old)
    assert actions.seen(pair.conversation, pair.supporter.pk, old, visible=False) is False
    assert view_of(pair, SEEKER).partner == "online"


def test_a_tab_that_missed_events_gets_exactly_those(pair: Pair) -> None:
    pair.talk(4)
    assert [event.seq for event in events_after(pair.conversation, 3)] == [4, 5, 6]
    assert [event.seq for event in events_after(pair.conversation, 3, limit=2)] == [4, 5]
    assert events_after(pair.conversation, 6) == []


def test_strangers_see_no_room_and_cannot_enter_it(pair: Pair) -> None:
    stranger = make_participant(pair.seeker.study, SEEKER)
    for room in (pair.conversation, uuid.uuid4()):
        assert room_view(room, stranger.pk) is None
        assert actions.seen(room, stranger.pk, None) is False
        with pytest.raises(Refused) as refused:
            actions.join(room, stranger.pk, uuid.uuid4())
        assert refused.value.code == "forbidden"


def test_a_blocked_participant_cannot_enter_again(pair: Pair) -> None:
    Participant.objects.filter(pk=pair.seeker.pk).update(state="blocked")
    with pytest.raises(Refused) as refused:
        pair.join(SEEKER)
    assert refused.value.code == "forbidden"


def test_joining_a_room_that_is_over_says_so(pair: Pair) -> None:
    pair.ack(SEEKER, end())
    view = actions.join(pair.conversation, pair.supporter.pk, uuid.uuid4())
    assert (view.state, set(view.deadlines)) == ("survey", {"survey_by"})


def test_a_room_tells_its_deadlines_and_its_limits(pair: Pair) -> None:
    view = view_of(pair, SEEKER)
    row = pair.row
    assert view.deadlines == {"idle_by": row.idle_by, "max_by": row.max_by}
    assert (view.heartbeat, view.text_limit, view.utterance_limit, view.minimum_utterances) == (
        15,
        2000,
        300,
        16,
    )


def test_two_sides_that_join_at_different_times_go_live_once() -> None:
    pair = make_pair().meet().get_ready()
    pair.join(SEEKER)
    pair.join(SEEKER)
    assert pair.events() == []
    pair.join(SUPPORTER)
    pair.join(SUPPORTER)
    assert pair.events() == [(1, "state", "system")]


def test_a_conversation_pins_the_study_version_it_was_matched_under() -> None:
    study = make_study()
    pair = make_pair(study).go_live()
    assert study.current is not None
    old = study.current
    old.pk, old.number = None, 2
    old.definition = {**old.definition, "limits": {"utterances": 1}}
    old.save()
    study.current = old
    study.save()
    pair.ack(SEEKER, say())
    pair.ack(SEEKER, say())
    assert pair.row.version.number == 1


def test_who_has_no_socket_enters_by_polling_and_counts_as_there() -> None:
    pair = make_pair().meet()
    assert actions.seen(pair.conversation, pair.seeker.pk, None) is False
    pair.get_ready()
    for role in Role:
        pair.here(role)
    assert pair.row.state == "live"
    assert view_of(pair, SEEKER).partner == "online"
    pair.ack(SEEKER, say())


def test_polling_takes_no_room_away_from_a_socket(pair: Pair) -> None:
    pair.here(SEEKER)
    assert pair.side(SEEKER).epoch == pair.epochs[pair.seeker.pk]
    actions.leave_room(pair.conversation, pair.seeker.pk, pair.epochs[pair.seeker.pk])
    pair.here(SEEKER)
    assert view_of(pair, SUPPORTER).partner == "online"
