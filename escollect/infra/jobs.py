"""Nudges to workers: "there is work in the database", sent after the commit.

A nudge names a task and carries ids. It may be lost (a broker that is down, a process that dies): the row
that asks for the work stays, and the sweep nudges again.
"""

import logging
from collections.abc import Sequence
from functools import partial

from celery import current_app
from django.db import transaction

from escollect.infra.background import Background

logger = logging.getLogger(__name__)

Nudge = tuple[str, tuple[str, ...]]

RETRY_POLICY = {"max_retries": 2, "interval_start": 0.1, "interval_step": 0.2, "interval_max": 0.5}


def nudge(task_name: str, *args: str) -> None:
    """After the commit, ask a worker to run the task `task_name` with `args` (ids as strings).

    Never raises and never waits for the broker. Unknown names are the worker's to report.
    """
    transaction.on_commit(partial(_hand_over, (task_name, args)), robust=True)


def flush(timeout: float = 2.0) -> bool:
    """Wait until what was committed has been handed to the broker (tests and short commands)."""
    return _sender.flush(timeout)


def _hand_over(item: Nudge) -> None:
    if current_app.conf.task_always_eager:
        current_app.tasks[item[0]].apply(args=item[1])
        return
    _sender.put(item)


def _publish(batch: Sequence[Nudge]) -> None:
    for name, args in dict.fromkeys(batch):
        try:
            current_app.send_task(name, args=args, retry=True, retry_policy=RETRY_POLICY, ignore_result=True)
        except Exception as error:  # noqa: BLE001 - any transport error means the same: the sweep will do it
            logger.warning("%s was not sent; the sweep will find its work: %r", name, error)


_sender: Background[Nudge] = Background("nudges", _publish)
