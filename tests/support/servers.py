"""The real application as processes of its own: embedded, or in the shape of production."""

import atexit
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.support.databases import Postgres, Redis
from tests.support.processes import ROOT, Child, free_port, wait_until

# What a developer's shell may hold and a private server must not see.
OURS = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ALLOWED_HOSTS", "PUBLIC_URL", "DEBUG", "PORT",
        "ESCOLLECT_HOME", "DJANGO_SETTINGS_MODULE"}  # fmt: skip
START_SECONDS = 120.0
KEPT = ("db.sqlite3", "secret-key", "pseudonym-key")


def clean_environment(**values: str) -> dict[str, str]:
    """This process's environment without our variables, plus `values`."""
    kept = {name: value for name, value in os.environ.items() if name not in OURS}
    return kept | {"PYTHONUNBUFFERED": "1"} | values


def get(url: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
    """Status and body of a GET; status 0 when nobody answers."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        return 0, ""
    finally:
        connection.close()


class Application:
    """Environment and commands that every shape shares."""

    token = ""
    """An admin's REST token, where one was made beforehand."""

    def __init__(self, home: Path, **values: str) -> None:
        self.home = home
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = clean_environment(ESCOLLECT_HOME=str(home), PORT=str(self.port), **values)

    def manage(self, *arguments: str, check: bool = True) -> Any:
        """Run `manage.py …` beside the server and return its last line of stdout as JSON.

        With `check=False` the result is the finished process, for tests of failures.
        """
        return self._run(["manage.py", *arguments], check=check)

    def make_token(self) -> str:
        """The REST token of an admin called ada, who is made where missing."""
        self.token = self.token or self.manage("create_token", "ada", "--staff-role", "admin")["token"]
        return self.token

    def run_module(self, name: str, *arguments: str) -> Any:
        """Run a module of ours beside the server; like `manage`."""
        return self._run(["-m", name, *arguments])

    def _run(self, words: list[str], *, check: bool = True) -> Any:
        done = subprocess.run(
            [sys.executable, *words],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if not check:
            return done
        assert done.returncode == 0, f"{' '.join(words)}: {done.stderr}"
        lines = done.stdout.strip().splitlines()
        return json.loads(lines[-1]) if lines and lines[-1].startswith(("{", "[")) else None

    def log(self) -> str:
        """Everything the processes said."""
        return "\n".join(f"== {path.name}\n{path.read_text()}" for path in sorted(self.home.glob("*.log")))

    def wait_ready(self, url: str | None = None) -> None:
        """Wait for /readyz to say that everything is there."""
        address = f"{url or self.url}/readyz"
        wait_until(
            lambda: get(address)[0] == http.client.OK,
            lambda: f"not ready: {get(address)} {self.log()}",
            START_SECONDS,
        )


@cache
def prepared_home() -> tuple[Path, str]:
    """A data folder with tables and an admin, to be copied, and the token; made once in this process."""
    home = Path(tempfile.mkdtemp(prefix="esc-home-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    application = Application(home)
    application.manage("migrate", "--verbosity", "0")
    return home, application.make_token()


class Embedded(Application):
    """`manage.py serve` on SQLite: everything in one process.

    Tables and an admin are made beforehand, which saves seconds, unless the folder is to be `empty`.
    """

    def __init__(self, home: Path, *, empty: bool = False, **values: str) -> None:
        super().__init__(home, **values)
        if not empty:
            prepared, self.token = prepared_home()
            for name in KEPT:
                shutil.copy(prepared / name, home / name)
        self.start()

    def start(self) -> None:
        """Start (again) on the same data and port."""
        command = [sys.executable, "manage.py", "serve"]
        self.child = Child(command, env=self.environment, log=self.home / "serve.log")
        self.wait_ready()

    def stop(self) -> int:
        return self.child.stop()

    def kill(self) -> None:
        self.child.kill()


class Production(Application):
    """Two web processes, two workers and a scheduler on PostgreSQL and Redis.

    Each part is a `Child` that a test may kill and start again; `values` are more variables for all of them.
    """

    def __init__(
        self, home: Path, postgres: Postgres, redis: Redis, database: str = "escollect", **values: str
    ) -> None:
        super().__init__(home, DATABASE_URL=postgres.url(database), REDIS_URL=redis.url)
        self.manage("migrate", "--verbosity", "0")
        self.ports = [self.port, free_port()]
        self.urls = [self.url, f"http://127.0.0.1:{self.ports[1]}"]
        self.environment |= {"PUBLIC_URL": self.url} | values
        self.webs = [self.start_web(number) for number in range(2)]
        self.workers = [self.start_worker(number) for number in range(2)]
        self.scheduler = self.start_scheduler()
        for url in self.urls:
            self.wait_ready(url)

    def stop(self) -> None:
        children = [self.scheduler, *self.workers, *self.webs]
        for child in children:
            child.send(signal.SIGTERM)
        for child in children:
            child.stop()

    def start_web(self, number: int, **values: str) -> Child:
        """A web process on its port, with more variables if given; the caller keeps it."""
        environment = self.environment | {"PORT": str(self.ports[number])} | values
        command = [sys.executable, "manage.py", "serve", "--behind-proxy"]
        return Child(command, env=environment, log=self.home / f"web-{number}.log")

    def start_worker(self, number: int) -> Child:
        """A worker with one child; the caller keeps it."""
        options = ["-c", "1", "-n", f"worker-{number}@%h", "--without-gossip", "--without-mingle"]
        return self._celery("worker", number, options)

    def start_scheduler(self, number: int = 0) -> Child:
        """A scheduler with a schedule file of its own; the caller keeps it."""
        return self._celery("beat", number, ["-s", str(self.home / f"schedule-{number}")])

    def _celery(self, kind: str, number: int, options: list[str]) -> Child:
        command = [sys.executable, "-m", "celery", "-A", "escollect.config", kind, *options]
        return Child(command, env=self.environment, log=self.home / f"{kind}-{number}.log")
