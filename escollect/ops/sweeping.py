"""What the scheduler does: every stage looks for what was lost or is overdue, and goes on with it."""

import logging
from collections.abc import Callable, Mapping

from escollect.conversations import actions as conversations
from escollect.corpus import actions as corpus
from escollect.infra import health
from escollect.quality import actions as quality

logger = logging.getLogger(__name__)

SWEEPS: Mapping[str, Callable[[], object]] = {
    "conversations": conversations.sweep,
    "quality": quality.sweep,
    "corpus": corpus.sweep,
}


def sweep(sweeps: Mapping[str, Callable[[], object]] = SWEEPS) -> dict[str, str]:
    """Run the sweep of every stage once; returns what failed, stage → error.

    A stage that fails does not stop the others. The heartbeat that readiness looks at is noted only when all
    of them went through.
    """
    failed: dict[str, str] = {}
    for stage, run in sweeps.items():
        try:
            run()
        except Exception as error:
            logger.exception("the sweep of %s failed", stage)
            failed[stage] = f"{type(error).__name__}: {error}"
    if not failed:
        health.beat(health.SWEEP)
    return failed
