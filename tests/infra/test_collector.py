"""Group commit: what comes while a batch is under way goes together, in order, and is answered in order."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest

from escollect.infra import collector
from escollect.infra.collector import Collector, Overloaded


class Held:
    """A handler that waits until it is let go, and notes its batches."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.begun = threading.Semaphore(0)
        self.go = threading.Semaphore(0)

    def __call__(self, items: Sequence[int]) -> list[int]:
        self.batches.append(list(items))
        self.begun.release()
        assert self.go.acquire(timeout=10)
        if 13 in items:
            raise ValueError("thirteen")
        return [item * 2 for item in items]


async def test_what_comes_during_a_batch_is_the_next_batch() -> None:
    held = Held()
    doubled: Collector[int, int] = Collector("test", held)
    first = asyncio.ensure_future(doubled.ask(1))
    await asyncio.to_thread(held.begun.acquire)
    others = [asyncio.ensure_future(doubled.ask(n)) for n in range(2, 8)]
    await asyncio.sleep(0)
    held.go.release(2)
    assert await asyncio.gather(first, *others) == [2, 4, 6, 8, 10, 12, 14]
    assert held.batches == [[1], [2, 3, 4, 5, 6, 7]]


async def test_answers_come_in_the_order_of_the_questions() -> None:
    answers: list[int | BaseException] = []
    echo: Collector[int, int] = Collector("test", lambda items: items)
    for n in range(1000):
        echo.put(n, answers.append)
    assert await echo.ask(1000) == 1000
    assert answers == list(range(1000))


async def test_a_handler_that_fails_fails_its_batch_and_no_other() -> None:
    held = Held()
    held.go.release(3)
    doubled: Collector[int, int] = Collector("test", held)
    with pytest.raises(ValueError, match="thirteen"):
        await doubled.ask(13)
    assert await doubled.ask(5) == 10


async def test_a_question_that_nobody_waits_for_any_more_hurts_nobody() -> None:
    held = Held()
    doubled: Collector[int, int] = Collector("test", held)
    gone = asyncio.ensure_future(doubled.ask(1))
    await asyncio.to_thread(held.begun.acquire)
    gone.cancel()
    held.go.release(2)
    assert await doubled.ask(2) == 4


async def test_nothing_more_is_taken_when_too_much_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collector, "QUEUE", 2)
    held = Held()
    doubled: Collector[int, int] = Collector("test", held)
    answers: list[int | BaseException] = []
    doubled.put(1, answers.append)
    await asyncio.to_thread(held.begun.acquire)
    doubled.put(2, answers.append)
    doubled.put(3, answers.append)
    with pytest.raises(Overloaded):
        doubled.put(4, answers.append)
    held.go.release(2)
    await asyncio.to_thread(doubled.flush)
    await asyncio.sleep(0)
    assert answers == [2, 4, 6]


async def test_before_the_process_ends_everything_is_handled_and_answered() -> None:
    held = Held()
    doubled: Collector[int, int] = Collector("test", held)
    answers: list[int | BaseException] = []
    for n in range(5):
        doubled.put(n, answers.append)
    held.go.release(5)
    await collector.flush_all()
    await asyncio.sleep(0)
    assert answers == [0, 2, 4, 6, 8]
