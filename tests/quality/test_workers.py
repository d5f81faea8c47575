"""Several workers at once: every verdict once, whoever was first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from escollect.quality import actions
from escollect.quality.actions import jobs
from escollect.quality.models import QcJob, Verdict
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
