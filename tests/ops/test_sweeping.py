"""The scheduler's round, and the threads that must keep running."""

from __future__ import annotations

import datetime
import threading

import pytest
from django.test import Client

from escollect.conversations.models import Conversation
from escollect.infra import health
from escollect.infra.clock import now
from escollect.ops.supervise import Supervised
from escollect.ops.sweeping import SWEEPS, sweep
from tests.support.processes import wait_until
from tests.support.rooms import make_pair


@pytest.mark.django_db
def test_every_stage_with_deadlines_or_jobs_is_swept() -> None:
    assert set(SWEEPS) == {"conversations", "quality", "corpus"}
    assert sweep() == {}
    age = health.get_age(health.SWEEP)
    assert age is not None
    assert age < datetime.timedelta(seconds=5)


@pytest.mark.django_db
def test_a_stage_that_fails_stops_no_other_and_is_no_heartbeat() -> None:
    swept = []

    def broken() -> None:
        raise ValueError("no")

    failed = sweep({"first": broken, "second": lambda: swept.append(now())})
    assert failed == {"first": "ValueError: no"}
    assert len(swept) == 1
    assert health.get_age(health.SWEEP) is None


def test_a_thread_that_fails_is_started_again_until_it_is_told_to_stop() -> None:
    stop = threading.Event()
    ran = threading.Event()

    def fails_once() -> None:
        if thread.starts == 1:
            raise SystemExit(1)
        ran.set()
        stop.wait()

    thread = Supervised("worker", fails_once, stop)
    thread.start()
    assert ran.wait(10)
    assert thread.starts == 2
    stop.set()
    wait_until(lambda: not thread.is_alive(), "the thread did not stop")


@pytest.mark.django_db
def test_metrics_count_rows(client: Client) -> None:
    body = client.get("/metrics").content.decode()
    assert 'escollect_conversations{state="live"} 0' in body
    assert 'escollect_tickets{role="supporter"} 0' in body
    assert "escollect_open_jobs 0" in body
    assert "escollect_open_flags 0" in body


@pytest.mark.django_db
def test_rows_past_their_deadline_are_named_until_a_sweep_ends_them(client: Client) -> None:
    pair = make_pair().go_live()
    health.beat(health.SWEEP)
    assert client.get("/readyz").status_code == 200

    past = now() - datetime.timedelta(seconds=21)
    Conversation.objects.filter(pk=pair.conversation).update(max_by=past)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["failing"] == {
        "stuck": "1 conversations and 0 tickets are past their deadline; no sweep ends them"
    }

    assert sweep() == {}
    assert client.get("/readyz").json() == {"status": "ready", "failing": {}}
    assert pair.row.state == Conversation.State.SURVEY
