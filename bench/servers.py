"""The servers of a bench run: the application in one of its shapes, and the yardstick beside it."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from tests.support.databases import Postgres, Redis
from tests.support.processes import Child, free_port, wait_until
from tests.support.servers import Application, get

STUDY = Path(__file__).with_name("study.yaml")
SHAPES = ("embedded", "postgres", "postgres2")
AT_ONCE = 200
"""Pairs made by one command, so that none takes minutes."""
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Target:
    """Something to talk to: its ports, its processes by name, and pairs that may talk."""

    name: str
    ports: list[int]
    processes: dict[str, int]
    application: Application | None = None
    made: list[int] = field(default_factory=list)

    def make_pairs(self, count: int, *extra: str) -> list[dict[str, Any]]:
        """Pairs in live rooms; the yardstick needs nothing but a name."""
        if self.application is None:
            self.made.append(count)
            return [
                {"path": f"/ws/{len(self.made)}-{n}/", "seeker": "", "supporter": ""} for n in range(count)
            ]
        return _prepare(self.application, count, *extra)

    def cpu(self) -> dict[str, float]:
        """Seconds of processor time of each process, its children included."""
        return {name: sum(_cpu(one) for one in _family(pid)) for name, pid in self.processes.items()}

    def memory(self) -> int:
        """Bytes of memory of the serving processes."""
        pages = [
            Path(f"/proc/{pid}/statm").read_text().split()[1]
            for name, pid in self.processes.items()
            if name.startswith("web")
        ]
        return sum(map(int, pages)) * os.sysconf("SC_PAGE_SIZE")


def _prepare(application: Application, count: int, *extra: str) -> list[dict[str, Any]]:
    pairs: list[dict[str, Any]] = []
    while len(pairs) < count:
        found: Any = application.run_module(
            "bench.prepare", str(STUDY), str(min(AT_ONCE, count - len(pairs))), *extra
        )
        pairs += found
    return pairs


def _cpu(pid: int) -> float:
    try:
        values = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(values[11]) + int(values[12])) / TICKS


def _family(pid: int) -> list[int]:
    """A process and those it started (PostgreSQL has one for each connection)."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(stat.parent.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found


@contextmanager
def start(shape: str) -> Iterator[tuple[Target, Target]]:
    """The application and the yardstick, started and answering; both end with the block.

    `postgres2` is two web processes each, with the two sides of every pair on different ones.
    """
    home = Path(tempfile.mkdtemp(prefix="esc-bench-"))
    count = 2 if shape == "postgres2" else 1
    try:
        with Postgres() as postgres, Redis() as redis:
            values = {} if shape == "embedded" else {"DATABASE_URL": postgres.url()}
            if shape == "postgres2":
                values["REDIS_URL"] = redis.url
            ours = _start_application(home, values, count)
            bare = _start_yardstick(home, redis.url if count > 1 else "", count)
            if shape != "embedded":
                ours.processes["postgres"] = postgres.child.pid
            for target in (ours, bare):
                if count > 1:
                    target.processes["redis"] = redis.child.pid
            yield ours, bare
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _answers(port: int, path: str) -> bool:
    return get(f"http://127.0.0.1:{port}{path}")[0] > 0


def _start_application(home: Path, values: dict[str, str], count: int) -> Target:
    application = Application(home, **values)
    application.manage("migrate", "--verbosity", "0")
    ports = [application.port, *(free_port() for _ in range(count - 1))]
    application.environment["PUBLIC_URL"] = application.url
    processes = {}
    for n, port in enumerate(ports):
        environment = application.environment | {"PORT": str(port)}
        command = [sys.executable, "manage.py", "serve"]
        processes[f"web-{n}"] = Child(command, env=environment, log=home / f"web-{n}.log").pid
        wait_until(partial(_answers, port, "/healthz"), application.log)
    return Target("escollect", ports, processes, application)


def _start_yardstick(home: Path, redis_url: str, count: int) -> Target:
    ports = [free_port() for _ in range(count)]
    processes = {}
    for n, port in enumerate(ports):
        command = [sys.executable, "-m", "bench.yardstick", str(port), redis_url]
        child = Child(command, log=home / f"yardstick-{n}.log")
        processes[f"web-{n}"] = child.pid
        wait_until(partial(_answers, port, "/"), child.output)
    return Target("yardstick", ports, processes)
