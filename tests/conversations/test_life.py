from __future__ import annotations

import pytest
from django.dispatch import Signal

from escollect.audit.models import AuditRow
from escollect.conversations import actions, signals
from escollect.conversations.models import Conversation, Outcome, SurveyResponse, Ticket
from escollect.conversations.selectors import get_latest_outcome, next_step
from escollect.conversations.transcripts import get_transcript
from escollect.domain.events import Refused, Role
from escollect.domain.lifecycle import Step
from escollect.people.models import Participant
from tests.support.rooms import AFTER, BEFORE, Pair, end, make_pair, make_participant, make_study, rate, say

pytestmark = pytest.mark.django_db

SEEKER, SUPPORTER = Role.SEEKER, Role.SUPPORTER


def steps(pair: Pair) -> tuple[Step, Step]:
    return next_step(pair.seeker), next_step(pair.supporter)


def finished_ids(signal: Signal, heard: list[Conversation]) -> None:
    signal.connect(
        lambda conversation, **_kwargs: heard.append(conversation), weak=False, dispatch_uid="test"
    )


def test_a_pair_goes_through_every_step_from_the_survey_to_the_code() -> None:
    pair = make_pair()
    assert steps(pair) == (Step.SURVEY_BEFORE, Step.LOBBY)
    actions.answer_survey_before(pair.seeker, BEFORE)
    assert steps(pair) == (Step.LOBBY, Step.LOBBY)
    pair.meet()
    assert steps(pair) == (Step.LOBBY, Step.LOBBY)
    pair.get_ready()
    assert steps(pair) == (Step.CHAT, Step.CHAT)
    pair.join(SEEKER)
    assert pair.row.state == "created"
    pair.join(SUPPORTER)
    assert pair.row.state == "live"
    pair.talk(16)
    pair.ack(SEEKER, end("done"))
    assert steps(pair) == (Step.SURVEY_AFTER, Step.SURVEY_AFTER)
    pair.answer(SEEKER)
    assert steps(pair) == (Step.DONE, Step.SURVEY_AFTER)
    assert pair.row.state == "survey"
    pair.answer(SUPPORTER)
    assert steps(pair) == (Step.DONE, Step.DONE)
    assert pair.row.state == "finished"
    assert pair.outcomes() == {"seeker": "completed", "supporter": "completed"}
    codes = {get_latest_outcome(pair.of(role).pk) for role in Role}
    assert len({outcome.completion_code for outcome in codes if outcome}) == 2
    assert [pair.ticket(role).state for role in Role] == ["consumed", "consumed"]


def test_the_log_has_everything_in_order_without_a_gap() -> None:
    pair = make_pair().go_live()
    pair.talk(4)
    pair.ack(SEEKER, rate(5))
    pair.ack(SUPPORTER, end())
    assert pair.events() == [
        (1, "state", "system"),
        (2, "msg", "supporter"),
        (3, "msg", "seeker"),
        (4, "msg", "supporter"),
        (5, "rating_request", "system"),
        (6, "msg", "seeker"),
        (7, "rating", "seeker"),
        (8, "state", "supporter"),
    ]
    row = pair.row
    assert (row.last_seq, row.utterances, row.seeker_utterances, row.supporter_utterances) == (8, 4, 2, 2)


def test_the_transcript_is_what_was_said_and_answered() -> None:
    pair = make_pair().go_live()
    pair.talk(4)
    pair.ack(SEEKER, rate(5, 4))
    pair.ack(SEEKER, end("done"))
    for role in Role:
        pair.answer(role)
    transcript = get_transcript(pair.conversation)
    assert [(said.role, said.text, said.strategy, said.feedback) for said in transcript.utterances] == [
        ("supporter", "Utterance 0", "Question", None),
        ("seeker", "Utterance 1", None, None),
        ("supporter", "Utterance 2", "Question", None),
        ("seeker", "Utterance 3", None, 4),
    ]
    assert (transcript.finished, transcript.end_reason) == (True, "done")
    assert (transcript.problem_type, transcript.initial_intensity) == ("job crisis", 5)
    assert (transcript.empathy, transcript.supporter_relevance) == (5, 4)


def test_the_signal_comes_once_when_both_surveys_are_in() -> None:
    heard: list[Conversation] = []
    finished_ids(signals.conversation_finished, heard)
    try:
        pair = make_pair().go_live()
        pair.ack(SEEKER, end())
        pair.answer(SUPPORTER)
        assert heard == []
        pair.answer(SEEKER)
        assert [row.pk for row in heard] == [pair.conversation]
    finally:
        signals.conversation_finished.disconnect(dispatch_uid="test")


def test_a_receiver_that_fails_takes_the_finish_back_with_it() -> None:
    def fail(**_kwargs: object) -> None:
        raise RuntimeError("quality is not there")

    pair = make_pair().go_live()
    pair.ack(SEEKER, end())
    pair.answer(SEEKER)
    signals.conversation_finished.connect(fail, dispatch_uid="test")
    try:
        with pytest.raises(RuntimeError):
            pair.answer(SUPPORTER)
    finally:
        signals.conversation_finished.disconnect(dispatch_uid="test")
    assert pair.row.state == "survey"
    pair.answer(SUPPORTER)
    assert pair.row.state == "finished"


def test_each_move_leaves_one_audit_row() -> None:
    pair = make_pair().go_live()
    pair.ack(SEEKER, end())
    for role in Role:
        pair.answer(role)
    moves = AuditRow.objects.filter(object_id=str(pair.conversation), action="conversation.moved").order_by(
        "pk"
    )
    assert [(move.old, move.new) for move in moves] == [
        ("created", "live"),
        ("live", "survey"),
        ("survey", "finished"),
    ]
    ticket = AuditRow.objects.filter(object_id=str(pair.ticket(SEEKER).pk), action="ticket.moved").order_by(
        "pk"
    )
    assert [(move.old, move.new) for move in ticket] == [("waiting", "offered"), ("offered", "consumed")]


def test_a_supporter_goes_to_the_lobby_again_and_a_seeker_does_not() -> None:
    study = make_study()
    pair = make_pair(study).go_live()
    pair.ack(SEEKER, end())
    for role in Role:
        pair.answer(role)
    assert actions.hello(pair.supporter).status == "waiting"
    assert next_step(pair.supporter) is Step.LOBBY
    with pytest.raises(Refused) as refused:
        actions.hello(pair.seeker)
    assert refused.value.code == "not_ready"
    with pytest.raises(Refused) as refused:
        actions.answer_survey_before(pair.seeker, BEFORE)
    assert refused.value.code == "not_ready"


def test_a_study_may_let_seekers_come_again_and_those_who_met_are_kept_apart() -> None:
    study = make_study(seeker_conversations=2)
    pair = make_pair(study).go_live()
    pair.ack(SEEKER, end())
    for role in Role:
        pair.answer(role)
    actions.answer_survey_before(pair.seeker, BEFORE)
    actions.hello(pair.seeker)
    assert actions.hello(pair.supporter).status == "waiting"
    other = make_participant(study, SUPPORTER)
    assert actions.hello(other).status == "offer"


def test_a_survey_is_answered_once_and_only_by_those_who_were_there() -> None:
    pair = make_pair().go_live()
    with pytest.raises(Refused) as refused:
        pair.answer(SEEKER)
    assert refused.value.code == "state"
    pair.ack(SEEKER, end())
    pair.answer(SEEKER)
    with pytest.raises(Refused) as refused:
        pair.answer(SEEKER)
    assert refused.value.code == "survey_done"
    stranger = make_participant(pair.seeker.study, SUPPORTER)
    with pytest.raises(Refused) as refused:
        actions.answer_survey_after(stranger, pair.conversation, AFTER[SUPPORTER])
    assert refused.value.code == "forbidden"
    assert SurveyResponse.objects.filter(conversation=pair.conversation, kind="after").count() == 1


def test_wrong_answers_name_the_fields_and_store_nothing() -> None:
    pair = make_pair().go_live()
    pair.ack(SEEKER, end())
    with pytest.raises(Refused) as refused:
        actions.answer_survey_after(pair.seeker, pair.conversation, {"empathy": "9", "relevance": "3"})
    assert set(refused.value.fields) == {"empathy", "final_emotion_intensity"}
    assert not Outcome.objects.filter(conversation=pair.conversation).exists()
    pair.answer(SEEKER)


def test_answers_given_twice_before_the_lobby_are_replaced() -> None:
    seeker = make_participant(make_study(), SEEKER)
    actions.answer_survey_before(seeker, BEFORE)
    actions.answer_survey_before(seeker, {**BEFORE, "emotion_type": "fear"})
    actions.hello(seeker)
    with pytest.raises(Refused) as refused:
        actions.answer_survey_before(seeker, BEFORE)
    assert refused.value.code == "not_ready"
    (kept,) = SurveyResponse.objects.all()
    assert (kept.answers["emotion_type"], kept.ticket) == ("fear", Ticket.objects.get())


def test_a_study_names_its_own_codes_and_pay() -> None:
    study = make_study(completion_codes={"completed": "C0MPL"}, pay={"completed": "part"})
    pair = make_pair(study).go_live()
    pair.ack(SEEKER, end())
    pair.answer(SEEKER)
    outcome = Outcome.objects.get(participant=pair.seeker)
    assert (outcome.code, outcome.pay_rule, outcome.completion_code) == ("completed", "part", "C0MPL")


@pytest.mark.parametrize("state", ["declined", "blocked", "withdrawn"])
def test_whoever_is_out_of_the_study_has_no_further_step(state: str) -> None:
    seeker = make_participant(make_study(), SEEKER)
    Participant.objects.filter(pk=seeker.pk).update(state=state)
    seeker.refresh_from_db()
    assert next_step(seeker) is Step.ENDED


def test_consent_comes_first_and_training_before_the_lobby() -> None:
    study = make_study()
    fresh = make_participant(study, SUPPORTER, qualified=False)
    assert next_step(fresh) is Step.TRAINING
    fresh.version = None
    fresh.save()
    assert next_step(fresh) is Step.CONSENT


def test_the_partner_waits_for_nobody_with_what_was_said() -> None:
    pair = make_pair().go_live()
    pair.ack(SUPPORTER, say("Hello, I am here.", "Others"))
    (event,) = pair.row.events.filter(kind="msg")
    assert (event.text, event.strategy, event.author) == ("Hello, I am here.", "Others", "supporter")
    assert event.at is not None
