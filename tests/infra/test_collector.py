"""Group commit: what comes while a batch is under way goes together, in order, and is answered in order."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest

from escollect.infra import bus, collector
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


async def test_threads_and_coroutines_share_batches_and_each_gets_its_own() -> None:
    held = Held()
    doubled: Collector[int, int] = Collector("test", held)
    first = asyncio.ensure_future(doubled.ask(1))
    await asyncio.to_thread(held.begun.acquire)
    thread = asyncio.ensure_future(asyncio.to_thread(doubled.wait_for, [2, 3], 10.0))
    while len(doubled._waiting) < 2:  # noqa: ASYNC110  nobody tells
        await asyncio.sleep(0.001)
    second = asyncio.ensure_future(doubled.ask(4))
    await asyncio.sleep(0)
    held.go.release(2)
    assert (await first, await thread, await second) == (2, [4, 6], 8)
    assert held.batches == [[1], [2, 3, 4]]


def test_a_thread_is_handed_what_its_batch_raised() -> None:
    held = Held()
    held.go.release(2)
    doubled: Collector[int, int] = Collector("test", held)
    (answer,) = doubled.wait_for([13], 10.0)
    assert (type(answer), str(answer)) == (ValueError, "thirteen")
    assert doubled.wait_for([5], 10.0) == [10]


def test_a_thread_waits_so_long_and_no_longer() -> None:
    held = Held()
    doubled: Collector[int, int] = Collector("test", held)
    with pytest.raises(TimeoutError):
        doubled.wait_for([1], 0.01)
    held.go.release(2)
    assert doubled.wait_for([2], 10.0) == [4]
    assert held.batches == [[1], [2]]


def test_of_too_much_from_a_thread_nothing_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collector, "QUEUE", 2)
    held = Held()
    held.go.release(1)
    doubled: Collector[int, int] = Collector("test", held)
    with pytest.raises(Overloaded):
        doubled.wait_for([1, 2, 3], 10.0)
    assert doubled.wait_for([4, 5], 10.0) == [8, 10]
    assert held.batches == [[4, 5]]


async def test_what_a_batch_of_threads_tells_reaches_the_sockets_of_the_process() -> None:
    def tell(items: Sequence[int]) -> Sequence[int]:
        bus.tell([bus.Note("topic", bus.HINT)])
        return items

    echo: Collector[int, int] = Collector("test", tell)
    heard: asyncio.Queue[bus.Note] = asyncio.Queue()
    bus.listen("topic", heard.put_nowait)
    assert await asyncio.to_thread(echo.wait_for, [1], 10.0) == [1]
    note = await asyncio.wait_for(heard.get(), 5)
    assert (note.topic, note.message, heard.empty()) == ("topic", bus.HINT, True)
    bus.leave("topic", heard.put_nowait)
