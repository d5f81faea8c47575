from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F

from escollect.accounts.models import User
from escollect.audit.models import AuditRow
from escollect.conversations.actions import erase
from escollect.conversations.models import Conversation
from escollect.corpus.selectors import published
from escollect.domain.events import Role
from escollect.quality import actions, tasks
from escollect.quality.actions import NotReviewable, Taken
from escollect.quality.models import Appeal, Claim, Flag, Mask, Review, SecondOpinion
from escollect.quality.queue import get_claim
from escollect.quality.selectors import get_policy
from escollect.quality.undo import get_undoable
from tests.quality.rooms import SUPPORTER, finish, talk
from tests.support.rooms import make_study

pytestmark = pytest.mark.django_db

LATE = r"The minute is over, so the decision stands\. Decide again, with a reason\."


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada")


@pytest.fixture
def bob() -> User:
    return User.objects.create_user("bob")


@pytest.fixture
def conversation() -> Conversation:
    """One that the policy accepted."""
    made = finish(make_study())
    tasks.judge_backlog()
    made.refresh_from_db()
    return made


def standing(conversation: Conversation) -> tuple[str, str, list[str]]:
    """The verdict, who decided, and the kinds of the open flags."""
    conversation.refresh_from_db()
    flags = Flag.objects.filter(conversation=conversation, closed_at=None).order_by("kind")
    return conversation.verdict, conversation.decided_by, list(flags.values_list("kind", flat=True))


def let_minute_pass() -> None:
    Review.objects.update(at=F("at") - timedelta(seconds=61))


def test_undoing_brings_back_verdict_flags_correction_and_claim(
    conversation: Conversation, ada: User
) -> None:
    Flag.objects.filter(conversation=conversation).delete()
    for kind, severity in (("task_talk", "info"), ("risk_words", "urgent"), ("help_tech", "warning")):
        Flag.objects.create(conversation=conversation, kind=kind, severity=severity)
    before = standing(conversation)
    actions.claim(conversation.pk, ada)
    row = actions.review(conversation, ada, "rejected", "Copied.", {"final_emotion_intensity": 5})
    assert standing(conversation) == ("rejected", "review", ["help_tech", "risk_words"])
    assert get_undoable(ada) == row
    actions.undo_review(row, ada)
    assert (
        standing(conversation) == before == ("accepted", "policy", ["help_tech", "risk_words", "task_talk"])
    )
    claim = get_claim(conversation)
    assert claim is not None
    assert claim.reviewer == ada
    assert next(published([conversation.pk])).final_intensity == 2
    assert get_undoable(ada) is None
    audit = AuditRow.objects.get(action="conversation.review_undone")
    assert (audit.actor, audit.old, audit.new) == (
        "staff:ada",
        {"verdict": "rejected", "review": row.pk},
        {"verdict": "accepted"},
    )


def test_after_a_minute_a_decision_stands_and_the_refusal_says_so(
    conversation: Conversation, ada: User
) -> None:
    row = actions.review(conversation, ada, "rejected", "Copied.")
    let_minute_pass()
    assert get_undoable(ada) is None
    with pytest.raises(NotReviewable, match=LATE):
        actions.undo_review(row, ada)
    assert standing(conversation)[:2] == ("rejected", "review")


def test_undoing_goes_back_to_the_review_before_and_only_once(conversation: Conversation, ada: User) -> None:
    actions.review(conversation, ada, "rejected", "Copied.")
    second = actions.review(conversation, ada, "accepted", "Not copied after all.")
    actions.undo_review(second, ada)
    assert standing(conversation)[:2] == ("rejected", "review")
    with pytest.raises(NotReviewable, match=r"undone already"):
        actions.undo_review(second, ada)


def test_nobody_undoes_what_another_decided_or_what_was_decided_over(
    conversation: Conversation, ada: User, bob: User
) -> None:
    first = actions.review(conversation, ada, "rejected", "Copied.")
    with pytest.raises(NotReviewable, match=r"Only who decided can undo it\."):
        actions.undo_review(first, bob)
    actions.review(conversation, bob, "accepted", "Not copied.")
    with pytest.raises(NotReviewable, match=r"Somebody decided after you"):
        actions.undo_review(first, ada)
    assert standing(conversation)[:2] == ("accepted", "review")


def test_what_a_new_policy_said_meanwhile_holds_after_undoing(conversation: Conversation, ada: User) -> None:
    row = actions.review(conversation, ada, "rejected", "Copied.")
    definition = dict(get_policy("esconv-2021").definition)
    definition = {**definition, "branches": definition["branches"][:1], "otherwise": "needs_review"}
    actions.activate_policy(actions.add_policy(definition, None), None)
    tasks.judge_backlog()
    actions.undo_review(row, ada)
    assert standing(conversation) == ("needs_review", "policy", ["needs_review"])


def test_nobody_is_asked_again_when_a_new_policy_needs_nobody_after_undoing(
    conversation: Conversation, ada: User
) -> None:
    plain = dict(get_policy("esconv-2021").definition)
    asking = {**plain, "branches": plain["branches"][:1], "otherwise": "needs_review"}
    actions.activate_policy(actions.add_policy(asking, None), None)
    tasks.judge_backlog()
    assert standing(conversation) == ("needs_review", "policy", ["needs_review"])
    row = actions.review(conversation, ada, "rejected", "Copied.")
    actions.activate_policy(get_policy("esconv-2021@1"), None)
    actions.undo_review(row, ada)
    assert standing(conversation) == ("accepted", "policy", [])


def test_an_erased_conversation_is_not_undone_into_life(conversation: Conversation, ada: User) -> None:
    row = actions.review(conversation, ada, "rejected", "Copied.")
    erase(conversation)
    with pytest.raises(NotReviewable, match="erased meanwhile"):
        actions.undo_review(row, ada)


def test_a_second_opinion_goes_to_another_reviewer_who_decides(
    conversation: Conversation, ada: User, bob: User
) -> None:
    actions.claim(conversation.pk, ada)
    actions.ask_second_opinion(conversation, ada, "Is this still support?")
    assert standing(conversation) == ("accepted", "policy", ["second_opinion"])
    assert not Claim.objects.exists()
    assert actions.claim_next(conversation.study, ada) is None
    with pytest.raises(Taken, match="another reviewer decides"):
        actions.claim(conversation.pk, ada)
    with pytest.raises(NotReviewable, match="another reviewer decides"):
        actions.review(conversation, ada, "accepted", "Sure now.")
    taken = actions.claim_next(conversation.study, bob)
    assert taken is not None
    with pytest.raises(NotReviewable, match="it is yours to give"):
        actions.ask_second_opinion(conversation, bob, "I do not know either.")
    row = actions.review(conversation, bob, "rejected", "It is small talk.")
    assert standing(conversation) == ("rejected", "review", [])
    assert not SecondOpinion.objects.filter(closed_at=None).exists()
    actions.undo_review(row, bob)
    assert standing(conversation) == ("accepted", "policy", ["second_opinion"])
    assert SecondOpinion.objects.get(closed_at=None).asked_by == ada


def test_a_question_is_taken_back_unless_somebody_works_on_it(
    conversation: Conversation, ada: User, bob: User
) -> None:
    with pytest.raises(NotReviewable, match="Give a reason"):
        actions.ask_second_opinion(conversation, ada, " ")
    actions.ask_second_opinion(conversation, ada, "Is this still support?")
    actions.claim(conversation.pk, bob)
    with pytest.raises(Taken, match="It is with bob"):
        actions.take_question_back(conversation, ada)
    assert standing(conversation)[2] == ["second_opinion"]
    actions.release(conversation.pk, bob)
    assert actions.take_question_back(conversation, ada) is True
    assert standing(conversation)[2] == []
    assert Claim.objects.get().reviewer == ada
    assert actions.take_question_back(conversation, ada) is False


def said(conversation: Conversation) -> list[str]:
    return [one.text for one in next(published([conversation.pk])).utterances]


def test_hidden_words_are_not_published_and_the_original_stays(conversation: Conversation, ada: User) -> None:
    seq = conversation.events.filter(kind="msg", author="supporter").order_by("seq").first().seq  # type: ignore[union-attr]
    at = said(conversation).index(SUPPORTER)
    actions.hide_words(conversation, ada, seq, [(7, 10), (2, 6)], "A name.")
    assert said(conversation)[at] == "I [hidden] much this weighs on you right now"
    assert conversation.events.get(seq=seq).text == SUPPORTER
    assert AuditRow.objects.get(action="utterance.words_hidden").new == {"seq": seq, "ranges": [[2, 10]]}
    assert actions.show_words(conversation, ada, seq, "It was no name.") == 1
    assert said(conversation)[at] == SUPPORTER
    assert actions.show_words(conversation, ada, seq, "Again.") == 0


def test_words_that_are_not_there_cannot_be_hidden(conversation: Conversation, ada: User) -> None:
    seq = conversation.events.filter(kind="msg").order_by("seq").first().seq  # type: ignore[union-attr]
    for where, ranges, reason, field in (
        (seq, [(0, 500)], "A name.", "words"),
        (seq, [(3, 3)], "A name.", "words"),
        (seq, [], "A name.", "words"),
        (999, [(0, 1)], "A name.", "words"),
        (seq, [(0, 1)], "", "reason"),
    ):
        with pytest.raises(NotReviewable) as refused:
            actions.hide_words(conversation, ada, where, ranges, reason)
        assert list(refused.value.fields) == [field]
    assert not Mask.objects.exists()


def test_erasing_forgets_masks_claims_questions_and_the_words_of_appeals(ada: User) -> None:
    pair = talk(make_study(), 6)
    for role in Role:
        pair.answer(role)
    tasks.judge_backlog()
    conversation = pair.row
    actions.appeal(pair.seeker, conversation.pk, "It was a good talk.")
    actions.hide_words(conversation, ada, conversation.events.filter(kind="msg")[0].seq, [(0, 1)], "A name.")
    actions.ask_second_opinion(conversation, ada, "Somebody quotes here.")
    erase(conversation)
    assert not Mask.objects.exists()
    assert not Claim.objects.exists()
    assert list(Appeal.objects.values_list("text", "answer")) == [("", "")]
    assert list(SecondOpinion.objects.values_list("reason", flat=True)) == [""]
    assert not SecondOpinion.objects.filter(closed_at=None).exists()
    assert not Flag.objects.filter(closed_at=None).exists()
