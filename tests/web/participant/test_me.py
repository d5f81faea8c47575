from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models import F
from django.test import Client

from escollect.accounts.models import User
from escollect.conversations.models import Conversation, Event
from escollect.domain.events import Role
from escollect.domain.wire import Say
from escollect.infra.clock import now
from escollect.people.actions import create_participant, give_consent
from escollect.people.models import Participant
from escollect.quality.actions import review
from escollect.quality.models import Appeal, Policy, Verdict
from escollect.studies.models import Study
from escollect.training.models import Attempt
from tests.support.rooms import Pair, call_help, end, make_pair, make_participant
from tests.web.participant.visitors import make_visitor, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def finished(study: Study) -> Pair:
    pair = make_pair(study).go_live()
    pair.talk(6)
    pair.send(Role.SEEKER, end("done"))
    for role in Role:
        pair.answer(role)
    return pair


def test_my_page_is_empty_at_first_and_says_what_will_be_there(study: Study) -> None:
    participant = create_participant(study, "seeker")
    give_consent(participant, ["adult", "take_part", "recorded", "recontact"])
    words = text_of(make_visitor(participant).get("/me/"))
    assert participant.pseudonym in words
    assert "No conversation yet" in words
    assert "Publish my conversations no Write to me again yes" in words


def test_my_page_lists_my_conversations_with_code_and_verdict(finished: Pair) -> None:
    words = text_of(make_visitor(finished.seeker).get("/me/"))
    code = finished.seeker.outcomes.get().completion_code
    assert "6 messages, 3 of them yours." in words
    assert f"Completion code: {code}" in words
    assert "not decided yet" in words
    other = make_participant(finished.row.study, "seeker")
    assert code not in text_of(make_visitor(other).get("/me/"))


def test_a_rejection_is_explained_in_words_without_the_partners_scores(finished: Pair) -> None:
    policy = Policy.objects.filter(name="esconv-2021").first() or Policy.objects.create(
        name="esconv-2021", version=1, kind="deciding", definition={}
    )
    rules = [
        {"rule": "enough_utterances", "value": 6, "threshold": 16, "held": False, "why": "6 of 16"},
        {"rule": "empathy", "value": 1, "threshold": 3, "held": False, "why": "rated 1 of 5"},
        {"rule": "relevance", "value": 2, "threshold": 4, "held": False, "why": "rated 2 of 5"},
        {"rule": "seeker_length", "value": 9, "threshold": 6, "held": True, "why": ""},
    ]
    Verdict.objects.filter(conversation=finished.conversation).delete()
    Verdict.objects.create(conversation=finished.row, policy=policy, outcome="rejected", rules=rules)
    Conversation.objects.filter(pk=finished.conversation).update(verdict="rejected", decided_by="policy")
    page = make_visitor(finished.supporter).get("/me/")
    words = text_of(page)
    assert "not taken into the collection" in words
    assert words.count("It was shorter than this study needs.") == 1
    assert words.count("The answers given about the conversation stayed below") == 1
    assert "The seeker's messages were very short." not in words
    assert "of 5" not in words
    Conversation.objects.filter(pk=finished.conversation).update(decided_by="review")
    reviewed = text_of(make_visitor(finished.supporter).get("/me/"))
    assert "A person of the study read it and decided." in reviewed
    assert "shorter" not in reviewed


def reject(pair: Pair) -> None:
    Conversation.objects.filter(pk=pair.conversation).update(verdict="rejected", decided_by="policy")


def test_a_reason_is_told_by_what_was_measured_whatever_the_policy_calls_it(finished: Pair) -> None:
    rules = {
        "chatty": {"measure": "mean_words", "role": "seeker", "minimum": 9},
        "kind": {"measure": "empathy", "minimum": 3},
    }
    policy = Policy.objects.create(name="house", version=1, kind="deciding", definition={"rules": rules})
    found = [{"rule": name, "value": 1, "held": False, "why": "1 of 9"} for name in rules]
    Verdict.objects.create(conversation=finished.row, policy=policy, outcome="rejected", rules=found)
    reject(finished)
    words = text_of(make_visitor(finished.supporter).get("/me/"))
    assert "The seeker's messages were very short. The answers given about the conversation stayed" in words
    assert "of 9" not in words


def test_an_appeal_is_sent_once_and_answered_on_my_page(finished: Pair) -> None:
    reject(finished)
    client = make_visitor(finished.seeker)
    path = f"/me/appeal/{finished.conversation}/"
    assert "Ask to have it looked at again" in text_of(client.get("/me/"))
    empty = client.post(path, {"text": "  "})
    assert empty.status_code == 422
    assert "Write in a few words why it should be looked at again." in text_of(empty)
    long = client.post(path, {"text": "long " * 500})
    assert (long.status_code, "long long" in text_of(long)) == (422, True)
    sent = client.post(path, {"text": "We talked for an hour."})
    assert (sent.status_code, sent["Location"]) == (303, f"/me/#c-{finished.conversation}")
    words = text_of(client.get("/me/"))
    assert "We talked for an hour." in words
    assert "Why should it be taken in?" not in words
    again = client.post(path, {"text": "Once more."})
    assert (again.status_code, "You asked about this conversation already." in text_of(again)) == (422, True)
    reviewer = User.objects.create_user("ada")
    review(finished.row, reviewer, "accepted", "A secret reason.", answer="You are right: it is long enough.")
    assert "You are right" not in text_of(client.get("/me/"))
    Appeal.objects.update(answered_at=F("answered_at") - timedelta(seconds=61))
    answered = text_of(client.get("/me/"))
    assert "You are right: it is long enough." in answered
    assert "A secret reason." not in answered
    assert "ada" not in answered.lower().split()
    data = json.loads(client.get("/me/data/").content)
    assert [(one["text"], one["answer"]) for one in data["appeals"]] == [
        ("We talked for an hour.", "You are right: it is long enough.")
    ]
    partner = make_visitor(finished.supporter)
    assert "We talked for an hour." not in text_of(partner.get("/me/"))
    assert json.loads(partner.get("/me/data/").content)["appeals"] == []


def test_nobody_appeals_for_others_or_where_nothing_was_turned_down(finished: Pair) -> None:
    path = f"/me/appeal/{finished.conversation}/"
    Conversation.objects.filter(pk=finished.conversation).update(verdict="accepted", decided_by="policy")
    client = make_visitor(finished.seeker)
    assert "Ask to have it looked at again" not in text_of(client.get("/me/"))
    assert client.post(path, {"text": "Why?"}).status_code == 422
    reject(finished)
    stranger = make_visitor(make_participant(finished.row.study, "seeker"))
    assert stranger.post(path, {"text": "Why?"}).status_code == 404
    assert Client().post(path, {"text": "Why?"}).status_code == 403
    assert client.get(path).status_code == 405
    assert not Appeal.objects.exists()


def test_my_data_is_what_i_gave_and_nothing_of_my_partner(finished: Pair) -> None:
    answer = make_visitor(finished.seeker).get("/me/data/")
    assert answer["Content-Disposition"] == f'attachment; filename="{finished.seeker.pseudonym}.json"'
    data = json.loads(answer.content)
    texts = [event["text"] for event in data["events"] if event["kind"] == "msg"]
    assert texts == ["Utterance 1", "Utterance 3", "Utterance 5"]
    assert {event["conversation"] for event in data["events"]} == {str(finished.conversation)}
    assert [survey["kind"] for survey in data["surveys"]] == ["before", "after"]
    assert data["surveys"][1]["answers"]["empathy"] == 5
    assert data["outcomes"][0]["outcome"] == "completed"
    assert finished.supporter.pseudonym not in answer.content.decode()
    mine = json.loads(make_visitor(finished.supporter).get("/me/data/").content)
    assert [e["strategy"] for e in mine["events"] if e["kind"] == "msg"] == ["Question"] * 3


def test_my_data_has_calls_for_help_how_i_typed_and_what_i_answered_in_the_training(study: Study) -> None:
    pair = make_pair(study).go_live()
    pair.ack(Role.SUPPORTER, Say(uuid4(), "Hello", "Question", tele={"keys": 5, "ms": 900}))
    pair.ack(Role.SUPPORTER, call_help("tech", "The window flickers."))
    attempt = Attempt.objects.create(
        participant=pair.supporter,
        module="exploration",
        number=1,
        tutorial_version="1",
        seed=1,
        state="passed",
        score=1.0,
        graded_at=now(),
    )
    attempt.answers.create(
        item="a", kind="choose", position=1, given=["b"], right=True, shown_at=now(), answered_at=now()
    )
    data = json.loads(make_visitor(pair.supporter).get("/me/data/").content)
    assert [event["telemetry"] for event in data["events"]] == [{"keys": 5, "ms": 900}]
    assert [(call["kind"], call["note"]) for call in data["help"]] == [("tech", "The window flickers.")]
    assert [(one["part"], one["answers"]) for one in data["training"]] == [("exploration", {"a": ["b"]})]
    theirs = json.loads(make_visitor(pair.seeker).get("/me/data/").content)
    assert (theirs["help"], theirs["training"], theirs["events"]) == ([], [], [])


def test_withdrawing_asks_first_and_then_erases_and_ends_the_session(finished: Pair) -> None:
    client = make_visitor(finished.seeker)
    assert "cannot be undone" in text_of(client.get("/me/withdraw/"))
    unsure = client.post("/me/withdraw/", {})
    assert unsure.status_code == 400
    assert "Nothing was erased yet" in text_of(unsure)
    assert Participant.objects.get(pk=finished.seeker.pk).state == "active"
    done = client.post("/me/withdraw/", {"confirm": "on"})
    assert "You took everything back" in text_of(done)
    assert finished.row.state == "erased"
    assert not Event.objects.filter(conversation=finished.conversation, text__contains="Utterance").exists()
    assert client.get("/me/").status_code == 403
    assert "You took everything back" in text_of(client.get("/done/"))


def test_a_seeker_with_conversations_left_may_have_another(finished: Pair) -> None:
    client = make_visitor(finished.seeker)
    assert 'href="/survey/before/"' in client.get("/done/").content.decode()
    assert client.get("/survey/before/").status_code == 200
    supporter = make_visitor(finished.supporter)
    assert 'href="/lobby/"' in supporter.get("/done/").content.decode()


def test_done_is_not_there_before_anything_is(study: Study) -> None:
    client = make_visitor(make_participant(study, "seeker"))
    answer = client.get("/done/")
    assert (answer.status_code, answer["Location"]) == (303, "/survey/before/")


def test_signing_out_of_a_browser_keeps_everything_and_needs_a_post(study: Study) -> None:
    client = make_visitor(make_participant(study, "seeker"))
    assert client.get("/me/leave/").status_code == 405
    assert "Everything you sent is kept." in text_of(client.post("/me/leave/"))
    assert client.get("/me/").status_code == 403


@pytest.mark.parametrize("path", ["/me/", "/me/data/", "/me/withdraw/"])
def test_strangers_see_nothing(finished: Pair, path: str) -> None:
    answer = Client().get(path)
    assert answer.status_code == 403
    assert finished.seeker.pseudonym not in answer.content.decode()
