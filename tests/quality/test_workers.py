"""Several workers at once: every verdict once, whoever was first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from escollect.audit.models import AuditRow
from escollect.quality import actions
from escollect.quality.actions import jobs
from escollect.quality.models import Policy, QcJob, Verdict
from escollect.quality.selectors import get_policy
from tests.quality.rooms import finish
from tests.support.rooms import make_study


def work(_number: int) -> int:
    """A worker that works until nothing is left."""
    try:
        done = 0
        while taken := actions.work_jobs():
            done += taken
        return done
    finally:
        connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_four_workers_share_the_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    study = make_study()
    for _ in range(4):
        finish(study)
    monkeypatch.setattr(jobs, "BATCH", 2)
    QcJob.objects.update(attempts=0, lease_until=None)
    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(work, range(4)))
    assert sum(taken) == 8
    assert Verdict.objects.count() == 8
    assert set(QcJob.objects.values_list("state", "attempts")) == {("done", 1)}


@pytest.mark.django_db(transaction=True)
def test_of_two_who_activate_at_once_one_is_told() -> None:
    make_study()
    versions = [actions.add_policy(get_policy("esconv-2021").definition, None) for _ in range(2)]

    def activate(policy: Policy) -> str:
        try:
            actions.activate_policy(policy, None, "mine", instead_of="esconv-2021@1")
        except actions.ActivationRefused as refused:
            return str(refused)
        else:
            return ""
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(activate, versions))
    (won,) = [policy for policy, words in zip(versions, said, strict=True) if not words]
    assert get_policy("esconv-2021") == won
    assert f"{won} is active now; it was esconv-2021@1 when you looked." in "".join(said)
    assert AuditRow.objects.filter(action="policy.activated").count() == 1
