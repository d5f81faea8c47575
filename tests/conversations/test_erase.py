from __future__ import annotations

import pytest

from escollect.conversations import actions, signals
from escollect.conversations.models import Conversation, Event, HelpRequest, SurveyResponse, Ticket
from escollect.conversations.selectors import next_step, room_view
from escollect.domain.events import Refused, Role
from escollect.domain.lifecycle import Step
from escollect.people.actions import block, withdraw
from escollect.people.models import Participant
from tests.support.rooms import (
    BEFORE,
    Pair,
    call_help,
    end,
    make_pair,
    make_participant,
    make_study,
    rate,
    say,
)

pytestmark = pytest.mark.django_db

SEEKER, SUPPORTER = Role.SEEKER, Role.SUPPORTER


def held(pair: Pair) -> Pair:
    """A conversation with something in every place where people write."""
    pair.go_live()
    pair.talk(4)
    pair.ack(SEEKER, rate(5))
    pair.ack(SEEKER, call_help("tech", "The window flickers."))
    pair.ack(SEEKER, end())
    for role in Role:
        pair.answer(role)
    return pair


def words_of(pair: Pair) -> list[object]:
    """Everything of a conversation that a person wrote or chose and that is still there."""
    events = Event.objects.filter(conversation=pair.conversation).exclude(kind="state")
    left: list[object] = [
        word for row in events.values_list("text", "strategy", "value", "payload") for word in row
    ]
    left += HelpRequest.objects.values_list("note", flat=True)
    left += SurveyResponse.objects.values_list("answers", flat=True)
    return [word for word in left if word]


def test_a_withdrawal_leaves_no_word_but_the_sequence() -> None:
    pair = held(make_pair())
    before = pair.events()
    assert words_of(pair)
    withdraw(pair.seeker)
    assert words_of(pair) == []
    assert pair.row.state == "erased"
    assert pair.events() == [*before, (len(before) + 1, "state", "system")]
    assert pair.outcomes() == {"seeker": "withdrawn", "supporter": "completed"}
    assert (next_step(pair.seeker), next_step(pair.supporter)) == (Step.ENDED, Step.DONE)


def test_an_erased_room_is_closed_to_both() -> None:
    pair = held(make_pair())
    actions.erase(pair.conversation, pair.seeker)
    assert room_view(pair.conversation, pair.supporter.pk) is None
    with pytest.raises(Refused):
        pair.join(SUPPORTER)
    assert pair.code(SUPPORTER, say("Hello", "Question")) == "state"
    assert pair.code(SUPPORTER, call_help()) == "state"


def test_withdrawing_in_the_middle_ends_the_room_and_pays_the_partner() -> None:
    pair = make_pair().go_live()
    pair.talk(4)
    withdraw(pair.supporter)
    assert pair.row.state == "erased"
    assert pair.outcomes() == {"seeker": "partner_left", "supporter": "withdrawn"}
    assert words_of(pair) == []
    assert next_step(pair.seeker) is Step.DONE


def test_withdrawing_from_an_offer_gives_the_partner_the_place_back() -> None:
    pair = make_pair().meet()
    withdraw(pair.seeker)
    assert pair.row.state == "erased"
    assert (pair.ticket(SEEKER).state, pair.ticket(SUPPORTER).state) == ("cancelled", "waiting")
    other = make_participant(pair.supporter.study, SEEKER)
    actions.answer_survey_before(other, BEFORE)
    assert actions.hello(other).status == "offer"


def test_withdrawing_while_waiting_closes_the_place_and_takes_the_answers() -> None:
    seeker = make_participant(make_study(), SEEKER)
    actions.answer_survey_before(seeker, BEFORE)
    actions.hello(seeker)
    withdraw(seeker)
    assert Ticket.objects.get().state == "cancelled"
    assert SurveyResponse.objects.get().answers == {}


def test_who_never_came_takes_none_of_the_answers_of_somebody_they_did_not_meet() -> None:
    pair = make_pair().meet()
    actions.decline(pair.supporter, pair.conversation)
    other = make_participant(pair.supporter.study, SUPPORTER)
    met = Pair(pair.seeker, other, actions.hello(other).offer or pair.conversation).get_ready()
    for role in Role:
        met.join(role)
    withdraw(pair.supporter)
    assert (pair.row.state, met.row.state) == ("erased", "live")
    before = SurveyResponse.objects.get(kind="before")
    assert (before.conversation_id, before.answers["situation"]) == (met.conversation, BEFORE["situation"])


def test_answers_that_come_after_a_withdrawal_are_not_stored() -> None:
    seeker = make_participant(make_study(), SEEKER)
    read_before = Participant.objects.select_related("version").get(pk=seeker.pk)
    withdraw(seeker)
    with pytest.raises(Refused) as refused:
        actions.answer_survey_before(read_before, BEFORE)
    assert (refused.value.code, SurveyResponse.objects.count()) == ("forbidden", 0)


def test_erasing_is_told_once_inside_the_transaction() -> None:
    heard: list[Conversation] = []
    pair = held(make_pair())
    signals.conversation_erased.connect(
        lambda conversation, **_kwargs: heard.append(conversation), weak=False, dispatch_uid="test"
    )
    try:
        assert actions.erase(pair.conversation) is True
        assert actions.erase(pair.conversation) is False
    finally:
        signals.conversation_erased.disconnect(dispatch_uid="test")
    assert [row.pk for row in heard] == [pair.conversation]


def test_a_block_ends_the_room_for_the_partner_too() -> None:
    pair = make_pair().go_live()
    pair.talk(2)
    block(pair.seeker, None, "abuse")
    row = pair.row
    assert (row.state, row.end_reason, row.ended_by) == ("survey", "partner_left", "seeker")
    pair.answer(SUPPORTER)
    assert pair.outcomes() == {"supporter": "partner_left"}


def test_a_block_takes_offers_and_places_away() -> None:
    pair = make_pair().meet()
    block(pair.supporter, None, "abuse")
    assert (pair.ticket(SEEKER).state, pair.ticket(SUPPORTER).state) == ("waiting", "cancelled")
    block(pair.seeker, None, "abuse")
    assert pair.ticket(SEEKER).state == "cancelled"
