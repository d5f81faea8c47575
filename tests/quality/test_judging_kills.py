"""Judging is killed at any statement, repeated in any order, and still gives one verdict each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from escollect.conversations.models import Conversation
from escollect.quality import actions
from escollect.quality.models import Flag, Policy, QcJob, Verdict
from escollect.quality.selectors import find_imbalance, get_policy
from escollect.studies.models import Study
from tests.quality.imported import add_import
from tests.support.rooms import make_study

pytestmark = pytest.mark.django_db

LENGTHS = [4, 16, 20]
ONE, TWO = ["rejected", "accepted", "accepted"], ["rejected", "rejected", "accepted"]


class Killed(BaseException):
    """What no code catches, as a kill is caught by none."""


@pytest.fixture
def study() -> Study:
    return make_study()


@contextmanager
def killed_at(statement: int | None) -> Iterator[None]:
    """The process is gone when it sends this statement; what its transaction did is rolled back."""
    sent = 0

    def fuse(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        nonlocal sent
        if "SAVEPOINT" not in sql:
            sent += 1
            if sent == statement:
                raise Killed
        return execute(sql, *rest)

    with connection.execute_wrapper(fuse):
        try:
            yield
        except Killed:
            return


def make_longer() -> Policy:
    """A second version of the paper's policy, which asks for eighteen utterances; not active."""
    definition = deepcopy(get_policy("esconv-2021").definition)
    definition["rules"]["enough_utterances"]["minimum"] = 18
    return actions.add_policy(definition, None)


def outcomes(policy: Policy, ids: list[UUID]) -> list[str]:
    found = dict(Verdict.objects.filter(policy=policy).values_list("conversation_id", "outcome"))
    return [found[key] for key in ids]


ways = st.sampled_from(["judge", "backwards", "one", "job", "study", "sweep", "activate", "back"])
steps = st.lists(st.tuples(ways, st.none() | st.integers(1, 45)), max_size=7)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_whatever_is_killed_in_between_there_is_one_verdict_each(
    study: Study, steps: list[tuple[str, int | None]]
) -> None:
    one = Policy.objects.get(name="esconv-2021", version=1)
    two = Policy.objects.filter(name="esconv-2021", version=2).first() or make_longer()
    ids = add_import(study, "made.json", LENGTHS)
    actions.owe_verdicts(study, ids)
    ways: dict[str, Callable[[], Any]] = {
        "judge": lambda: actions.judge(ids, get_policy("esconv-2021")),
        "backwards": lambda: actions.judge([*reversed(ids), *ids], two),
        "one": lambda: actions.judge(ids[1:2], one),
        "job": actions.work_jobs,
        "study": lambda: actions.judge_study(study, get_policy("esconv-2021")),
        "sweep": actions.sweep,
        "activate": lambda: actions.activate_policy(two, None),
        "back": lambda: actions.activate_policy(one, None),
    }
    for way, statement in steps:
        with killed_at(statement):
            ways[way]()
        QcJob.objects.update(lease_until=None, attempts=0)
    for policy in (one, two):
        actions.activate_policy(policy, None)
        while actions.work_jobs():
            pass
    assert (outcomes(one, ids), outcomes(two, ids)) == (ONE, TWO)
    counted = Counter(Verdict.objects.values_list("conversation_id", "policy_id"))
    assert set(counted.values()) == {1}
    settled = Conversation.objects.filter(pk__in=ids).values_list("pk", "verdict")
    assert [dict(settled)[key] for key in ids] == TWO
    assert (find_imbalance(), QcJob.objects.filter(state="open").count()) == (None, 0)
    actions.activate_policy(one, None)


def test_a_flag_of_a_verdict_that_no_longer_stands_is_closed_and_comes_back(study: Study) -> None:
    (key,) = add_import(study, "made.json", [16], final_intensity=4)
    one = get_policy("esconv-2021")
    actions.judge_missing(study, one)
    flags = Flag.objects.filter(conversation=key, kind="needs_review")
    assert [flag.closed_at for flag in flags] == [None]
    actions.activate_policy(make_longer(), None)
    actions.work_jobs()
    assert flags.filter(closed_at=None).count() == 0
    actions.activate_policy(one, None)
    assert flags.filter(closed_at=None).count() == 1
