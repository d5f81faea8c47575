"""Copies within a worker and between workers, found by the index."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import close_old_connections, connections

from escollect.conversations.models import Conversation
from escollect.domain.events import Role
from escollect.domain.transcript import SUPPORTER
from escollect.quality import actions
from escollect.quality.actions.copying import ENOUGH_OTHERS, ENOUGH_OWN
from escollect.quality.models import Finding, Fingerprint
from escollect.quality.selectors import get_policy
from escollect.studies.models import Study
from tests.quality.examined import LONG, OTHER, same_person, store
from tests.support.rooms import make_participant, make_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    return make_study()


def judge(*rooms: Conversation) -> None:
    actions.judge([room.pk for room in rooms], get_policy("esconv-2021"))


def found(room: Conversation) -> list[tuple[str, float, list[dict[str, object]]]]:
    rows = Finding.objects.filter(conversation=room).order_by("rule")
    return list(rows.values_list("rule", "value", "evidence"))


def test_somebody_elses_utterance_is_found_with_its_place_and_the_first_is_no_copy(study: Study) -> None:
    first, second = store(study, "Hello.", LONG), store(study, LONG.upper() + "!")
    judge(first)
    judge(second)
    evidence = [{"seq": 1, "conversation": str(first.pk), "other_seq": 2}]
    assert (found(first), found(second)) == ([], [("copied_between", 1.0, evidence)])


def test_ones_own_utterances_are_found_in_another_study_too(study: Study) -> None:
    helper = make_participant(study, Role.SUPPORTER)
    first = store(study, LONG, OTHER, by=SUPPORTER, supporter=helper)
    again = same_person(make_study("other"), helper.person)
    second = store(again.study, OTHER, LONG, by=SUPPORTER, supporter=again)
    judge(first)
    judge(second)
    evidence = [
        {"seq": 1, "conversation": str(first.pk), "other_seq": 2},
        {"seq": 2, "conversation": str(first.pk), "other_seq": 1},
    ]
    assert (found(first), found(second)) == ([], [("copied_own", 2.0, evidence)])


def test_a_seekers_words_from_a_supporter_are_somebody_elses(study: Study) -> None:
    helper = make_participant(study, Role.SUPPORTER)
    judge(store(study, LONG, supporter=helper))
    second = store(study, LONG, by=SUPPORTER, supporter=helper)
    judge(second)
    assert [rule for rule, _, _ in found(second)] == ["copied_between"]


def test_within_a_batch_the_first_is_the_original(study: Study) -> None:
    rooms = sorted((store(study, LONG) for _ in range(3)), key=lambda room: room.pk)
    judge(*rooms)
    assert [len(found(room)) for room in rooms] == [0, 1, 1]


def test_a_policy_can_leave_out_copies_within_one_imported_file(study: Study) -> None:
    definition = get_policy("esconv-2021").definition
    findings = {"copied_between": {"one_file": "left_out"}}
    policy = actions.add_policy({**definition, "findings": findings}, None)
    rooms = [store(study, LONG), store(study, LONG), store(make_study("other"), LONG)]
    for room in rooms:
        actions.judge([room.pk], policy)
    assert [len(found(room)) for room in rooms] == [0, 0, 1]


def test_a_repetition_within_one_conversation_is_no_copy(study: Study) -> None:
    room = store(study, LONG, LONG)
    judge(room)
    assert found(room) == []


def test_looking_again_under_another_version_finds_the_same(study: Study) -> None:
    first, second = store(study, LONG), store(study, LONG)
    judge(first)
    judge(second)
    definition = dict(get_policy("esconv-2021").definition)
    policy = actions.add_policy(definition, None)
    for room in (second, first):
        actions.judge([room.pk], policy)
    assert (found(first), len(found(second))) == ([], 2)
    assert found(second)[0] == found(second)[1]
    assert Fingerprint.objects.count() == 2


@pytest.mark.parametrize(("own", "enough"), [(True, ENOUGH_OWN), (False, ENOUGH_OTHERS)])
def test_the_index_does_not_grow_by_what_everybody_says_and_still_finds_it(
    study: Study, own: bool, enough: int
) -> None:
    helper = make_participant(study, Role.SUPPORTER) if own else None
    rooms = [store(study, LONG, OTHER, by=SUPPORTER, supporter=helper) for _ in range(enough + 3)]
    judge(*rooms)
    assert Fingerprint.objects.count() == 2 * enough
    last = store(study, LONG, OTHER, by=SUPPORTER, supporter=helper)
    judge(last)
    assert [(rule, value) for rule, value, _ in found(last)] == [
        ("copied_own" if own else "copied_between", 2.0)
    ]


@pytest.mark.django_db(transaction=True)
def test_of_those_that_are_judged_at_the_same_moment_each_finds_the_earlier_ones() -> None:
    study = make_study()
    actions.load_policies()
    rooms = [store(study, LONG, OTHER) for _ in range(4)]
    begin = Barrier(len(rooms))

    def work(room: Conversation) -> None:
        close_old_connections()
        begin.wait()
        try:
            judge(room)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(rooms)) as pool:
        list(pool.map(work, rooms))
    assert sorted(len(found(room)) for room in rooms) == [0, 1, 1, 1]
