"""Private PostgreSQL and Redis servers in temporary folders."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.processes import Child, free_port, wait_until

FAST = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
PACKAGES = "postgresql redis-server chromium nginx-light"


class Missing(Exception):
    """A server program that the tests need is not installed."""


def find_program(name: str) -> str:
    """The path of a program, PostgreSQL's hidden ones included; raises `Missing` with the remedy."""
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda p: int(p.parts[4]))
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if versions:
        return str(versions[-1])
    if found is None:
        raise Missing(f"{name} is not installed: apt-get install --no-install-recommends {PACKAGES}")
    return found


class Postgres:
    """A PostgreSQL cluster of its own.

    It is durable as in production (fsync on) unless told otherwise; tests that only need PostgreSQL's locks
    and queries empty their tables twice as fast without.
    """

    def __init__(self, *, durable: bool = True) -> None:
        self._options = [] if durable else FAST
        # PostgreSQL refuses to run as root, and its socket path must stay short.
        self._user = "postgres" if os.geteuid() == 0 else None
        self.folder = Path(tempfile.mkdtemp(prefix="esc-pg-", dir="/tmp"))
        self.port = free_port()
        if self._user is not None:
            account = pwd.getpwnam(self._user)
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        self._data = self.folder / "data"
        subprocess.run(
            [find_program("initdb"), "-D", str(self._data), "-U", "escollect", "--auth=trust", "-E", "UTF8",
             "--locale=C.UTF-8", "--no-instructions"],
            check=True, stdout=subprocess.DEVNULL, user=self._user, group=self._user, cwd="/",
        )  # fmt: skip
        self.start()
        self.create_database("escollect")

    def start(self) -> None:
        """Start (again) on the same port and data."""
        self._launch()
        wait_until(lambda: _is_open(self.port), lambda: f"PostgreSQL does not start: {self.child.output()}")

    def _launch(self) -> None:
        self.child = Child(
            [find_program("postgres"), "-D", str(self._data), "-p", str(self.port), "-k", str(self.folder),
             "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=100", *self._options],
            log=self.folder / "log", user=self._user, cwd=Path("/"),
        )  # fmt: skip

    def restart(self) -> None:
        """Start again after a kill -9; the orphaned backends may hold the memory for a moment."""
        self._launch()
        wait_until(self._is_back, lambda: f"PostgreSQL does not come back: {self.child.output()}")

    def _is_back(self) -> bool:
        if not self.child.is_running():
            self._launch()
        ask = [find_program("psql"), "-d", self.url(), "-qAtc", "SELECT 1"]
        return subprocess.run(ask, capture_output=True, check=False).returncode == 0

    def create_database(self, name: str) -> str:
        """Make an empty database and return its DATABASE_URL."""
        address = f"host=127.0.0.1 port={self.port} user=escollect dbname=postgres"
        command = [find_program("psql"), "-d", address, "-qc", f'CREATE DATABASE "{name}"']
        wait_until(lambda: subprocess.run(command, check=False).returncode == 0, "cannot create a database")
        return self.url(name)

    def url(self, name: str = "escollect") -> str:
        return f"postgresql://escollect@127.0.0.1:{self.port}/{name}"

    def stop(self) -> None:
        self.child.stop(signal.SIGINT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class Redis:
    """A Redis of its own, with the append-only file of production."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="esc-redis-", dir="/tmp"))
        self.port = free_port()
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start (again) on the same port and data."""
        self.child = Child(
            [find_program("redis-server"), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "",
             "--appendonly", "yes", "--dir", str(self.folder)],
            log=self.folder / "log",
        )  # fmt: skip
        wait_until(lambda: _is_open(self.port), lambda: f"Redis does not start: {self.child.output()}")

    def stop(self) -> None:
        self.child.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
