from __future__ import annotations

import pytest

from escollect.accounts.models import User
from escollect.audit.models import AuditRow
from escollect.conversations.models import Outcome
from escollect.domain.events import Refused, Role
from escollect.quality import actions, tasks
from escollect.quality.actions import NotReviewable
from escollect.quality.models import Appeal, Flag
from escollect.quality.queue import get_waiting
from tests.quality.rooms import talk
from tests.support.rooms import Pair, make_study

pytestmark = pytest.mark.django_db

WORDS = "  We talked for an hour, please read it again. "


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada")


def make_judged(turns: int, slug: str = "calm") -> Pair:
    """A finished pair: rejected with 6 turns, accepted with 16."""
    pair = talk(make_study(slug), turns)
    for role in Role:
        pair.answer(role)
    tasks.judge_backlog()
    return pair


@pytest.fixture
def pair() -> Pair:
    return make_judged(6)


def code_of(pair: Pair, role: Role, text: str) -> str:
    with pytest.raises(Refused) as refused:
        actions.appeal(pair.of(role), pair.conversation, text)
    return refused.value.code


def test_an_appeal_puts_the_conversation_into_the_queue_and_changes_nothing_else(pair: Pair) -> None:
    paid = list(Outcome.objects.order_by("pk").values_list("code", "pay_rule"))
    assert not get_waiting(pair.row.study).exists()
    made = actions.appeal(pair.seeker, pair.conversation, WORDS)
    assert (made.text, made.answered_at) == (WORDS.strip(), None)
    assert list(get_waiting(pair.row.study)) == [pair.row]
    assert list(Flag.objects.values_list("kind", "severity")) == [("appeal", "warning")]
    assert (pair.row.verdict, pair.row.decided_by) == ("rejected", "policy")
    assert list(Outcome.objects.order_by("pk").values_list("code", "pay_rule")) == paid
    row = AuditRow.objects.get(action="conversation.appealed")
    assert (row.actor, row.new, row.why) == (f"participant:{pair.seeker.pk}", {"appeal": made.pk}, "")


def test_each_participant_appeals_once(pair: Pair) -> None:
    actions.appeal(pair.seeker, pair.conversation, WORDS)
    assert code_of(pair, Role.SEEKER, "And once more.") == "appealed"
    actions.appeal(pair.supporter, pair.conversation, "I agree with the seeker.")
    assert list(Appeal.objects.order_by("pk").values_list("participant", flat=True)) == [
        pair.seeker.pk,
        pair.supporter.pk,
    ]
    assert Flag.objects.count() == 1


def test_only_what_was_turned_down_is_appealed_by_who_was_in_it_with_words(pair: Pair) -> None:
    accepted = make_judged(16, "second")
    assert code_of(pair, Role.SEEKER, "  ") == "text_empty"
    assert code_of(pair, Role.SEEKER, "x" * 2001) == "text_too_long"
    with pytest.raises(Refused) as refused:
        actions.appeal(accepted.seeker, pair.conversation, WORDS)
    assert refused.value.code == "not_found"
    assert code_of(accepted, Role.SEEKER, WORDS) == "not_rejected"
    assert not Appeal.objects.exists()


def test_who_decides_must_answer_and_the_answer_closes_the_appeal(pair: Pair, ada: User) -> None:
    actions.appeal(pair.seeker, pair.conversation, WORDS)
    flag = Flag.objects.get()
    with pytest.raises(ValueError, match="decide, and the flag is closed"):
        actions.close_flag(flag, ada, "Looked at it.")
    for answer in ("", "x" * 2001):
        with pytest.raises(NotReviewable) as refused:
            actions.review(pair.row, ada, "accepted", "Good indeed.", answer=answer)
        assert list(refused.value.fields) == ["answer"]
    assert pair.row.verdict == "rejected"
    row = actions.review(pair.row, ada, "accepted", "Good indeed.", answer=" You were right. ")
    appeal = Appeal.objects.get()
    assert (appeal.answer, appeal.answered_by, appeal.answered_at is None) == ("You were right.", ada, False)
    assert not get_waiting(pair.row.study).exists()
    actions.undo_review(row, ada)
    appeal.refresh_from_db()
    assert (appeal.answer, appeal.answered_by, appeal.answered_at) == ("", None, None)
    assert list(get_waiting(pair.row.study)) == [pair.row]


def test_an_answer_that_nobody_asked_for_is_refused(pair: Pair, ada: User) -> None:
    with pytest.raises(NotReviewable, match="Nobody appealed here"):
        actions.review(pair.row, ada, "accepted", "Good.", answer="You were right.")
