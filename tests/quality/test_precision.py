"""How often reviewers agreed with rules and findings."""

from __future__ import annotations

import pytest

from escollect.accounts.models import User
from escollect.conversations.models import Conversation
from escollect.quality import actions, tasks
from escollect.quality.actions.closing import close_flag
from escollect.quality.models import Flag, Policy, Review
from escollect.quality.precision import Precision, get_precision
from escollect.quality.selectors import get_policy
from escollect.studies.models import Study
from tests.quality.examined import TASK, store
from tests.support.rooms import make_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    return make_study()


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada")


def decide(room: Conversation, by: User, decision: str) -> Review:
    return Review.objects.create(conversation=room, reviewer=by, decision=decision, reason="Read it.")


def by_name(found: list[Precision]) -> dict[str, Precision]:
    return {one.name: one for one in found}


def shares(one: Precision) -> tuple[int | None, tuple[int, int], tuple[int, int]]:
    return one.struck, (one.agreed.hits, one.agreed.n), (one.rejected.hits, one.rejected.n)


def judged(study: Study, count: int) -> list[Conversation]:
    rooms = [store(study, *TASK) for _ in range(count)]
    tasks.judge_backlog()
    return rooms


def answer(room: Conversation, by: User, right: bool | None) -> None:
    assert close_flag(
        Flag.objects.get(conversation=room, kind="task_talk", closed_at=None), by, "Looked.", right
    )


def test_a_rule_was_right_where_the_newest_review_rejects_what_it_failed(study: Study, ada: User) -> None:
    rooms = judged(study, 5)
    for room, decision in zip(rooms, ("rejected", "rejected", "accepted", "accepted"), strict=False):
        decide(room, ada, decision)
    decide(rooms[2], ada, "rejected")
    undone = decide(rooms[3], ada, "rejected")
    Review.objects.filter(pk=undone.pk).update(undone_at=undone.at)
    found = by_name(get_precision(study))
    assert shares(found["enough_utterances"]) == (None, (3, 4), (3, 4))
    assert shares(found["finished"]) == (None, (0, 0), (0, 0))


def test_a_finding_was_right_where_who_closed_its_flag_said_so(study: Study, ada: User) -> None:
    rooms = judged(study, 5)
    for room, right in zip(rooms, (True, True, False, None), strict=False):
        answer(room, ada, right)
    decide(rooms[2], ada, "rejected")
    found = by_name(get_precision(study))
    assert shares(found["task_talk"]) == (5, (2, 3), (1, 1))
    assert shares(found["abuse"]) == (0, (0, 0), (0, 0))


def test_the_later_of_two_answers_on_one_conversation_counts(study: Study, ada: User) -> None:
    room = judged(study, 1)[0]
    answer(room, ada, True)
    Flag.objects.create(conversation=room, kind="task_talk")
    answer(room, ada, False)
    assert shares(by_name(get_precision(study))["task_talk"]) == (1, (0, 1), (0, 0))


def test_the_interval_is_wilsons_and_nothing_of_nothing(study: Study, ada: User) -> None:
    for room in judged(study, 4):
        answer(room, ada, True)
    found = by_name(get_precision(study))
    assert found["task_talk"].as_json() == {
        "kind": "finding",
        "name": "task_talk",
        "title": "Talk about the task",
        "struck": 4,
        "agreed": {"hits": 4, "n": 4, "value": 1.0, "low": 0.5101, "high": 1.0},
        "rejected": {"hits": 0, "n": 0, "value": None, "low": None, "high": None},
    }


def test_precision_is_of_one_study_or_of_all_and_of_one_version(study: Study, ada: User) -> None:
    other = make_study("other")
    answer(judged(study, 1)[0], ada, True)
    answer(judged(other, 1)[0], ada, False)
    first = get_policy("esconv-2021")
    second = actions.add_policy({**first.definition, "findings": {"task_talk": {"minimum": 3}}}, None)
    actions.activate_policy(second, None, "fewer")
    tasks.judge_backlog()

    def of(study: Study | None, policy: Policy | None) -> tuple[int, int]:
        agreed = by_name(get_precision(study, policy))["task_talk"].agreed
        return agreed.hits, agreed.n

    assert [of(None, first), of(study, first), of(other, first), of(study, None)] == [
        (1, 2),
        (1, 1),
        (0, 1),
        (0, 0),
    ]


def test_a_selecting_policy_has_no_precision() -> None:
    assert get_precision(policy=get_policy("failed-esconv-2024")) == []


def test_rules_come_first_in_the_order_of_the_policy(study: Study) -> None:
    kinds = [one.kind for one in get_precision(study)]
    names = [one.name for one in get_precision(study)]
    assert kinds == sorted(kinds, reverse=True)
    assert names[:3] == ["finished", "enough_utterances", "seeker_survey"]
