"""What the waiting room says: how long, why still, and that the study is full."""

from __future__ import annotations

import pytest

from escollect.conversations import actions
from escollect.conversations.actions.waitlog import MOST, note_waiting
from escollect.conversations.models import Conversation, Lobby, Outcome, Ticket
from escollect.conversations.places import LobbyView, get_lobby_view
from escollect.conversations.selectors import next_step
from escollect.conversations.waiting import explain_waiting, get_notes, is_full
from escollect.domain.events import Refused, Role
from escollect.domain.lifecycle import Step
from escollect.domain.study import Targets
from escollect.people.models import Participant
from escollect.studies.models import Study
from tests.support.rooms import BEFORE, Pair, end, make_pair, make_participant, make_study, pass_time

pytestmark = pytest.mark.django_db

SEEKER, SUPPORTER = Role.SEEKER, Role.SUPPORTER


def arrive(study: Study, role: Role) -> Participant:
    """Somebody new who says hello."""
    participant = make_participant(study, role)
    if role is SEEKER:
        actions.answer_survey_before(participant, BEFORE)
    actions.hello(participant)
    return participant


def why(study: Study) -> dict[str, str]:
    """Pseudonym to reason of everybody in the waiting room."""
    return {one.ticket.participant.pseudonym: str(one.why) for one in explain_waiting(study)}


def live_and_end(study: Study) -> Pair:
    pair = make_pair(study).go_live()
    pair.ack(SEEKER, end())
    return pair


def test_after_five_pairs_in_half_an_hour_the_next_is_told_how_long_it_takes() -> None:
    study = make_study()
    for _ in range(4):
        live_and_end(study)
    pass_time(60)
    early = arrive(study, SUPPORTER)
    assert get_lobby_view(early.pk).estimate_s is None
    actions.leave(early)
    live_and_end(study)
    first, second = arrive(study, SUPPORTER), arrive(study, SUPPORTER)
    assert [get_lobby_view(one.pk).estimate_s for one in (first, second)] == [360, 720]
    pass_time(1801)
    assert get_lobby_view(arrive(study, SUPPORTER).pk).estimate_s is None


def test_the_desk_learns_why_somebody_still_waits() -> None:
    study = make_study()
    assert explain_waiting(study) == []
    first = arrive(study, SUPPORTER)
    assert why(study) == {first.pseudonym: "no_one_of_other_role"}
    seeker, second = arrive(study, SEEKER), arrive(study, SUPPORTER)
    assert why(study) == {
        first.pseudonym: "offered",
        seeker.pseudonym: "offered",
        second.pseudonym: "offered_elsewhere",
    }


def test_a_closed_page_a_pause_and_a_room_in_the_other_role_are_told_apart() -> None:
    study = make_study()
    one = arrive(study, SUPPORTER)
    pass_time(46)
    assert why(study) == {one.pseudonym: "away"}
    actions.renew(one)
    Lobby.objects.filter(study=study).update(paused=True)
    other = arrive(study, SEEKER)
    assert why(study) == {one.pseudonym: "paused", other.pseudonym: "paused"}
    Lobby.objects.filter(study=study).update(paused=False)
    assert set(why(study).values()) == {"partner_free"}
    Participant.objects.filter(pk=other.pk).update(person=one.person)
    assert set(why(study).values()) == {"only_self"}


def accept(pair: Pair) -> None:
    """Both answer, and the policy takes the conversation."""
    for role in Role:
        pair.answer(role)
    assert pair.row.state == "finished"
    Conversation.objects.filter(pk=pair.conversation).update(verdict="accepted")


def full_study() -> Study:
    """A study that wants one conversation and has it."""
    study = make_study(targets=Targets(conversations=1))
    pair = live_and_end(study)
    assert not is_full(study)
    accept(pair)
    assert is_full(study)
    return study


def test_a_study_without_a_target_is_never_full() -> None:
    study = make_study()
    accept(live_and_end(study))
    assert not is_full(study)


def test_a_full_study_turns_newcomers_away_with_a_code() -> None:
    study = full_study()
    for qualified in (True, False):
        late = make_participant(study, SUPPORTER, qualified=qualified)
        assert next_step(late) is Step.LOBBY
        for _ in range(2):
            assert actions.hello(late) == LobbyView("closed", outcome="study_full")
        outcome = Outcome.objects.get(participant=late)
        assert (outcome.code, outcome.pay_rule, len(outcome.completion_code)) == ("study_full", "none", 9)
        assert next_step(late) is Step.DONE
        assert not Ticket.objects.filter(participant=late).exists()


def test_whoever_had_a_conversation_keeps_its_code_when_the_study_is_full() -> None:
    study = full_study()
    supporter = Participant.objects.get(study=study, role=SUPPORTER)
    assert next_step(supporter) is Step.DONE
    assert actions.hello(supporter) == LobbyView("closed", outcome="study_full")
    assert Outcome.objects.get(participant=supporter).code == "completed"
    with pytest.raises(Refused) as refused:
        actions.check_may_wait(supporter)
    assert refused.value.code == "not_ready"


def test_who_waits_already_goes_on_when_the_study_becomes_full() -> None:
    study = make_study(targets=Targets(conversations=1))
    pair = live_and_end(study)
    waiting = arrive(study, SUPPORTER)
    accept(pair)
    assert actions.hello(waiting).status == "waiting"
    pass_time(901)
    actions.sweep()
    assert Outcome.objects.get(participant=waiting).code == "no_partner"


def history(study: Study) -> dict[str, list[str]]:
    """Pseudonym to the reasons of everybody in the waiting room, the earliest first."""
    waiting = [one.ticket for one in explain_waiting(study)]
    notes = get_notes(waiting)
    return {ticket.participant.pseudonym: [note.why for note in notes[ticket.pk]] for ticket in waiting}


def test_every_change_of_the_reason_is_kept_once() -> None:
    study = make_study()
    first = arrive(study, SUPPORTER)
    for _ in range(3):
        actions.sweep()
    assert history(study) == {first.pseudonym: ["no_one_of_other_role"]}
    Lobby.objects.filter(study=study).update(paused=True)
    seeker = arrive(study, SEEKER)
    actions.sweep()
    Lobby.objects.filter(study=study).update(paused=False)
    actions.sweep()
    actions.sweep()
    assert history(study) == {
        first.pseudonym: ["no_one_of_other_role", "paused", "offered"],
        seeker.pseudonym: ["paused", "offered"],
    }
    (ticket,) = Ticket.objects.filter(participant=first)
    at = [note.at for note in get_notes([ticket])[ticket.pk]]
    assert at == sorted(at)


def test_the_log_of_a_ticket_is_bounded() -> None:
    study = make_study()
    one = arrive(study, SUPPORTER)
    for turn in range(MOST + 5):
        Lobby.objects.filter(study=study).update(paused=turn % 2 == 0)
        note_waiting(study)
    assert len(history(study)[one.pseudonym]) == MOST


@pytest.mark.parametrize("state", ["paused", "closed"])
def test_whoever_waits_already_may_say_hello_in_a_study_that_rests(state: str) -> None:
    study = make_study()
    one, late = arrive(study, SUPPORTER), make_participant(study, SUPPORTER)
    Study.objects.filter(pk=study.pk).update(state=state)
    one, late = (Participant.objects.get(pk=who.pk) for who in (one, late))
    assert actions.hello(one).status == "waiting"
    with pytest.raises(Refused) as refused:
        actions.hello(late)
    assert refused.value.code == "study_closed"


def test_nobody_is_told_how_long_it_takes_in_a_study_that_rests() -> None:
    study = make_study()
    for _ in range(5):
        live_and_end(study)
    one = arrive(study, SUPPORTER)
    assert get_lobby_view(one.pk).estimate_s is not None
    Lobby.objects.filter(study=study).update(paused=True)
    assert get_lobby_view(one.pk).estimate_s is None
    Lobby.objects.filter(study=study).update(paused=False)
    Study.objects.filter(pk=study.pk).update(state="paused")
    assert get_lobby_view(one.pk).estimate_s is None
