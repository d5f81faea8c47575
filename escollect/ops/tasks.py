from typing import Any

from celery import shared_task
from celery.signals import worker_ready

from escollect.infra import jobs
from escollect.ops import sweeping

SWEEP = "escollect.ops.tasks.sweep"


@shared_task(name=SWEEP)
def sweep() -> None:
    """The scheduler's round."""
    sweeping.sweep()


@worker_ready.connect
def sweep_at_start(**_kwargs: Any) -> None:
    """A worker that comes up looks at once for what was lost while none was there."""
    jobs.nudge(SWEEP)
