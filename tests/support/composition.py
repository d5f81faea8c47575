"""docker-compose.yml played as plain processes: its commands and its environment, on private servers."""

import re
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from tests.support.databases import Postgres, Redis, find_program
from tests.support.processes import ROOT, Child, free_port, wait_until
from tests.support.servers import START_SECONDS, Application, get

VARIABLE = re.compile(r"\$\{(\w+)(?::[-?][^}]*)?\}")


class Composition(Application):
    """nginx in front of two web processes, workers, and the scheduler, as the compose file starts them."""

    def __init__(self, home: Path, postgres: Postgres, redis: Redis, database: str) -> None:
        super().__init__(home)
        self._services: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
        self._addresses = {
            "DATABASE_URL": postgres.url(database),
            "REDIS_URL": redis.url,
            "ESCOLLECT_HOME": str(home),
        }
        filled = {"SECRET_KEY": "rehearsal" * 6, "PUBLIC_URL": self.url, "POSTGRES_PASSWORD": "unused"}
        declared = self._services["web-1"]["environment"]
        self.environment |= {
            name: VARIABLE.sub(lambda m: filled[m[1]], value) for name, value in declared.items()
        }
        self.environment |= self._addresses
        self.web_ports = {"web-1": free_port(), "web-2": free_port()}
        self.children: dict[str, Child] = {}

    def start(self) -> None:
        """Start every service in the order of the file; each one waits as its conditions say."""
        migrate = self._start("migrate", self._services["migrate"]["command"])
        assert migrate.process.wait(60) == 0, migrate.output()
        for name in self.web_ports:
            self.start_web(name, wait=False)
        for number in range(self._services["worker"]["deploy"]["replicas"]):
            command = [*self._services["worker"]["command"], "-n", f"worker-{number}@%h"]
            self._start(f"worker-{number}", command)
        schedule = str(self.home / "schedule")
        beat = [
            schedule if word == "/tmp/schedule" else word for word in self._services["scheduler"]["command"]
        ]
        self._start("scheduler", beat)
        for name in self.web_ports:
            self._wait_for_web(name)
        self._start_nginx()
        self.wait_ready()

    def start_web(self, name: str, *, wait: bool = True) -> None:
        """Start (again) one of the web processes."""
        self._start(name, self._services[name]["command"], PORT=str(self.web_ports[name]))
        if wait:
            self._wait_for_web(name)

    def _wait_for_web(self, name: str) -> None:
        address = f"http://127.0.0.1:{self.web_ports[name]}/healthz"
        wait_until(
            lambda: get(address)[0] == 200, lambda: f"{name} does not answer: {self.log()}", START_SECONDS
        )

    def stop(self) -> None:
        children = list(reversed(self.children.values()))
        for child in children:
            child.send(signal.SIGTERM)
        for child in children:
            child.stop()

    def _start(self, name: str, command: Sequence[str], **values: str) -> Child:
        words = [sys.executable if word == "python" else word for word in command]
        words = [word.replace("python ", f"{sys.executable} ") for word in words]
        environment = self.environment | values
        self.children[name] = Child(words, env=environment, log=self.home / f"{name}.log")
        return self.children[name]

    def _start_nginx(self) -> None:
        config = write_nginx_config(self.home, self.port, self.web_ports, self.home / "static")
        # The files of a test lie where only its user may read.
        command = [find_program("nginx"), "-p", str(self.home), "-c", str(config)]
        self.children["nginx"] = Child([*command, "-g", "daemon off;"], log=self.home / "nginx.log")


def write_nginx_config(folder: Path, port: int, web_ports: dict[str, int], static: Path) -> Path:
    """deploy/nginx.conf with the addresses of this rehearsal in place of those of the containers."""
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    for name, web_port in web_ports.items():
        text = replace_once(text, f"{name}:8000", f"127.0.0.1:{web_port}")
    text = replace_once(text, "listen 8080;", f"listen 127.0.0.1:{port};")
    text = replace_once(text, "/data/static/", f"{static}/")
    text = replace_once(text, "pid /tmp/nginx.pid;", f"pid {folder}/nginx.pid;\nuser root;")
    path = folder / "nginx.conf"
    path.write_text(text)
    return path


def replace_once(text: str, old: str, new: str) -> str:
    """Replace what must be there exactly once."""
    assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in deploy/nginx.conf"
    return text.replace(old, new)
