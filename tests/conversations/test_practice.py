"""Practice chats: a trainee and a scripted seeker in a real room, and nothing that follows from it."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from escollect.accounts.models import User
from escollect.conversations import actions, signals
from escollect.conversations.history import get_history, get_own_records
from escollect.conversations.models import Conversation, HelpRequest, Outcome, PracticeChat, Ticket
from escollect.conversations.places import get_lobby_view
from escollect.conversations.practising import get_look_back, get_open_practice, get_script
from escollect.conversations.selectors import next_step, room_view
from escollect.conversations.waiting import get_met
from escollect.domain.events import Refused, Role
from escollect.domain.lifecycle import Step
from escollect.domain.study import Limits, TrainingGate
from escollect.people.models import Participant
from escollect.training.actions import revoke_qualification
from escollect.training.models import Qualification
from escollect.training.practising import is_practice_due
from escollect.training.selectors import has_qualification
from tests.support.practices import (
    ALONE,
    MOVED,
    STEPS,
    WELL,
    Practising,
    make_practice_study,
    make_trainee,
    pass_paper,
    use_scripts,
)
from tests.support.rooms import call_help, end, make_participant, make_study, pass_time, rate, say

pytestmark = pytest.mark.django_db
SUPPORTER = Role.SUPPORTER


@pytest.fixture(autouse=True)
def scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    use_scripts(monkeypatch, MOVED)


def begun() -> Practising:
    return Practising.begin(make_trainee())


def test_the_seeker_speaks_first_and_answers_every_reply_with_the_next_line() -> None:
    pair = begun()
    assert pair.lines() == [("seeker", "", MOVED.opening)]
    pair.reply(["Others", "Information"])
    assert pair.lines() == [
        ("seeker", "", MOVED.opening),
        ("supporter", "Others", "Reply 1"),
        ("seeker", "", STEPS[0].then),
        ("supporter", "Information", "Reply 2"),
        ("seeker", "", STEPS[1].then),
    ]
    row = pair.row
    assert (row.kind, row.state, row.utterances, row.seeker_utterances, row.supporter_utterances) == (
        "practice",
        "live",
        5,
        3,
        2,
    )
    seqs = list(row.events.order_by("seq").values_list("seq", flat=True))
    assert seqs == list(range(1, row.last_seq + 1))


def test_with_the_last_line_the_chat_is_finished_without_survey_feedback_outcome_or_signal() -> None:
    heard: list[Conversation] = []
    signals.conversation_finished.connect(
        lambda conversation, **_kw: heard.append(conversation), weak=False, dispatch_uid="test"
    )
    pair = begun()
    pair.reply(WELL)
    row = pair.row
    assert (row.state, row.end_reason, row.verdict, row.unrated > 0) == ("finished", "done", "", True)
    assert [kind for _seq, kind, _author in pair.events()] == ["state", "msg", *["msg", "msg"] * 3, "state"]
    assert row.events.latest("seq").payload == {"state": "finished", "reason": "done"}
    assert not Outcome.objects.exists()
    assert not Ticket.objects.exists()
    assert heard == []
    assert next_step(pair.supporter) is Step.LOBBY
    signals.conversation_finished.disconnect(dispatch_uid="test")


def test_a_whole_practice_qualifies_who_passed_the_paper_however_the_choices_fit() -> None:
    trainee = make_trainee()
    assert (is_practice_due(trainee), next_step(trainee)) == (True, Step.TRAINING)
    pair = Practising.begin(trainee)
    assert next_step(trainee) is Step.CHAT
    pair.reply(["Others", "Others"])
    assert not has_qualification(trainee)
    pair.reply(["Others"])
    granted = Qualification.objects.get(participant=trainee)
    assert (granted.score, granted.tutorial_version, granted.granted_by) == (0.9, "t-1", None)
    assert (is_practice_due(trainee), next_step(trainee)) == (False, Step.LOBBY)


def test_a_practice_left_early_costs_nothing_qualifies_nobody_and_can_be_had_again() -> None:
    trainee = make_trainee()
    pair = Practising.begin(trainee)
    pair.reply(WELL[:2])
    pair.ack(SUPPORTER, end("leave"))
    assert (pair.row.state, pair.row.end_reason) == ("finished", "leave")
    assert pair.row.events.latest("seq").payload == {
        "state": "finished",
        "reason": "leave",
        "by": "supporter",
        "wish": "leave",
    }
    assert pair.code(SUPPORTER, say("More", "Others")) == "state"
    assert not has_qualification(trainee)
    assert (next_step(trainee), get_open_practice(trainee)) == (Step.TRAINING, None)
    assert not Outcome.objects.exists()
    Practising.begin(trainee).reply(WELL)
    assert has_qualification(trainee)


def test_saying_the_same_again_is_acked_again_and_answered_once() -> None:
    pair = begun()
    twice = say("Reply", "Others", cid=uuid.uuid4())
    first, second = pair.ack(SUPPORTER, twice), pair.ack(SUPPORTER, twice)
    assert (first.dup, second.dup, first.seq) == (False, True, second.seq)
    assert len(pair.lines()) == 3


def test_two_replies_in_one_batch_get_an_answer_each_and_none_after_the_end() -> None:
    pair = begun()
    commands = [pair.command(SUPPORTER, say(f"Reply {at}", "Others")) for at in range(4)]
    replies = actions.submit(commands)
    assert [type(reply).__name__ for reply in replies] == ["Ack", "Ack", "Ack", "Nack"]
    assert [text for author, _strategy, text in pair.lines() if author == "seeker"] == [
        MOVED.opening,
        *(step.then for step in STEPS),
    ]


def test_the_rules_of_a_turn_hold_and_the_script_does_not_move_on_a_refusal() -> None:
    pair = begun()
    assert pair.code(SUPPORTER, say("Hello", None)) == "strategy_required"
    assert pair.code(SUPPORTER, say("Hello", "Hope")) == "strategy_invalid"
    assert pair.code(SUPPORTER, rate(2)) == "forbidden"
    assert len(pair.lines()) == 1


def test_a_call_for_help_is_refused_because_nobody_watches() -> None:
    pair = begun()
    assert pair.code(SUPPORTER, call_help("unsafe")) == "state"
    assert not HelpRequest.objects.exists()


def test_a_small_limit_of_the_study_does_not_cut_a_practice_short() -> None:
    study = make_practice_study(limits=Limits(utterances=2))
    Practising.begin(make_trainee(study)).reply(WELL)


def test_beginning_again_goes_on_with_the_chat_that_is_under_way() -> None:
    trainee = make_trainee()
    pair = Practising.begin(trainee)
    assert actions.begin_practice(trainee) == pair.conversation
    assert get_open_practice(trainee) == pair.conversation
    assert get_lobby_view(trainee.pk).conversation == pair.conversation


def test_who_has_not_passed_or_is_no_supporter_may_not_practise() -> None:
    study = make_practice_study()
    for participant in (make_trainee(study, passed=False), make_participant(study, Role.SEEKER)):
        with pytest.raises(Refused, match="forbidden"):
            actions.begin_practice(participant)


def test_who_waits_for_a_partner_may_not_practise_meanwhile() -> None:
    waiting = make_participant(make_study(), SUPPORTER)
    actions.hello(waiting)
    with pytest.raises(Refused, match="not_ready"):
        actions.begin_practice(waiting)


def test_qualified_supporters_may_practise_too_and_stay_qualified_as_they_were() -> None:
    supporter = make_participant(make_study(), SUPPORTER)
    Practising.begin(supporter).reply(WELL)
    assert Qualification.objects.filter(participant=supporter).count() == 1


def test_a_study_without_practice_is_not_qualified_for_by_one() -> None:
    trainee = make_trainee(make_study(training=TrainingGate()))
    assert not is_practice_due(trainee)
    Practising.begin(trainee).reply(WELL)
    assert not has_qualification(trainee)


def test_a_revoked_supporter_cannot_practise_their_way_back() -> None:
    trainee = make_trainee()
    Practising.begin(trainee).reply(WELL)
    revoke_qualification(trainee, User.objects.create_user("rosa"), "Rude.")
    with pytest.raises(Refused, match="forbidden"):
        actions.begin_practice(trainee)


def test_a_paper_qualifies_once_after_an_expiry_it_is_taken_again() -> None:
    trainee = make_trainee()
    Practising.begin(trainee).reply(WELL)
    granted = Qualification.objects.get(participant=trainee)
    Qualification.objects.update(expires_at=granted.granted_at - timedelta(seconds=1))
    assert not is_practice_due(trainee)
    with pytest.raises(Refused, match="forbidden"):
        actions.begin_practice(trainee)
    pass_paper(trainee, number=2, ago=timedelta(seconds=-1))
    assert is_practice_due(trainee)


def test_the_script_is_kept_with_the_room_and_another_one_is_drawn_the_next_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use_scripts(monkeypatch)
    trainee = make_trainee()
    had = []
    for _round in range(2):
        pair = Practising.begin(trainee)
        script = get_script(pair.conversation)
        assert script is not None
        had.append(script)
        pair.reply(WELL)
    assert sorted(script.id for script in had) == ["alone", "moved"]
    use_scripts(monkeypatch, ALONE)
    assert [get_script(chat.pk) for chat in PracticeChat.objects.order_by("conversation__created_at")] == had


def test_the_seeker_is_nobody_and_is_there_for_as_long_as_the_room() -> None:
    pair = begun()
    seeker = pair.row.seeker
    assert (seeker.source, seeker.person.platform, seeker.role) == ("practice", "practice", "seeker")
    assert seeker.person_id != pair.supporter.person_id
    pass_time(200)
    actions.sweep()
    pair.here(SUPPORTER)
    view = room_view(pair.conversation, pair.supporter.pk)
    assert view is not None
    assert (view.partner, view.practice, view.state) == ("online", True, "live")


def test_a_trainee_who_stays_away_ends_the_chat_without_any_consequence() -> None:
    pair = begun()
    actions.leave_room(pair.conversation, pair.supporter.pk, pair.epochs[pair.supporter.pk])
    pass_time(250)
    actions.sweep()
    assert (pair.row.state, pair.row.end_reason) == ("finished", "partner_left")
    assert not Outcome.objects.exists()
    assert get_open_practice(pair.supporter) is None


def test_a_chat_that_nobody_came_to_is_aborted_and_can_be_begun_again() -> None:
    trainee = make_trainee()
    room = actions.begin_practice(trainee)
    pass_time(60)
    actions.sweep()
    assert Conversation.objects.get(pk=room).state == "aborted"
    assert not Outcome.objects.exists()
    assert actions.begin_practice(trainee) != room


def test_a_block_ends_the_practice_and_a_withdrawal_erases_it() -> None:
    blocked, withdrawn = begun(), Practising.begin(make_trainee(make_practice_study("other")))
    for pair in (blocked, withdrawn):
        pair.reply(WELL[:1])
    actions.dismiss(blocked.supporter)
    assert (blocked.row.state, blocked.row.end_reason) == ("finished", "partner_left")
    actions.forget(withdrawn.supporter)
    assert withdrawn.row.state == "erased"
    assert {text for _author, _strategy, text in withdrawn.lines()} == {""}
    assert not Outcome.objects.exists()
    assert get_look_back(withdrawn.supporter) is None


def test_matching_and_met_pairs_know_nothing_of_practice() -> None:
    study = make_practice_study()
    pair = Practising.begin(make_trainee(study))
    people = {pair.supporter.person_id, pair.row.seeker.person_id}
    assert get_met(people) == set()
    assert actions.match(study) == []
    assert actions.sweep()["pairs"] == 0


def test_what_was_practised_is_no_part_of_the_history_and_apart_in_the_own_data() -> None:
    pair = begun()
    pair.reply(WELL)
    trainee = Participant.objects.get(pk=pair.supporter.pk)
    records = get_own_records(trainee)
    assert get_history(trainee) == []
    assert records["events"] == []
    assert [entry["text"] for entry in records["practice"]] == ["Reply 1", "Reply 2", "Reply 3"]


def test_the_look_back_is_at_the_latest_chat_that_is_over() -> None:
    trainee = make_trainee()
    assert get_look_back(trainee) is None
    Practising.begin(trainee).reply(["Others", *WELL[1:]])
    second = Practising.begin(trainee)
    second.reply(["Question"])
    seen = get_look_back(trainee)
    assert seen is not None
    assert (seen.comparison.whole, seen.comparison.fitting, seen.reason) == (True, 2, "done")
    second.ack(SUPPORTER, end("other"))
    seen = get_look_back(trainee)
    assert seen is not None
    assert (seen.comparison.whole, seen.comparison.fitting, seen.reason) == (False, 1, "other")
    assert [(e.choice.strategy, e.choice.text) for e in seen.comparison.exchanges] == [
        ("Question", "Reply 1")
    ]
