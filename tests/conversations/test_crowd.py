"""The waiting room in batches: everybody ends where they would end alone, in few statements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.db import OperationalError, connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from escollect.audit.models import AuditRow
from escollect.conversations import actions
from escollect.conversations.actions import Act, crowd, lobby, together
from escollect.conversations.models import Conversation, Member, SurveyResponse, Ticket
from escollect.conversations.places import LobbyView, get_lobby_view
from escollect.domain.events import Refused, Role
from escollect.domain.frames import Decline, Hello, Leave, Ping, Ready
from escollect.domain.study import Targets
from escollect.people.actions import block
from escollect.people.models import Participant
from escollect.studies.models import Study
from tests.support.rooms import BEFORE, end, make_pair, make_participant, make_study

pytestmark = pytest.mark.django_db

SEEKER, SUPPORTER = Role.SEEKER, Role.SUPPORTER
ORDER: list[type] = [Ping, Decline, Leave, Ready, Hello]
HELLO, PING = Hello(1), Ping(None, hidden=False)


def newcomer(study: Study, role: Role) -> Participant:
    """Somebody who may wait and has not been here yet."""
    participant = make_participant(study, role)
    if role is SEEKER:
        actions.answer_survey_before(participant, BEFORE)
    return participant


def make_cast(study: Study) -> dict[str, Act]:
    """Name to frame: everything that can happen in one batch."""
    talking = make_pair(study).go_live()
    over = make_pair(study).go_live()
    over.ack(SEEKER, end())
    offered, declining, stranger = make_pair(study).meet(), make_pair(study).meet(), make_pair(study).meet()
    blocked = newcomer(study, SUPPORTER)
    block(blocked, None, "a test")
    back = newcomer(study, SEEKER)
    actions.hello(back)
    actions.leave(back)
    waiting = [newcomer(study, SUPPORTER) for _ in range(4)]
    for one in waiting:
        actions.hello(one)
    lease = Ticket.objects.filter(participant=waiting[3])
    lease.update(lease_until=F("lease_until") - timedelta(seconds=50))
    return {
        "waits on": Act(waiting[0].pk, PING),
        "hello again": Act(waiting[1].pk, HELLO),
        "leaves": Act(waiting[2].pk, Leave()),
        "lapsed": Act(waiting[3].pk, PING),
        "new seeker": Act(newcomer(study, SEEKER).pk, HELLO),
        "new supporter": Act(newcomer(study, SUPPORTER).pk, HELLO),
        "comes back": Act(back.pk, HELLO),
        "no survey": Act(make_participant(study, SEEKER).pk, HELLO),
        "not qualified": Act(make_participant(study, SUPPORTER, qualified=False).pk, HELLO),
        "blocked": Act(blocked.pk, HELLO),
        "talks": Act(talking.supporter.pk, HELLO),
        "talks and pings": Act(talking.seeker.pk, PING),
        "survey first": Act(over.seeker.pk, HELLO),
        "ready": Act(offered.seeker.pk, Ready(offered.conversation)),
        "ready too": Act(offered.supporter.pk, Ready(offered.conversation)),
        "declines": Act(declining.seeker.pk, Decline(declining.conversation)),
        "a strange offer": Act(stranger.seeker.pk, Ready(declining.conversation)),
        "no such offer": Act(stranger.supporter.pk, Decline(uuid4())),
        "leaves nothing": Act(newcomer(study, SUPPORTER).pk, Leave()),
    }


def say(answer: object) -> str:
    """An answer in short: a refusal, or where somebody stands."""
    if isinstance(answer, Refused):
        return answer.code
    assert isinstance(answer, LobbyView), answer
    return answer.status


def test_a_batch_brings_everybody_to_where_they_would_come_alone() -> None:
    alone, together = make_cast(make_study("alone")), make_cast(make_study("together"))
    # A batch does first what frees somebody; apart from that the order is theirs.
    in_turn = sorted(alone, key=lambda name: ORDER.index(type(alone[name].frame)))
    refused = {name: say(actions.act_many([alone[name]])[0]) for name in in_turn}
    at_once = actions.act_many(list(together.values()))
    refusals = {name: code for name, code in refused.items() if "_" in code or code == "forbidden"}
    assert refusals == {
        "no survey": "not_ready",
        "not qualified": "not_qualified",
        "blocked": "forbidden",
        "survey first": "not_ready",
        "a strange offer": "offer_gone",
        "no such offer": "offer_gone",
    }
    said = {name: say(answer) for name, answer in zip(together, at_once, strict=True)}
    assert {name: said[name] for name in refusals} == refusals
    assert [said[name] for name in ("ready", "ready too", "leaves", "leaves nothing")] == [
        "matched",
        "matched",
        "closed",
        "out",
    ]
    assert [row.state for row in Ticket.objects.filter(participant=together["lapsed"].participant)] == [
        "waiting"
    ]
    for name, act in together.items():
        here, there = get_lobby_view(act.participant), get_lobby_view(alone[name].participant)
        assert (here.status, here.ready, here.outcome) == (there.status, there.ready, there.outcome), name
    for model, study in ((Ticket, "study__slug"), (Conversation, "study__slug")):
        states = [
            Counter(model._default_manager.filter(**{study: slug}).values_list("state", flat=True))
            for slug in ("alone", "together")
        ]
        assert states[0] == states[1]


def test_those_who_come_at_once_are_paired_at_once_and_nobody_twice() -> None:
    study = make_study()
    people = [newcomer(study, role) for _ in range(12) for role in Role]
    views = actions.act_many([Act(one.pk, HELLO) for one in people] * 2)
    assert Counter(map(say, views)) == {"offer": 48}
    offers = Counter(get_lobby_view(one.pk).offer for one in people)
    assert set(offers.values()) == {2}
    assert Member.objects.filter(active=True).count() == 24
    answered = SurveyResponse.objects.exclude(ticket=None).values_list("participant", "ticket__participant")
    assert sorted(answered) == sorted((one.pk, one.pk) for one in people if one.role == SEEKER)
    assert Counter(AuditRow.objects.filter(object_type__startswith="conv").values_list("action", "new")) == {
        ("ticket.taken", "waiting"): 24,
        ("ticket.moved", "offered"): 24,
        ("conversation.created", "created"): 12,
    }


def test_those_who_come_in_one_batch_wait_in_its_order() -> None:
    study = make_study()
    people = [newcomer(study, SUPPORTER) for _ in range(4)]
    views = actions.act_many([Act(one.pk, HELLO) for one in people])
    assert [view.position for view in views if isinstance(view, LobbyView)] == [1, 2, 3, 4]


def test_a_full_study_turns_a_whole_batch_away_with_codes() -> None:
    study = make_study(targets=Targets(conversations=1))
    people = [newcomer(study, SUPPORTER) for _ in range(3)]
    Conversation.objects.filter(pk=make_pair(study).go_live().conversation).update(
        state="finished", verdict="accepted"
    )
    views = actions.act_many([Act(one.pk, HELLO) for one in people])
    assert views == [LobbyView("closed", outcome="study_full")] * 3
    assert not Ticket.objects.filter(participant__in=people).exists()


@pytest.mark.parametrize(
    "make",
    [
        lambda study: Act(newcomer(study, SEEKER).pk, HELLO),
        lambda study: Act(newcomer(study, SUPPORTER).pk, HELLO),
        lambda study: Act(_waiting(study).pk, PING),
    ],
)
def test_the_statements_of_a_batch_do_not_grow_with_it(make: Callable[[Study], Act]) -> None:
    counts = []
    for size in (2, 2, 20):
        acts = [make(study) for study in [make_study(f"study-{uuid4().hex}")] for _ in range(size)]
        with CaptureQueriesContext(connection) as queries:
            actions.act_many(acts)
        counts.append(len(queries))
    assert counts[1] == counts[2] < 30


def _waiting(study: Study) -> Participant:
    participant = newcomer(study, SUPPORTER)
    actions.hello(participant)
    return participant


def test_a_frame_that_breaks_something_hurts_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    study = make_study()
    people = [newcomer(study, SUPPORTER) for _ in range(3)]
    error = RuntimeError("a bug")

    def broken(_participant: Participant) -> LobbyView:
        raise error

    monkeypatch.setattr(lobby, "leave", broken)
    acts = [Act(people[0].pk, HELLO), Act(people[1].pk, Leave()), Act(people[2].pk, HELLO)]
    first, second, third = actions.act_many(acts)
    assert (say(first), second, say(third)) == ("waiting", error, "waiting")


def test_without_a_database_nothing_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    study = make_study()
    acts = [Act(newcomer(study, SUPPORTER).pk, HELLO) for _ in range(5)]
    tried = []

    def away(participants: object) -> None:
        tried.append(participants)
        raise OperationalError("away")

    monkeypatch.setattr(crowd, "_greet", away)
    monkeypatch.setattr(together, "connection", SimpleNamespace(connection=None))
    answers = actions.act_many(acts)
    assert [type(answer) for answer in answers] == [OperationalError] * 5
    assert len(tried) == 2
