"""Worker and scheduler as threads of the serving process, for hosts without Redis."""

import threading
from typing import Any

from celery import beat
from celery.app import app_or_default
from celery.worker import WorkController, state

from escollect.infra import jobs
from escollect.ops.supervise import Supervised
from escollect.ops.tasks import SWEEP

CONCURRENCY = 2
TICK_SECONDS = 1
STOP_SECONDS = 10.0


class Background:
    """The embedded worker and scheduler; `start` once, `stop` once."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._threads = [
            Supervised("worker", self._run_worker, self._stop),
            Supervised("scheduler", self._run_scheduler, self._stop),
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let running tasks finish (10 s at most); what is left undone the next start sweeps up."""
        self._stop.set()
        # Celery's own way to stop a worker from outside its thread.
        state.should_stop = 0  # type: ignore[assignment]
        for thread in self._threads:
            thread.join(STOP_SECONDS)

    def _run_worker(self) -> None:
        worker = WorkController(
            app=app_or_default(),
            pool_cls="threads",
            concurrency=CONCURRENCY,
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
            ready_callback=_sweep_at_start,
        )
        worker.start()

    def _run_scheduler(self) -> None:
        service = beat.Service(
            app=app_or_default(),
            max_interval=TICK_SECONDS,
            scheduler_cls=beat.Scheduler,
        )
        closer = threading.Thread(target=self._close_when_stopped, args=(service,), daemon=True)
        closer.start()
        service.start()

    def _close_when_stopped(self, service: Any) -> None:
        self._stop.wait()
        service.stop(wait=False)


def _sweep_at_start(_consumer: Any) -> None:
    jobs.nudge(SWEEP)
