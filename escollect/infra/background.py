"""A small thread that does after-commit work, so that no caller waits for Redis or the broker.

What it carries is only ever a nudge: the truth is in the database and a poll or a sweep finds it, so a
full queue drops the newest item and a failing handler is logged, not retried.
"""

import atexit
import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

logger = logging.getLogger(__name__)

Item = TypeVar("Item")

QUEUE_SIZE = 20_000
BATCH_SIZE = 500
FLUSH_SECONDS = 2.0


class Background(Generic[Item]):
    """Hands batches of items to `handler` on one daemon thread, in the order they came.

    The thread starts with the first item and again after a fork. At exit the queue gets
    `FLUSH_SECONDS` to empty, so that a short-lived command still sends what it committed.
    """

    def __init__(self, name: str, handler: Callable[[Sequence[Item]], None]) -> None:
        self._name = name
        self._handler = handler
        self._lock = threading.Lock()
        self._pid = 0
        self._queue: queue.Queue[Item] = queue.Queue(QUEUE_SIZE)

    def put(self, item: Item) -> None:
        """Queue one item; never blocks and never raises."""
        self._start()
        try:
            self._queue.put_nowait(item)
        except queue.Full:
            logger.warning("%s: the queue is full; a nudge was dropped", self._name)

    def flush(self, timeout: float = FLUSH_SECONDS) -> bool:
        """Wait until everything queued was handled; False when `timeout` seconds were not enough."""
        deadline = time.monotonic() + timeout
        while self._queue.unfinished_tasks:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True

    def _start(self) -> None:
        if self._pid == os.getpid():
            return
        with self._lock:
            if self._pid == os.getpid():
                return
            self._queue = queue.Queue(QUEUE_SIZE)
            threading.Thread(target=self._run, args=(self._queue,), name=self._name, daemon=True).start()
            atexit.register(self.flush)
            self._pid = os.getpid()

    def _run(self, items: "queue.Queue[Item]") -> None:
        while True:
            batch = [items.get()]
            while len(batch) < BATCH_SIZE:
                try:
                    batch.append(items.get_nowait())
                except queue.Empty:
                    break
            try:
                self._handler(batch)
            except Exception:
                logger.exception("%s: %d nudges were lost", self._name, len(batch))
            finally:
                for _ in batch:
                    items.task_done()
