from __future__ import annotations

import pytest
from django.test import Client

from escollect.audit.models import AuditRow
from escollect.conversations.models import Conversation
from escollect.quality.models import Flag, Review
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
