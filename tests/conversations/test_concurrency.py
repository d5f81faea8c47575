"""Many at once: on PostgreSQL these are real races, on SQLite they queue for the one write lock."""

from __future__ import annotations

import contextlib
import random
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connections

from escollect.conversations import actions
from escollect.conversations.models import Conversation, Event, Member, Ticket
from escollect.conversations.selectors import get_seat
from escollect.domain.events import Refused, Role
from escollect.domain.wire import Ack, Command, Nack
from escollect.people.actions import withdraw
from tests.support.rooms import BEFORE, end, make_pair, make_participant, make_study, pass_time, say

pytestmark = pytest.mark.django_db(transaction=True)

SEEKER, SUPPORTER = Role.SEEKER, Role.SUPPORTER
THREADS = 8


def at_once(calls: Iterable[Callable[[], object]]) -> list[object]:
    """Run the calls in threads of their own; what they returned, in order."""

    def run(call: Callable[[], object]) -> object:
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, calls))


def test_everybody_who_arrives_at_once_is_matched_and_nobody_twice() -> None:
    study = make_study()
    people = []
    for _ in range(15):
        seeker = make_participant(study, SEEKER)
        actions.answer_survey_before(seeker, BEFORE)
        people += [seeker, make_participant(study, SUPPORTER)]
    at_once([lambda one=one: actions.hello(one) for one in people] * 2)
    actions.sweep()
    assert Conversation.objects.count() == 15
    assert Counter(Ticket.objects.values_list("state", flat=True)) == {"offered": 30}
    assert len(set(Member.objects.values_list("participant", flat=True))) == 30


def test_a_room_written_by_many_has_no_gap_and_no_double() -> None:
    pairs = [make_pair(make_study(f"study-{at}")).go_live() for at in range(3)]
    commands = [
        pair.command(role, say(f"{at}", "Question" if role is SUPPORTER else None))
        for at in range(10)
        for pair in pairs
        for role in Role
    ]
    batches = [commands[at : at + 7] for at in range(0, len(commands), 7)]
    batches += [list(reversed(batch)) for batch in batches]
    replies = at_once([lambda batch=batch: actions.submit(batch) for batch in batches])  # type: ignore[misc]
    acks = [ack for batch in replies for ack in batch]  # type: ignore[attr-defined]
    assert all(isinstance(ack, Ack) for ack in acks)
    assert sum(not ack.dup for ack in acks) == len(commands)
    for pair in pairs:
        seqs = list(Event.objects.filter(conversation=pair.conversation).values_list("seq", flat=True))
        assert seqs == list(range(1, pair.row.last_seq + 1))
        assert pair.row.utterances == 20


def test_two_who_end_at_the_same_moment_end_it_once() -> None:
    pair = make_pair().go_live()
    wishes: list[Command] = [pair.command(role, end("leave")) for role in Role]
    replies = at_once([lambda one=one: actions.submit([one])[0] for one in wishes])  # type: ignore[misc]
    assert sorted(isinstance(reply, Ack) for reply in replies) == [False, True]
    assert [kind for _, kind, _ in pair.events()] == ["state", "state"]


def test_surveys_and_sweeps_at_the_same_moment_finish_once() -> None:
    pair = make_pair().go_live()
    pair.ack(SEEKER, end())
    at_once([lambda role=role: pair.answer(role) for role in Role])  # type: ignore[misc]
    assert pair.row.state == "finished"
    assert pair.outcomes() == {"seeker": "completed", "supporter": "completed"}
    again = make_pair(make_study("again")).go_live()
    pass_time(10_000)
    at_once([actions.sweep] * 4)
    assert [kind for _, kind, _ in again.events()] == ["state", "state"]
    assert again.row.state == "abandoned"


def test_whatever_people_do_at_once_every_offer_has_two_tickets_and_every_ticket_one_place() -> None:
    study = make_study()
    people = []
    for _ in range(10):
        seeker = make_participant(study, SEEKER)
        actions.answer_survey_before(seeker, BEFORE)
        people += [seeker, make_participant(study, SUPPORTER)]

    def live(seed: int) -> None:
        dice = random.Random(seed)
        for _ in range(12):
            one = dice.choice(people)
            seat = get_seat(one.pk)
            offer = seat.conversation_id if seat is not None else uuid4()
            calls: list[Callable[[], object]] = [
                lambda one=one: actions.hello(one),  # type: ignore[misc]
                lambda one=one: actions.hello(one),  # type: ignore[misc]
                lambda one=one: actions.renew(one),  # type: ignore[misc]
                lambda one=one: actions.leave(one),  # type: ignore[misc]
                lambda one=one, offer=offer: actions.ready(one, offer),  # type: ignore[misc]
                lambda one=one, offer=offer: actions.ready(one, offer),  # type: ignore[misc]
                lambda one=one, offer=offer: actions.decline(one, offer),  # type: ignore[misc]
                lambda one=one, offer=offer: actions.join(offer, one.pk, uuid4()),  # type: ignore[misc]
                lambda: actions.match(study),
                actions.sweep,
            ]
            with contextlib.suppress(Refused):
                dice.choice(calls)()

    at_once([lambda seed=seed: live(seed) for seed in range(THREADS)])  # type: ignore[misc]
    offered = set(Ticket.objects.filter(state="offered").values_list("pk", flat=True))
    seats = Member.objects.filter(active=True)
    assert offered == set(seats.filter(conversation__state="created").values_list("ticket", flat=True))
    assert set(Counter(seats.values_list("conversation", flat=True)).values()) <= {2}
    for row in Conversation.objects.exclude(state__in=["created", "live"]):
        assert not row.members.filter(active=True).exists()


def test_a_withdrawal_in_the_middle_of_writing_leaves_nothing_and_blocks_nobody() -> None:
    pairs = [make_pair(make_study(f"study-{at}")).go_live() for at in range(3)]
    calls: list[Callable[[], object]] = []
    for pair in pairs:
        commands = [pair.command(SEEKER, say(f"{at}")) for at in range(8)]
        calls += [lambda one=one: actions.submit([one])[0] for one in commands]  # type: ignore[misc]
        calls.insert(len(calls) - 4, lambda pair=pair: withdraw(pair.seeker))  # type: ignore[misc]
    replies = [reply for reply in at_once(calls) if reply is not None]
    assert {reply.code for reply in replies if isinstance(reply, Nack)} <= {"state", "forbidden"}
    assert {pair.row.state for pair in pairs} == {"erased"}
    assert not Event.objects.exclude(text="").exists()


def test_a_withdrawal_in_the_middle_of_matching_leaves_no_room_that_nobody_can_end() -> None:
    study = make_study()
    people = []
    for _ in range(8):
        seeker = make_participant(study, SEEKER)
        actions.answer_survey_before(seeker, BEFORE)
        people += [seeker, make_participant(study, SUPPORTER)]
    leaving = people[::4]
    calls: list[Callable[[], object]] = [lambda one=one: actions.hello(one) for one in people]  # type: ignore[misc]
    calls += [lambda: actions.match(study)] * 4
    for at, one in enumerate(leaving):
        calls.insert(4 + 5 * at, lambda one=one: withdraw(one))  # type: ignore[misc]
    with contextlib.suppress(Refused):
        at_once(calls)
    pass_time(100)
    actions.sweep()
    assert not Conversation.objects.filter(state="created").exists()
    assert not Member.objects.filter(active=True).exists()
