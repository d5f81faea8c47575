from __future__ import annotations

import uuid

import pytest

from escollect.conversations import actions
from escollect.conversations.models import Conversation, Lobby, Outcome, SurveyResponse, Ticket
from escollect.conversations.places import LobbyView, get_lobby_view
from escollect.conversations.selectors import next_step
from escollect.domain.events import Refused, Role
from escollect.domain.lifecycle import Step
from escollect.people.models import Participant, Person
from escollect.studies.models import Study
from escollect.training.models import Qualification
from tests.support.rooms import BEFORE, end, make_pair, make_participant, make_study, pass_time

pytestmark = pytest.mark.django_db

SEEKER, SUPPORTER = Role.SEEKER, Role.SUPPORTER


@pytest.fixture
def study() -> Study:
    return make_study()


def arrive(study: Study, role: Role, person: Person | None = None) -> Participant:
    """Somebody new who says hello."""
    participant = make_participant(study, role, person=person)
    if role is SEEKER:
        actions.answer_survey_before(participant, BEFORE)
    actions.hello(participant)
    return participant


def state_of(participant: Participant) -> str:
    return Ticket.objects.get(participant=participant).state


def refusal_of(participant: Participant) -> str:
    with pytest.raises(Refused) as refused:
        actions.hello(participant)
    assert not Ticket.objects.filter(participant=participant).exists()
    return refused.value.code


def test_a_supporter_without_a_qualification_does_not_get_in(study: Study) -> None:
    supporter = make_participant(study, SUPPORTER, qualified=False)
    assert refusal_of(supporter) == "not_qualified"


def test_a_study_without_training_takes_everybody() -> None:
    study = make_study(training={"required": False})
    assert actions.hello(make_participant(study, SUPPORTER, qualified=False)).status == "waiting"


def test_a_seeker_answers_the_survey_before_waiting(study: Study) -> None:
    assert refusal_of(make_participant(study, SEEKER)) == "not_ready"


def test_without_consent_or_after_a_block_nobody_waits(study: Study) -> None:
    fresh = make_participant(study, SUPPORTER)
    fresh.version = None
    assert refusal_of(fresh) == "forbidden"
    blocked = make_participant(study, SUPPORTER)
    blocked.state = Participant.State.BLOCKED
    assert refusal_of(blocked) == "forbidden"


def test_a_study_that_is_paused_takes_nobody(study: Study) -> None:
    supporter = make_participant(study, SUPPORTER)
    supporter.study.state = Study.State.PAUSED
    assert refusal_of(supporter) == "study_closed"


def test_a_second_hello_keeps_the_same_place(study: Study) -> None:
    supporter = arrive(study, SUPPORTER)
    first = Ticket.objects.get()
    assert actions.hello(supporter).since == first.since
    assert Ticket.objects.count() == 1


def test_the_position_counts_those_of_the_same_role_who_came_before(study: Study) -> None:
    people = [arrive(study, SUPPORTER) for _ in range(3)]
    views = [get_lobby_view(one.pk) for one in people]
    assert [(view.status, view.position, view.estimate_s) for view in views] == [
        ("waiting", 1, None),
        ("waiting", 2, None),
        ("waiting", 3, None),
    ]


def test_both_sides_get_the_same_offer_and_are_matched_when_both_are_ready(study: Study) -> None:
    pair = make_pair(study).meet()
    views = [get_lobby_view(pair.of(role).pk) for role in Role]
    assert [(view.status, view.offer, view.ready) for view in views] == [
        ("offer", pair.conversation, False)
    ] * 2
    assert actions.ready(pair.seeker, pair.conversation).status == "offer"
    assert actions.ready(pair.supporter, pair.conversation).status == "matched"
    assert get_lobby_view(pair.seeker.pk).conversation == pair.conversation


def test_nobody_enters_a_room_without_having_said_ready(study: Study) -> None:
    pair = make_pair(study).meet()
    actions.ready(pair.supporter, pair.conversation)
    with pytest.raises(Refused) as refused:
        pair.join(SEEKER)
    assert refused.value.code == "state"
    pair.join(SUPPORTER)


def test_whoever_declines_gives_up_the_place_and_the_other_is_matched_with_the_next(study: Study) -> None:
    pair = make_pair(study).meet()
    waiting = arrive(study, SUPPORTER)
    assert actions.decline(pair.supporter, pair.conversation) == LobbyView("closed", outcome="self_left")
    assert pair.row.state == "aborted"
    assert pair.outcomes() == {"seeker": "partner_no_show"}
    view = get_lobby_view(pair.seeker.pk)
    assert (view.status, get_lobby_view(waiting.pk).offer) == ("offer", view.offer)


def test_an_offer_to_others_cannot_be_answered(study: Study) -> None:
    pair = make_pair(study).meet()
    stranger = make_participant(study, SUPPORTER)
    for offer in (pair.conversation, uuid.uuid4()):
        for answer in (actions.ready, actions.decline):
            with pytest.raises(Refused) as refused:
                answer(stranger, offer)
            assert refused.value.code == "offer_gone"
    assert pair.row.state == "created"


def test_leaving_the_waiting_room_is_possible_at_any_time(study: Study) -> None:
    supporter = arrive(study, SUPPORTER)
    assert actions.leave(supporter) == LobbyView("closed", outcome="self_left")
    assert state_of(supporter) == "cancelled"
    assert actions.leave(supporter).status == "closed"
    pair = make_pair(study).meet()
    actions.leave(pair.seeker)
    assert (pair.row.state, pair.row.ended_by) == ("aborted", "seeker")


def test_a_place_lapses_without_a_sign_of_life_and_can_be_taken_back(study: Study) -> None:
    first, second = arrive(study, SUPPORTER), arrive(study, SUPPORTER)
    pass_time(40)
    actions.renew(second)
    pass_time(6)
    actions.sweep()
    assert (state_of(first), state_of(second)) == ("lapsed", "waiting")
    assert get_lobby_view(second.pk).position == 1
    pass_time(200)
    assert actions.renew(first).status == "waiting"
    assert get_lobby_view(first.pk).position == 1


def test_a_lapsed_place_is_gone_after_five_minutes(study: Study) -> None:
    supporter = arrive(study, SUPPORTER)
    pass_time(46)
    actions.sweep()
    pass_time(300)
    assert actions.renew(supporter) == LobbyView("closed", outcome="self_left")
    assert state_of(supporter) == "left"
    assert actions.hello(supporter).status == "waiting"
    assert Ticket.objects.filter(participant=supporter).count() == 2


def test_a_lapsed_place_is_not_matched(study: Study) -> None:
    arrive(study, SUPPORTER)
    pass_time(46)
    seeker = arrive(study, SEEKER)
    assert get_lobby_view(seeker.pk).status == "waiting"


def test_after_five_minutes_the_question_comes_and_hello_answers_it(study: Study) -> None:
    supporter = arrive(study, SUPPORTER)
    for _ in range(8):
        pass_time(40)
        view = actions.renew(supporter)
    assert (view.status, view.prompt_due) == ("waiting", True)
    assert actions.hello(supporter).prompt_due is False


def test_a_quarter_of_an_hour_without_a_partner_is_paid(study: Study) -> None:
    supporter = arrive(study, SUPPORTER)
    for _ in range(23):
        pass_time(40)
        actions.renew(supporter)
    assert get_lobby_view(supporter.pk) == LobbyView("closed", outcome="no_partner")
    outcome = Outcome.objects.get(participant=supporter)
    assert (outcome.code, outcome.pay_rule) == ("no_partner", "waiting")
    assert next_step(supporter) is Step.DONE


def test_a_seeker_who_found_nobody_comes_back_with_the_same_answers(study: Study) -> None:
    seeker = arrive(study, SEEKER)
    actions.leave(seeker)
    assert next_step(seeker) is Step.DONE
    assert actions.hello(seeker).status == "waiting"
    (answers,) = SurveyResponse.objects.all()
    assert answers.ticket == Ticket.objects.get(state="waiting")


def test_nobody_is_paired_with_themselves(study: Study) -> None:
    person = Person.objects.create()
    arrive(study, SEEKER, person)
    supporter = arrive(study, SUPPORTER, person)
    assert get_lobby_view(supporter.pk).status == "waiting"


def test_whoever_is_in_a_room_gets_no_second_one_in_the_other_role(study: Study) -> None:
    pair = make_pair(study).go_live()
    double = arrive(study, SUPPORTER, pair.seeker.person)
    seeker = arrive(study, SEEKER)
    assert get_lobby_view(seeker.pk).status == "waiting"
    pair.ack(SEEKER, end())
    actions.sweep()
    assert get_lobby_view(double.pk).status == "offer"


def test_an_offer_that_came_to_nothing_does_not_keep_two_people_apart(study: Study) -> None:
    pair = make_pair(study).meet()
    actions.decline(pair.supporter, pair.conversation)
    assert actions.hello(pair.supporter).status == "offer"


def test_studies_do_not_mix() -> None:
    arrive(make_study("one"), SEEKER)
    supporter = arrive(make_study("two"), SUPPORTER)
    assert get_lobby_view(supporter.pk).status == "waiting"


def test_a_qualification_that_was_revoked_while_waiting_gets_nobody_a_partner(study: Study) -> None:
    supporter = arrive(study, SUPPORTER)
    Qualification.objects.filter(participant=supporter).delete()
    seeker = arrive(study, SEEKER)
    assert state_of(supporter) == "cancelled"
    assert get_lobby_view(seeker.pk).status == "waiting"


def test_a_paused_lobby_makes_no_pairs(study: Study) -> None:
    Lobby.objects.create(study=study, paused=True)
    arrive(study, SEEKER)
    arrive(study, SUPPORTER)
    assert Conversation.objects.count() == 0
    Lobby.objects.update(paused=False)
    assert actions.sweep()["pairs"] == 1


def test_whoever_is_in_a_room_is_sent_there_by_hello(study: Study) -> None:
    pair = make_pair(study).go_live()
    view = actions.hello(pair.supporter)
    assert (view.status, view.conversation) == ("matched", pair.conversation)
    assert Ticket.objects.count() == 2


def test_before_hello_there_is_no_place(study: Study) -> None:
    assert get_lobby_view(make_participant(study, SUPPORTER).pk) == LobbyView("out")
