"""The whole production shape behind a fault proxy, and the hands that break and mend its parts.

Processes are started from the test's own thread: the kernel kills a child together with the thread that
made it.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from tests.chaos.facts import Reader
from tests.support.databases import Postgres, Redis
from tests.support.processes import Child, wait_until
from tests.support.proxy import FaultProxy
from tests.support.servers import Production, get

CUT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
CROWD_SECONDS = 300


def children_of(pid: int) -> list[int]:
    """The pids of a process's own children."""
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


class Stage:
    """PostgreSQL, Redis, two web processes, two workers, a scheduler, and the proxy that clients use."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.postgres, self.redis = Postgres(), Redis()
        self.servers = Production(
            home, self.postgres, self.redis, DJANGO_SETTINGS_MODULE="tests.chaos.settings"
        )
        self.proxy = FaultProxy(self.servers.ports)
        self.reader = Reader(self.postgres.url())
        self.extra: list[Child] = []
        self.armed: set[int] = set()

    def stop(self) -> None:
        self.proxy.stop()
        self.servers.stop()
        self.redis.stop()
        self.postgres.stop()

    # Breaking.

    def kill_web(self, number: int) -> None:
        self.servers.webs[number].kill()

    def kill_worker_children(self) -> None:
        """kill -9 of what does the work; the worker's main process must replace it."""
        for worker in self.servers.workers:
            for pid in children_of(worker.pid):
                os.kill(pid, signal.SIGKILL)

    def kill_workers(self) -> None:
        """kill -9 of the workers' main processes; what they leave behind is ended too."""
        orphans = [pid for worker in self.servers.workers for pid in children_of(worker.pid)]
        for worker in self.servers.workers:
            worker.kill()
        for pid in orphans:
            if Path(f"/proc/{pid}").exists():
                os.kill(pid, signal.SIGKILL)

    def cut_backends(self) -> None:
        """Terminate every connection to the database."""
        self.reader.ask(CUT)

    def start_second_scheduler(self) -> None:
        self.extra.append(self.servers.start_scheduler(1))

    def arm(self, number: int, place: str, after: int) -> None:
        """Start a web process afresh that dies the `after`-th time it reaches `place`."""
        self.servers.webs[number].stop()
        self.servers.webs[number] = self.servers.start_web(
            number, CHAOS_FAILPOINT=place, CHAOS_AFTER=str(after)
        )
        self.armed.add(number)

    # Mending.

    def start_web(self, number: int) -> None:
        self.servers.webs[number] = self.servers.start_web(number)
        self.armed.discard(number)

    def start_workers(self) -> None:
        self.servers.workers = [self.servers.start_worker(number) for number in range(2)]

    def repair(self) -> None:
        """Start again whatever does not run, end what is too much, and wait until all is ready."""
        self.proxy.heal()
        self.redis.child.send(signal.SIGCONT)
        if not self.postgres.child.is_running():
            self.postgres.restart()
        if not self.redis.child.is_running():
            self.redis.start()
        for child in self.extra:
            child.stop()
        self.extra.clear()
        self._repair_servers()
        for url in self.servers.urls:
            self.servers.wait_ready(url)

    def _repair_servers(self) -> None:
        servers = self.servers
        for number in range(2):
            if number in self.armed:
                servers.webs[number].stop()
            if not servers.webs[number].is_running():
                self.start_web(number)
        if not all(worker.is_running() for worker in servers.workers):
            for worker in servers.workers:
                worker.stop()
            self.start_workers()
        if not servers.scheduler.is_running():
            servers.scheduler = servers.start_scheduler()

    def wait_answers(self, number: int) -> None:
        """Wait until a web process answers."""
        url = f"{self.servers.urls[number]}/healthz"
        wait_until(lambda: get(url)[0] == 200, f"{url} is silent")

    # The clients.

    def start_crowd(self, rooms: int, seed: str, persona: str, logs: Path, arrivals: float) -> Child:
        """Send a simulated crowd through the proxy; it notes what it sends and receives in `logs`."""
        options = {
            "pairs": rooms, "url": self.proxy.url, "seed": seed, "persona": persona, "arrivals": arrivals,
            "log": logs, "time-limit": CROWD_SECONDS,
        }  # fmt: skip
        given = [part for name, value in options.items() for part in (f"--{name}", str(value))]
        command = [sys.executable, "manage.py", "simulate", *given]
        return Child(command, env=self.servers.environment, log=logs.with_suffix(".out"))
