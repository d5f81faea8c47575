from __future__ import annotations

from typing import Any

import pytest

from escollect.accounts.models import User
from escollect.audit.models import AuditRow
from escollect.conversations.models import Conversation, SurveyResponse
from escollect.corpus.selectors import published
from escollect.quality import actions, tasks
from escollect.quality.actions import NotReviewable
from escollect.quality.models import Flag, Review
from escollect.quality.selectors import get_policy
from tests.quality.rooms import finish, talk
from tests.support.rooms import make_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def reviewer() -> User:
    return User.objects.create_user("rosa")


@pytest.fixture
def conversation() -> Conversation:
    made = finish(make_study(), turns=6)
    tasks.judge_backlog()
    made.refresh_from_db()
    return made


def settled(conversation: Conversation) -> tuple[str, str]:
    conversation.refresh_from_db()
    return conversation.verdict, conversation.decided_by


def test_a_review_stands_above_the_policy_whenever_it_judges(
    conversation: Conversation, reviewer: User
) -> None:
    assert settled(conversation) == ("rejected", "policy")
    actions.review(conversation, reviewer, "accepted", "Short and very good.")
    assert settled(conversation) == ("accepted", "review")
    definition = dict(get_policy("esconv-2021").definition)
    actions.activate_policy(actions.add_policy(definition, None), None)
    tasks.judge_backlog()
    assert settled(conversation) == ("accepted", "review")


def test_the_latest_review_decides_and_all_are_kept(conversation: Conversation, reviewer: User) -> None:
    actions.review(conversation, reviewer, "accepted", "Good.")
    actions.review(conversation, reviewer, "rejected", "On second thought, copied.")
    assert settled(conversation) == ("rejected", "review")
    found = Review.objects.filter(conversation=conversation).values_list("decision", "reason")
    assert list(found) == [("accepted", "Good."), ("rejected", "On second thought, copied.")]


def test_a_review_leaves_an_audit_row_and_closes_its_flag(conversation: Conversation, reviewer: User) -> None:
    Flag.objects.create(conversation=conversation, kind="needs_review")
    Flag.objects.create(conversation=conversation, kind="help_unsafe")
    actions.review(conversation, reviewer, "accepted", " Fine. ", {"final_emotion_intensity": 1})
    row = AuditRow.objects.get(action="conversation.reviewed")
    assert (row.actor, row.object_id, row.old, row.new, row.why) == (
        "staff:rosa",
        str(conversation.pk),
        {"verdict": "rejected", "decided_by": "policy"},
        {"verdict": "accepted", "corrections": {"final_emotion_intensity": 1}},
        "Fine.",
    )
    still_open = Flag.objects.filter(conversation=conversation, closed_at=None)
    assert list(still_open.values_list("kind", flat=True)) == ["help_unsafe"]


def test_a_correction_is_published_and_the_answer_stays(conversation: Conversation, reviewer: User) -> None:
    before = list(SurveyResponse.objects.order_by("pk").values_list("answers", flat=True))
    actions.review(conversation, reviewer, "accepted", "Scale upside down.", {"final_emotion_intensity": 1})
    actions.review(conversation, reviewer, "accepted", "Both.", {"initial_emotion_intensity": 4})
    (transcript,) = published([conversation.pk])
    assert (transcript.initial_intensity, transcript.final_intensity) == (4, 1)
    assert list(SurveyResponse.objects.order_by("pk").values_list("answers", flat=True)) == before


@pytest.mark.parametrize(
    ("decision", "reason", "corrections", "field"),
    [
        ("maybe", "Because.", {}, "decision"),
        ("needs_review", "Because.", {}, "decision"),
        ("accepted", " \n", {}, "reason"),
        ("accepted", "x" * 2001, {}, "reason"),
        ("accepted", "Because.", {"empathy": 3}, "corrections"),
        ("accepted", "Because.", {"final_emotion_intensity": 6}, "corrections"),
        ("accepted", "Because.", {"final_emotion_intensity": True}, "corrections"),
        ("accepted", "Because.", {"final_emotion_intensity": "3"}, "corrections"),
    ],
)
def test_a_bad_review_is_refused_and_changes_nothing(
    conversation: Conversation,
    reviewer: User,
    decision: str,
    reason: str,
    corrections: dict[str, Any],
    field: str,
) -> None:
    with pytest.raises(NotReviewable) as refused:
        actions.review(conversation, reviewer, decision, reason, corrections)
    assert list(refused.value.fields) == [field]
    assert settled(conversation) == ("rejected", "policy")
    assert not Review.objects.exists()


def test_a_conversation_that_is_not_finished_cannot_be_reviewed(reviewer: User) -> None:
    conversation = talk(make_study()).row
    with pytest.raises(NotReviewable, match="survey, not finished"):
        actions.review(conversation, reviewer, "accepted", "Early.")
