"""Hints and nudges: after the commit, at most once, and never the caller's problem."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from asgiref.sync import sync_to_async
from celery import current_app, shared_task
from django.db import transaction

from escollect.infra import bus, jobs
from escollect.infra.background import Background
from tests.support.processes import ROOT, free_port
from tests.support.servers import clean_environment

done: list[str] = []


@shared_task(name="tests.note")
def note(text: str) -> None:
    done.append(text)


@pytest.fixture
def eager() -> Iterator[None]:
    done.clear()
    current_app.conf.task_always_eager = True
    yield
    current_app.conf.task_always_eager = False


@pytest.mark.django_db(transaction=True)
async def test_listeners_are_told_after_the_commit_and_only_then() -> None:
    told: list[bus.Note] = []
    bus.listen(bus.room_group("a"), told.append)

    def write() -> None:
        with transaction.atomic():
            bus.announce({bus.room_group("a"): [1], bus.room_group("b"): [2]})
            assert told == []
        with transaction.atomic():
            bus.hint(bus.room_group("a"), "never")
            transaction.set_rollback(True)
        bus.hint(bus.room_group("a"), "later")

    await sync_to_async(write)()
    await asyncio.sleep(0)
    bus.leave(bus.room_group("a"), told.append)
    bus.deliver([bus.Note(bus.room_group("a"), bus.HINT)])
    assert told == [
        bus.Note(bus.room_group("a"), bus.ROWS, [1]),
        bus.Note(bus.room_group("a"), {"type": "later"}),
    ]


async def test_a_listener_that_fails_hurts_no_other(caplog: pytest.LogCaptureFixture) -> None:
    told: list[bus.Note] = []

    def fail(_note: bus.Note) -> None:
        raise ValueError("one")

    bus.listen("topic", fail)
    bus.listen("topic", told.append)
    bus.deliver([bus.Note("topic", bus.HINT)])
    assert told == [bus.Note("topic", bus.HINT)]
    assert "a listener of topic failed" in caplog.text


@pytest.mark.usefixtures("eager")
@pytest.mark.django_db(transaction=True)
def test_nudges_run_after_the_commit_and_only_then() -> None:
    with transaction.atomic():
        jobs.nudge("tests.note", "first")
        assert done == []
    with transaction.atomic():
        jobs.nudge("tests.note", "never")
        transaction.set_rollback(True)
    assert done == ["first"]


def test_with_redis_down_neither_a_nudge_nor_a_hint_raises_or_delays(tmp_path: Path) -> None:
    script = (
        "import time, django; django.setup()\n"
        "from django.db import transaction\n"
        "from escollect.infra import bus, jobs\n"
        "began = time.monotonic()\n"
        "with transaction.atomic(): jobs.nudge('tests.note', 'lost'); bus.hint(bus.room_group('a'))\n"
        "print(time.monotonic() - began)"
    )
    environment = clean_environment(
        ESCOLLECT_HOME=str(tmp_path),
        REDIS_URL=f"redis://127.0.0.1:{free_port()}/0",
        DJANGO_SETTINGS_MODULE="escollect.config.settings",
    )
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, float(done.stdout) < 0.5) == (0, True), done.stderr
    assert time.monotonic() - began < 20


def test_a_batch_that_fails_is_logged_and_the_next_one_is_handled(caplog: pytest.LogCaptureFixture) -> None:
    handled: list[int] = []

    def handle(batch: object) -> None:
        if 1 in list(batch):  # type: ignore[call-overload]
            raise ValueError("one")
        handled.extend(batch)  # type: ignore[arg-type]

    background: Background[int] = Background("test", handle)
    background.put(1)
    assert background.flush()
    background.put(2)
    assert background.flush()
    assert handled == [2]
    assert "test: 1 nudges were lost" in caplog.text
