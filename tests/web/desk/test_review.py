from __future__ import annotations

import pytest
from django.test import Client

from escollect.audit.models import AuditRow
from escollect.conversations.models import Conversation
from escollect.quality.actions import appeal
from escollect.quality.models import Appeal, Finding, Flag, Mask, Review
from escollect.quality.queue import get_claim
from escollect.studies.models import Study
from tests.web.desk.conftest import Login
from tests.web.desk.scenes import SEEKER_SAYS, SUPPORTER_SAYS, make_finished, open_room, talk


@pytest.fixture
def reviewer(login: Login) -> Client:
    return login("reviewer")


def _queue(client: Client, query: str = "") -> list[Conversation]:
    rows = client.get(f"/desk/review/?{query}").context["queue"].rows
    return [row.conversation for row in rows]


def _shown(text: str) -> str:
    return " ".join(text.split())


def test_the_queue_puts_first_what_needs_a_person(study: Study, reviewer: Client) -> None:
    accepted = make_finished(study)
    flagged = make_finished(study)
    undecided = make_finished(study, intensity=4)
    urgent = open_room(study)
    Flag.objects.create(conversation=flagged, kind="task_talk", severity="info")
    Flag.objects.create(conversation=urgent, kind="help_unsafe", severity="urgent")
    assert _queue(reviewer) == [urgent, undecided, flagged, accepted]
    assert reviewer.get("/desk/review/").context["waiting"] == 3


def test_the_queue_is_filtered_by_verdict_state_flag_and_problem(study: Study, reviewer: Client) -> None:
    accepted, undecided, short = (
        make_finished(study),
        make_finished(study, intensity=4),
        make_finished(study, 4),
    )
    live = open_room(study)
    Flag.objects.exclude(kind="needs_review").delete()
    Flag.objects.create(conversation=short, kind="task_talk", severity="info")
    found = {
        query: _queue(reviewer, query)
        for query in (
            "verdict=accepted",
            "verdict=needs_review",
            "verdict=rejected",
            "verdict=pending",
            "state=live",
            "flag=any",
            "flag=task_talk",
            "problem=job+crisis&verdict=accepted",
            "problem=academic+pressure",
            "verdict=nonsense&state=nonsense&cursor=nonsense",
        )
    }
    assert found == {
        "verdict=accepted": [accepted],
        "verdict=needs_review": [undecided],
        "verdict=rejected": [short],
        "verdict=pending": [],
        "state=live": [live],
        "flag=any": [short],
        "flag=task_talk": [short],
        "problem=job+crisis&verdict=accepted": [accepted],
        "problem=academic+pressure": [],
        "verdict=nonsense&state=nonsense&cursor=nonsense": [undecided, short, live, accepted],
    }


def test_the_page_shows_transcript_surveys_and_every_rule(study: Study, reviewer: Client) -> None:
    room = make_finished(study, intensity=4)
    text = _shown(reviewer.get(f"/desk/review/{room.pk}/").content.decode())
    for words in (
        SEEKER_SAYS,
        SUPPORTER_SAYS[0][1],
        "Reflection of feelings",
        "Feedback by the seeker: 4 of 5",
        "My contract ends in March, and nobody can tell me whether it goes on.",
        "I felt heard.",
        "A calm talk.",
        "esconv-2021",
        "failed-esconv-2024",
        "emotion intensity did not change",
    ):
        assert words in text
    judgement = reviewer.get(f"/desk/review/{room.pk}/").context["judgements"][0]
    shown = [(rule.words.name, value, asked, rule.held) for rule, value, asked, _pointers in judgement[1]]
    assert ("improvement", "0", "≥ 1", False) in shown
    assert ("enough_utterances", "16", "≥ 16", True) in shown


def test_a_decision_is_stored_with_its_reason_and_audited(study: Study, reviewer: Client) -> None:
    room = make_finished(study, intensity=4)
    answer = reviewer.post(
        f"/desk/review/{room.pk}/",
        {"decision": "accepted", "reason": "Read the scale upside down.", "final_emotion_intensity": "2"},
        follow=True,
    )
    assert answer.redirect_chain == [(f"/desk/review/{room.pk}/", 302)]
    text = _shown(answer.content.decode())
    assert f"Conversation {str(room.pk)[:8]} is accepted now." in text
    assert "<strong>2</strong>" in text
    room.refresh_from_db()
    assert (room.verdict, room.decided_by) == ("accepted", "review")
    review = Review.objects.get()
    assert (review.decision, review.reason, review.corrections, review.reviewer.username) == (
        "accepted",
        "Read the scale upside down.",
        {"final_emotion_intensity": 2},
        "reviewer",
    )
    row = AuditRow.objects.get(action="conversation.reviewed")
    assert (row.actor, row.object_id, row.why) == (
        "staff:reviewer",
        str(room.pk),
        "Read the scale upside down.",
    )


def test_a_decision_leads_on_to_the_next_one_that_waits(study: Study, reviewer: Client) -> None:
    first, second = make_finished(study, intensity=4), make_finished(study, intensity=4)
    data = {"decision": "rejected", "reason": "The talk never touched the problem.", "then": "next"}
    answer = reviewer.post(f"/desk/review/{first.pk}/", data)
    assert answer.headers["Location"] == f"/desk/review/{second.pk}/"
    answer = reviewer.post(f"/desk/review/{second.pk}/", data)
    assert answer.headers["Location"] == "/desk/review/?study=first-light"


BAD: list[tuple[dict[str, str], str]] = [
    ({"decision": "accepted", "reason": ""}, "Give a reason"),
    ({"decision": "accepted", "reason": "   "}, "Give a reason"),
    ({"decision": "", "reason": "Kept words."}, "Choose accept or reject."),
    ({"decision": "maybe", "reason": "Kept words."}, "Choose accept or reject."),
    ({"decision": "accepted", "reason": "x" * 2001}, "at most 2000 characters"),
    (
        {"decision": "accepted", "reason": "Kept words.", "final_emotion_intensity": "9"},
        "Choose a number from 1 to 5",
    ),
]


@pytest.mark.parametrize(("data", "words"), BAD)
def test_a_bad_decision_stores_nothing_and_keeps_what_was_typed(
    data: dict[str, str], words: str, study: Study, reviewer: Client
) -> None:
    room = make_finished(study, intensity=4)
    answer = reviewer.post(f"/desk/review/{room.pk}/", data)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert words in text
    assert data["reason"].strip() in text
    assert not Review.objects.exists()


def test_a_conversation_that_goes_on_cannot_be_decided(study: Study, reviewer: Client) -> None:
    room = open_room(study)
    talk(room, 4)
    assert "This conversation is not finished" in reviewer.get(f"/desk/review/{room.pk}/").content.decode()
    answer = reviewer.post(f"/desk/review/{room.pk}/", {"decision": "accepted", "reason": "Too early."})
    assert answer.status_code == 422
    assert not Review.objects.exists()


def test_a_flag_points_at_its_utterance_and_is_closed_with_a_reason(study: Study, reviewer: Client) -> None:
    room = make_finished(study, 4)
    flag = Flag.objects.create(conversation=room, kind="help_abuse", severity="urgent", evidence=[2])
    address = f"/desk/review/{room.pk}/flags/{flag.pk}/close/"
    shown = reviewer.get(f"/desk/review/{room.pk}/").context["lines"]
    assert [line.line.seq for line in shown if line.flags == ("help_abuse",)] == [2]
    reviewer.post(address, {"reason": ""})
    assert Flag.objects.get(pk=flag.pk).closed_at is None
    answer = reviewer.post(address, {"reason": "Spoke with both; a misunderstanding."}, follow=True)
    assert "The flag is closed." in answer.content.decode()
    assert Flag.objects.get(pk=flag.pk).closed_at is not None
    assert AuditRow.objects.get(action="flag.closed").why == "Spoke with both; a misunderstanding."
    again = reviewer.post(address, {"reason": "Once more."}, follow=True)
    assert "Somebody else closed this flag" in again.content.decode()


def test_a_researcher_reads_but_sees_no_flags_and_no_decision(study: Study, login: Login) -> None:
    room = make_finished(study, 4)
    Flag.objects.create(conversation=room, kind="help_abuse", severity="urgent", evidence=[2])
    data = {"decision": "rejected", "reason": "A reason among reviewers."}
    login("reviewer").post(f"/desk/review/{room.pk}/", data)
    client = login("researcher")
    text = client.get(f"/desk/review/{room.pk}/").content.decode()
    assert SEEKER_SAYS in text
    assert "help abuse" not in text
    assert "Your decision" not in text
    assert "A reason among reviewers." not in text
    assert "help abuse" not in client.get("/desk/review/").content.decode()


def test_take_the_next_claims_it_and_shows_others_who_has_it(study: Study, login: Login) -> None:
    older, newer = make_finished(study, intensity=4), make_finished(study, intensity=4)
    ada, bob = login("reviewer"), login("admin")
    taken = ada.post("/desk/review/next/?verdict=needs_review", {"study": study.slug})
    assert taken.headers["Location"] == f"/desk/review/{newer.pk}/?verdict=needs_review"
    assert "With you until" in ada.get(taken.headers["Location"]).content.decode()
    shown = _shown(bob.get("/desk/review/").content.decode())
    assert "with reviewer until" in shown
    assert "with you" in _shown(ada.get("/desk/review/").content.decode())
    theirs = _shown(bob.get(f"/desk/review/{newer.pk}/").content.decode())
    assert "reviewer works on this conversation until" in theirs
    assert "Your decision" not in theirs
    decided = bob.post(f"/desk/review/{newer.pk}/", {"decision": "accepted", "preset": "real"})
    assert (decided.status_code, Review.objects.exists()) == (422, False)
    assert "Nothing was stored." not in theirs
    taken = bob.post("/desk/review/next/", {"study": study.slug})
    assert taken.headers["Location"] == f"/desk/review/{older.pk}/"
    skipped = bob.post("/desk/review/next/", {"study": study.slug, "after": str(older.pk)})
    assert skipped.headers["Location"] == f"/desk/review/?study={study.slug}"
    assert get_claim(older) is None


def test_a_script_holds_the_claim_and_gives_back_only_its_own(study: Study, login: Login) -> None:
    room = make_finished(study, intensity=4)
    ada, bob = login("reviewer"), login("admin")
    address, json = f"/desk/review/{room.pk}/claim/", {"Accept": "application/json"}
    first = ada.post(address, headers=json).json()["since"]
    second = ada.post(address, headers=json).json()["since"]
    assert ada.post(address, {"renew": "1"}, headers=json).json()["since"] == second
    refused = bob.post(address, headers=json)
    assert (refused.status_code, refused.json()["text"][:20]) == (409, "It is with reviewer ")
    for client, since, held in (
        (ada, first, True),
        (bob, second, True),
        (ada, "rubbish", True),
        (ada, second, False),
    ):
        assert client.post(f"/desk/review/{room.pk}/release/", {"since": since}).status_code == 204
        assert (get_claim(room) is not None) is held


def test_a_decision_can_be_undone_from_the_next_page(study: Study, reviewer: Client) -> None:
    first, second = make_finished(study, intensity=4), make_finished(study, intensity=4)
    data = {"decision": "rejected", "preset": "little", "then": "next"}
    answer = reviewer.post(f"/desk/review/{second.pk}/", data, follow=True)
    assert answer.redirect_chain == [(f"/desk/review/{first.pk}/", 302)]
    review = Review.objects.get()
    assert review.reason == "Hardly any support was given."
    address = f"/desk/review/{second.pk}/undo/{review.pk}/"
    assert address in answer.content.decode()
    assert reviewer.post(f"/desk/review/{first.pk}/undo/{review.pk}/").status_code == 404
    undone = reviewer.post(address, follow=True)
    assert "Undone: verdict and flags are as they were" in undone.content.decode()
    second.refresh_from_db()
    assert (second.verdict, second.decided_by) == ("needs_review", "policy")
    late = reviewer.post(address, follow=True)
    assert "This decision was undone already." in late.content.decode()


def test_a_ready_reason_must_fit_the_decision_and_words_are_added_to_it(
    study: Study, reviewer: Client
) -> None:
    room = make_finished(study, intensity=4)
    wrong = reviewer.post(f"/desk/review/{room.pk}/", {"decision": "accepted", "preset": "little"})
    assert (wrong.status_code, "This reason is for the other decision." in wrong.content.decode()) == (
        422,
        True,
    )
    both = {"decision": "rejected", "preset": "little", "reason": "Only greetings."}
    reviewer.post(f"/desk/review/{room.pk}/", both)
    assert Review.objects.get().reason == "Hardly any support was given. Only greetings."


def test_words_are_hidden_and_shown_again_from_the_page(study: Study, reviewer: Client) -> None:
    room = make_finished(study, intensity=4)
    seq = room.events.filter(kind="msg")[0].seq
    address = f"/desk/review/{room.pk}/hide/{seq}/"
    choices = [choice for choice, _label in reviewer.get(address).context["form"].fields["words"].choices]
    assert choices[:2] == ["0-1", "2-6"]
    for bad in ({"preset": "name"}, {"words": ["0-1"]}, {"words": ["0-3"], "preset": "name"}):
        assert reviewer.post(address, bad).status_code == 422
    assert not Mask.objects.exists()
    done = reviewer.post(address, {"words": ["0-1", "2-6"], "preset": "name"}, follow=True)
    assert done.redirect_chain == [(f"/desk/review/{room.pk}/#u-{seq}", 302)]
    assert '<s class="masked">' in done.content.decode()
    assert list(Mask.objects.values_list("seq", "start", "end", "reason")) == [(seq, 0, 6, "A name.")]
    reviewer.post(f"/desk/review/{room.pk}/show/{seq}/", {"reason": "No name."})
    assert not Mask.objects.filter(undone_at=None).exists()
    assert reviewer.get(f"/desk/review/{room.pk}/hide/9999/").status_code == 404


def test_a_second_opinion_is_asked_for_and_given(study: Study, login: Login) -> None:
    room = make_finished(study, intensity=4)
    ada, bob = login("reviewer"), login("admin")
    refused = ada.post(f"/desk/review/{room.pk}/second/", {"reason": ""}, follow=True)
    assert "Give a reason" in refused.content.decode()
    asked = ada.post(f"/desk/review/{room.pk}/second/", {"reason": "Is this support?"})
    assert asked.headers["Location"] == f"/desk/review/?study={study.slug}"
    mine = _shown(ada.get(f"/desk/review/{room.pk}/").content.decode())
    assert "You asked for a second opinion here" in mine
    theirs = _shown(bob.get(f"/desk/review/{room.pk}/").content.decode())
    assert "reviewer asks for your opinion" in theirs
    assert "Is this support?" in theirs
    ada.post(f"/desk/review/{room.pk}/second/back/")
    assert get_claim(room) is not None


def test_an_appeal_comes_first_and_the_decision_answers_it(study: Study, reviewer: Client) -> None:
    appealed, undecided = make_finished(study, 4), make_finished(study, intensity=4)
    appeal(appealed.seeker, appealed.pk, "It helped me a lot.")
    assert _queue(reviewer)[:2] == [appealed, undecided]
    page = reviewer.get(f"/desk/review/{appealed.pk}/").content.decode()
    assert "It helped me a lot." in page
    data = {"decision": "accepted", "preset": "complete"}
    missing = reviewer.post(f"/desk/review/{appealed.pk}/", data)
    assert (missing.status_code, "Answer the appeal" in missing.content.decode()) == (422, True)
    reviewer.post(f"/desk/review/{appealed.pk}/", {**data, "answer": "You are right."})
    assert Appeal.objects.get().answer == "You are right."


def test_a_finding_shows_where_it_lies_why_and_how_it_can_be_wrong(study: Study, login: Login) -> None:
    room = make_finished(study, 4)
    policy = room.verdicts.get(policy__kind="deciding").policy
    Flag.objects.all().delete()
    Finding.objects.all().delete()
    seq = room.events.filter(kind="msg")[0].seq
    Finding.objects.create(
        conversation=room,
        policy=policy,
        rule="personal_data",
        severity="warning",
        value=1,
        threshold=1,
        why="One name was found.",
        evidence=[{"seq": seq, "start": 2, "end": 6}],
    )
    flag = Flag.objects.create(conversation=room, kind="personal_data", severity="warning", evidence=[seq])
    client = login("reviewer")
    page = _shown(client.get(f"/desk/review/{room.pk}/").content.decode())
    assert f">{SEEKER_SAYS[2:6]}</mark>" in page
    assert "One name was found." in page
    assert "Can be wrong:" in page
    assert f'href="#u-{seq}"' in page
    suggested = client.get(f"/desk/review/{room.pk}/hide/{seq}/").context["form"].initial["words"]
    assert suggested == ["2-6"]
    client.post(f"/desk/review/{room.pk}/flags/{flag.pk}/close/", {"reason": "No name.", "right": "no"})
    assert Flag.objects.get(pk=flag.pk).right is False
    researcher = login("researcher").get(f"/desk/review/{room.pk}/").content.decode()
    assert "<mark" not in researcher
    assert "One name was found." not in researcher


def test_a_researcher_cannot_act_on_reviews(study: Study, login: Login) -> None:
    room = make_finished(study, intensity=4)
    client = login("researcher")
    for path in (
        "next/",
        *(f"{room.pk}/{act}/" for act in ("claim", "release", "undo/1", "second", "hide/2", "show/2")),
    ):
        assert client.post(f"/desk/review/{path}").status_code == 403, path
