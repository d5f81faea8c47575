from __future__ import annotations

import threading
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection, connections, transaction
from django.db.models import F

from escollect.accounts.models import User
from escollect.conversations.models import Conversation
from escollect.infra.clock import now
from escollect.people.models import Participant, Person
from escollect.quality import actions
from escollect.quality.actions import NotReviewable, Taken
from escollect.quality.actions.claiming import LEASE
from escollect.quality.models import Claim, Flag
from escollect.quality.queue import QueueFilter, get_claim, get_queue, get_waiting
from escollect.studies.models import Study
from tests.support.rooms import make_study

pytestmark = pytest.mark.django_db
NOBODY = str(uuid4())


@pytest.fixture
def study() -> Study:
    return make_study()


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada")


@pytest.fixture
def bob() -> User:
    return User.objects.create_user("bob")


def make_waiting(study: Study, count: int = 1) -> list[Conversation]:
    """Finished conversations that need a review, the newest last."""
    made = []
    version = study.current
    assert version is not None
    for _number in range(count):
        seeker, supporter = (
            Participant.objects.create(
                person=Person.objects.create(), study=study, role=role, pseudonym=f"{role}-{_number}"
            )
            for role in ("seeker", "supporter")
        )
        made.append(
            Conversation.objects.create(
                study=study,
                version=version,
                seeker=seeker,
                supporter=supporter,
                state="finished",
                verdict="needs_review",
                decided_by="policy",
            )
        )
    return made


def let_lapse(conversation: Conversation) -> None:
    Claim.objects.filter(conversation=conversation).update(
        lease_until=F("lease_until") - LEASE - timedelta(seconds=1)
    )


def test_two_reviewers_take_different_conversations_and_then_none_is_left(
    study: Study, ada: User, bob: User
) -> None:
    older, newer = make_waiting(study, 2)
    taken = [actions.claim_next(study, who) for who in (ada, bob)]
    assert [(one.conversation_id, one.reviewer_id) for one in taken if one] == [
        (newer.pk, ada.pk),
        (older.pk, bob.pk),
    ]
    actions.release(older.pk, bob)
    assert actions.claim_next(study, bob, passed=[older.pk]) is None


def test_what_waits_most_is_taken_first_and_the_filter_is_kept(study: Study, ada: User) -> None:
    flagged, appealed, urgent, doubtful = make_waiting(study, 4)
    Conversation.objects.filter(pk__in=[flagged.pk, appealed.pk, urgent.pk]).update(verdict="rejected")
    Flag.objects.create(conversation=flagged, kind="task_talk")
    Flag.objects.create(conversation=appealed, kind="appeal", severity="warning")
    Flag.objects.create(conversation=urgent, kind="risk_words", severity="urgent")
    order: list[UUID] = []
    while taken := actions.claim_next(study, ada, passed=order):
        order.append(taken.conversation_id)
    assert order == [urgent.pk, appealed.pk, doubtful.pk, flagged.pk]
    only = actions.claim_next(study, ada, QueueFilter(flag="task_talk"))
    assert only is not None
    assert only.conversation_id == flagged.pk


def test_a_claim_keeps_others_away_until_it_lapses_or_is_given_back(
    study: Study, ada: User, bob: User
) -> None:
    (conversation,) = make_waiting(study)
    mine = actions.claim(conversation.pk, ada)
    with pytest.raises(Taken, match="It is with ada until ") as refused:
        actions.claim(conversation.pk, bob)
    assert refused.value.claim == mine
    with pytest.raises(Taken):
        actions.renew(conversation.pk, bob)
    assert actions.claim_next(study, bob) is None
    assert get_claim(conversation) == mine
    (row,) = get_queue(study, QueueFilter()).rows
    assert row.claim == mine
    let_lapse(conversation)
    assert get_claim(conversation) is None
    assert get_queue(study, QueueFilter()).rows[0].claim is None
    assert actions.claim(conversation.pk, bob).reviewer == bob
    assert actions.release(conversation.pk, ada) is False
    assert actions.release(conversation.pk, bob) is True
    assert not Claim.objects.exists()


def test_a_window_that_closes_takes_no_newer_claim_with_it(study: Study, ada: User) -> None:
    (conversation,) = make_waiting(study)
    old = actions.claim(conversation.pk, ada).claimed_at
    new = actions.claim(conversation.pk, ada).claimed_at
    renewed = actions.renew(conversation.pk, ada)
    assert (renewed.claimed_at, renewed.lease_until > now()) == (new, True)
    assert actions.release(conversation.pk, ada, old) is False
    assert actions.release(conversation.pk, ada, new) is True


def test_only_who_has_the_claim_decides_and_the_decision_gives_it_back(
    study: Study, ada: User, bob: User
) -> None:
    (conversation,) = make_waiting(study)
    actions.claim(conversation.pk, ada)
    with pytest.raises(NotReviewable, match=r"It is with ada until .* Nothing was stored."):
        actions.review(conversation, bob, "accepted", "Fine.")
    actions.review(conversation, ada, "accepted", "Fine.")
    assert not Claim.objects.exists()
    actions.review(conversation, bob, "rejected", "No claim is needed where nobody has one.")


def test_the_queue_finds_what_a_participant_took_part_in(study: Study) -> None:
    first, _second = make_waiting(study, 2)
    found = {
        text: list(get_waiting(study, QueueFilter(participant=text)))
        for text in ("seeker-0", "SUPPORTER-0", str(first.seeker_id), NOBODY)
    }
    assert found == {
        "seeker-0": [first],
        "SUPPORTER-0": [first],
        str(first.seeker_id): [first],
        NOBODY: [],
    }


class Grabber(threading.Thread):
    """A reviewer in a thread of their own, who decides one conversation after the other."""

    def __init__(self, study: Study, reviewer: User, begin: threading.Barrier) -> None:
        super().__init__()
        self.study, self.reviewer, self.begin = study, reviewer, begin
        self.taken: list[UUID] = []
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            self.begin.wait()
            while claim := actions.claim_next(self.study, self.reviewer):
                self.taken.append(claim.conversation_id)
                actions.review(claim.conversation, self.reviewer, "accepted", "Fine.")
        except Exception as error:  # noqa: BLE001  the test shows it
            self.error = error
        finally:
            connections.close_all()


@pytest.fixture
def postgres_only() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one writer in at a time")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("postgres_only")
def test_four_reviewers_at_once_never_get_the_same_conversation() -> None:
    study = make_study()
    conversations = make_waiting(study, 40)
    begin = threading.Barrier(4)
    grabbers = [Grabber(study, User.objects.create_user(f"reviewer-{n}"), begin) for n in range(4)]
    for grabber in grabbers:
        grabber.start()
    for grabber in grabbers:
        grabber.join(60)
    assert [grabber.error for grabber in grabbers] == [None] * 4
    taken = [key for grabber in grabbers for key in grabber.taken]
    assert sorted(taken) == sorted(conversation.pk for conversation in conversations)
    assert all(grabber.taken for grabber in grabbers)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("postgres_only")
def test_who_waited_for_the_lock_sees_the_claim_that_came_first(study: Study, ada: User, bob: User) -> None:
    (conversation,) = make_waiting(study)
    outcome: list[object] = []

    def other() -> None:
        try:
            outcome.append(actions.claim(conversation.pk, bob))
        except Taken as taken:
            outcome.append(taken.claim)
        finally:
            connections.close_all()

    with transaction.atomic():
        mine = actions.claim(conversation.pk, ada)
        waiter = threading.Thread(target=other)
        waiter.start()
        waiter.join(0.3)
        assert waiter.is_alive()
    waiter.join(20)
    assert outcome == [mine]
