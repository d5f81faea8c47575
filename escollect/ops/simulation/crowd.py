"""Runs all lives of a simulation on one event loop, within a time limit, until they end or are stopped."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from escollect.ops.simulation.cast import Person
from escollect.ops.simulation.life import Life, Means
from escollect.ops.simulation.log import Log
from escollect.ops.simulation.pages import Astray, Browser

logger = logging.getLogger(__name__)

THREADS = 32
REPORT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How a crowd comes: where to, how fast, for how long at most, and where it notes what happens."""

    url: str
    arrivals: float
    seconds: float
    logs: Path | None = None


class Crowd:
    """All people of a simulation. `run` once."""

    def __init__(self, people: Sequence[Person], plan: Plan, means: Means) -> None:
        self.people, self.plan, self.means = people, plan, means
        self.ended = 0
        self.stopped = ""

    async def run(self, report: Callable[[], None]) -> None:
        """Live all lives; `report` is called about once a second.

        Ctrl-C and the time limit end every life where it is: sockets are closed, and who was cut off
        is an error of the ledger.
        """
        with ThreadPoolExecutor(THREADS, "pages") as pool, _on_signals(self._stop):
            self._lives = [
                asyncio.create_task(self._live(number, pool)) for number in range(len(self.people))
            ]
            clock = asyncio.create_task(self._watch(report))
            await asyncio.gather(*self._lives, return_exceptions=True)
            clock.cancel()
            report()
        self.means.ledger.find_broken_rooms()

    def _stop(self, why: str) -> None:
        self.stopped = self.stopped or why
        for life in self._lives:
            life.cancel()

    async def _watch(self, report: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()
        over = loop.time() + self.plan.seconds
        while loop.time() < over:
            report()
            await asyncio.sleep(REPORT_SECONDS)
        self._stop(f"the time limit of {self.plan.seconds:g} s")

    async def _live(self, number: int, pool: ThreadPoolExecutor) -> None:
        person, ledger = self.people[number], self.means.ledger
        log = Log(self.plan.logs, person.name)
        log.note("person", name=person.name, role=person.role, persona=person.persona, seed=person.seed)
        ending = "failed"
        life = Life(person, Browser(self.plan.url, pool, log), self.means)
        try:
            await asyncio.sleep(number / self.plan.arrivals)
            ending = await life.live()
        except asyncio.CancelledError:
            ending = "stopped"
            ledger.errors.append(f"{person.name} ({person.persona}): cut off by {self.stopped}")
            raise
        except Astray as astray:
            ledger.errors.append(f"{person.name} ({person.persona}): {astray}")
        except Exception as error:
            # What this program did not foresee must not take the other lives with it.
            logger.exception("the life of %s broke off", person.name)
            ledger.errors.append(f"{person.name} ({person.persona}): {type(error).__name__}: {error}")
        finally:
            self.ended += 1
            ledger.endings[ending] += 1
            log.note("ended", how=ending, completion_code=life.code)
            log.close()


@contextlib.contextmanager
def _on_signals(stop: Callable[[str], None]) -> Iterator[None]:
    """Call `stop` at Ctrl-C or a termination signal."""
    loop = asyncio.get_running_loop()
    names = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "a signal"}
    for number, name in names.items():
        loop.add_signal_handler(number, stop, name)
    try:
        yield
    finally:
        for number in names:
            loop.remove_signal_handler(number)
