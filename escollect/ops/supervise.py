"""Threads that must keep running: restarted with a growing pause when they stop."""

import logging
import threading
import time
from collections.abc import Callable

logger = logging.getLogger(__name__)

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
GOOD_RUN_SECONDS = 60.0


class Supervised(threading.Thread):
    """Runs `target` again and again until `stop` is set.

    A target that fails soon after its start is started again after 0.5 s, 1 s, 2 s … up to 30 s; one that
    ran for a minute starts afresh with the short pause.
    """

    def __init__(self, name: str, target: Callable[[], None], stop: threading.Event) -> None:
        super().__init__(name=name, daemon=True)
        self._body = target
        self._stop_event = stop
        self.starts = 0

    def run(self) -> None:
        pause = FIRST_PAUSE
        while not self._stop_event.is_set():
            self.starts += 1
            began = time.monotonic()
            try:
                self._body()
            except (Exception, SystemExit):
                logger.exception("the %s stopped", self.name)
            if self._stop_event.is_set():
                return
            if time.monotonic() - began > GOOD_RUN_SECONDS:
                pause = FIRST_PAUSE
            logger.warning("the %s starts again in %.1f s", self.name, pause)
            self._stop_event.wait(pause)
            pause = min(LONGEST_PAUSE, pause * 2)
