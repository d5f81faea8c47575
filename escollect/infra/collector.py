"""Gathers what many sockets and requests want of the database and does it together: group commit.

While a batch is under way the next one gathers; so the busier the process, the larger the batches and the
fewer the commits, and an idle process answers at once. Each collector has one thread, and that thread one
connection to the database. Coroutines hand in with `put` and `ask`, other threads with `wait_for`.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextvars import Context
from typing import Any, Generic, TypeVar

from django.db import close_old_connections, connections

from escollect.infra import bus

logger = logging.getLogger(__name__)

Item = TypeVar("Item")
Result = TypeVar("Result")
Done = Callable[[Result | BaseException], None]
Handler = Callable[[Sequence[Item]], Sequence[Result | Exception]]
Asked = tuple[Item, Done[Result], asyncio.AbstractEventLoop | None]
"""An item, who is told its result, and on which loop; None stands for a thread that waits."""

BATCH = 256
QUEUE = 10_000
BUSY = 4
LINGER_SECONDS = 0.004
REFRESH_SECONDS = 10.0
STOP_SECONDS = 2.0


_collectors: list[Collector[Any, Any]] = []


async def flush_all(seconds: float = STOP_SECONDS) -> None:
    """Have everything that was handed in handled and answered, before the process ends."""
    deadline = time.monotonic() + seconds
    for one in _collectors:
        await asyncio.to_thread(one.flush, max(0.0, deadline - time.monotonic()))


class Overloaded(Exception):
    """So much is waiting that nothing more is taken."""


class Collector(Generic[Item, Result]):
    """Hands batches of items to `handler`, in the order they came, on one thread.

    `handler` returns one result an item, or the exception that is this item's result. Results go back to the
    loop an item came from, a whole batch in one call. A handler that raises fails its batch: every item gets
    the exception.
    """

    def __init__(self, name: str, handler: Handler[Item, Result]) -> None:
        self._name, self._handler = name, handler
        self._waiting: deque[Asked[Item, Result]] = deque()
        self._wake = threading.Condition()
        self._idle = True
        self._thread: threading.Thread | None = None
        self._refreshed_at = 0.0
        _collectors.append(self)

    def put(self, item: Item, done: Done[Result]) -> None:
        """Hand in an item; `done` is called on this loop with its result or with what went wrong.

        Raises Overloaded when too much is waiting.
        """
        if len(self._waiting) >= QUEUE:
            raise Overloaded(self._name)
        loop = asyncio.get_running_loop()
        with self._wake:
            self._waiting.append((item, done, loop))
            self._rouse()

    async def ask(self, item: Item) -> Result:
        """Hand in an item and wait for its result; raises what went wrong with it or its batch."""
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()

        def done(result: Result | BaseException) -> None:
            if future.done():
                return
            if isinstance(result, BaseException):
                future.set_exception(result)
            else:
                future.set_result(result)

        self.put(item, done)
        return await future

    def wait_for(self, items: Sequence[Item], timeout: float) -> list[Result | BaseException]:
        """Hand in items from a thread without a loop and wait: what came of each, in order.

        They are handled in this order, in one batch or several. Raises Overloaded when not all of them are
        taken (then none is), and TimeoutError after `timeout` seconds; then they may still be handled.
        """
        futures: list[Future[Result | BaseException]] = [Future() for _ in items]
        with self._wake:
            if len(self._waiting) + len(items) > QUEUE:
                raise Overloaded(self._name)
            self._waiting.extend(
                (item, future.set_result, None) for item, future in zip(items, futures, strict=True)
            )
            self._rouse()
        deadline = time.monotonic() + timeout
        return [future.result(max(0.0, deadline - time.monotonic())) for future in futures]

    def flush(self, timeout: float = STOP_SECONDS) -> bool:
        """Wait until everything handed in so far was handled; False when `timeout` seconds were too few."""
        deadline = time.monotonic() + timeout
        while not self._idle:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.005)
        return True

    def _rouse(self) -> None:
        if self._idle:
            self._idle = False
            self._start()
            self._wake.notify()

    def _start(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()

    def _run(self) -> None:
        busy = False
        while True:
            if busy:
                # Others are about to hand something in: a larger batch saves more than it costs to wait.
                time.sleep(LINGER_SECONDS)
            with self._wake:
                while not self._waiting:
                    self._idle = True
                    self._wake.wait()
                self._idle = False
                batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
            self._handle(batch)
            busy = len(batch) >= BUSY

    def _handle(self, batch: list[Asked[Item, Result]]) -> None:
        results: Sequence[Result | BaseException]
        with bus.held() as news:
            try:
                self._refresh()
                results = self._handler([item for item, _done, _loop in batch])
            except Exception as error:  # noqa: BLE001 - whoever handed something in is told, and decides
                results = [error] * len(batch)
                connections.close_all()
        self._answer(batch, results, news)

    def _answer(
        self,
        batch: list[Asked[Item, Result]],
        results: Sequence[Result | BaseException],
        news: list[bus.Note],
    ) -> None:
        """Give each result to whoever asked, and what was told to the sockets, after their answers."""
        waiting: list[tuple[Done[Result], Result | BaseException]] = []
        by_loop: dict[asyncio.AbstractEventLoop, list[tuple[Done[Result], Result | BaseException]]] = {}
        for (_item, done, loop), result in zip(batch, results, strict=True):
            (waiting if loop is None else by_loop.setdefault(loop, [])).append((done, result))
        for loop, answers in by_loop.items():
            try:
                loop.call_soon_threadsafe(_deliver, answers, news, context=Context())
            except RuntimeError:
                logger.warning("%s: %d answers came after their loop had ended", self._name, len(answers))
        if not by_loop:
            bus.tell_here(news)
        _deliver(waiting, [])

    def _refresh(self) -> None:
        """Look after the connection now and then; asking before every batch would cost a round trip."""
        now = time.monotonic()
        if now - self._refreshed_at > REFRESH_SECONDS:
            self._refreshed_at = now
            close_old_connections()


def _deliver(answers: list[tuple[Done[Result], Result | BaseException]], news: list[bus.Note]) -> None:
    for done, result in answers:
        try:
            done(result)
        except Exception:
            logger.exception("an answer could not be delivered")
    bus.deliver(news)
