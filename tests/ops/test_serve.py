"""The embedded process: one command, one process, one data folder."""

import http.client
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.processes import ROOT, free_port
from tests.support.servers import Embedded, clean_environment, get

pytestmark = pytest.mark.servers


def serve_beside(server: Embedded, **values: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "manage.py", "serve"],
        env=server.environment | values,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_it_says_ready_when_it_answers_and_health_pages_agree(embedded_server: Embedded) -> None:
    assert f"ready: {embedded_server.url}" in embedded_server.child.output().splitlines()
    assert get(f"{embedded_server.url}/healthz") == (200, '{"status": "alive"}')
    status, body = get(f"{embedded_server.url}/readyz")
    assert (status, json.loads(body)) == (200, {"status": "ready", "failing": {}})


def test_metrics_are_prometheus_text(embedded_server: Embedded) -> None:
    status, body = get(f"{embedded_server.url}/metrics")
    assert status == http.client.OK
    assert "# TYPE escollect_sweep_age_seconds gauge\nescollect_sweep_age_seconds " in body
    for line in body.splitlines():
        assert line.startswith("#") or float(line.rpartition(" ")[2]) >= 0


def test_a_second_process_is_refused_and_told_who_holds_the_folder(embedded_server: Embedded) -> None:
    second = serve_beside(embedded_server, PORT=str(free_port()))
    assert second.returncode == 1
    assert f"(pid {embedded_server.child.pid}) already serves {embedded_server.home}" in second.stderr
    assert get(f"{embedded_server.url}/healthz")[0] == http.client.OK


def test_a_taken_port_is_named(embedded_server: Embedded, tmp_path: Path) -> None:
    second = serve_beside(embedded_server, ESCOLLECT_HOME=str(tmp_path))
    assert second.returncode == 1
    assert f"PORT {embedded_server.port} on 127.0.0.1 is not free" in second.stderr


def test_other_commands_run_beside_it(embedded_server: Embedded) -> None:
    assert embedded_server.manage("sweep") == {"sweeps": 1}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_cleanly_and_starts_again(
    start_embedded: Callable[..., Embedded], number: signal.Signals
) -> None:
    server = start_embedded(empty=True)
    assert server.child.stop(number) == 0, server.child.output()
    assert server.child.output().endswith("stopped\n")
    assert "Traceback" not in server.child.output()
    began = time.monotonic()
    server.start()
    assert time.monotonic() - began < 10


def test_kill_9_leaves_nothing_that_hinders_a_restart(start_embedded: Callable[[], Embedded]) -> None:
    server = start_embedded()
    server.kill()
    assert get(f"{server.url}/healthz") == (0, "")
    server.start()
    assert get(f"{server.url}/healthz")[0] == http.client.OK


def test_its_secrets_are_kept_and_readable_by_the_owner_only(embedded_server: Embedded) -> None:
    for name in ("secret-key", "pseudonym-key"):
        path = embedded_server.home / name
        assert path.stat().st_mode & 0o777 == 0o600
        assert len(path.read_text()) == 64
    contents = {(embedded_server.home / name).read_text() for name in ("secret-key", "pseudonym-key")}
    assert len(contents) == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "70000"),
        ("DEBUG", "maybe"),
        ("DATABASE_URL", "mysql://localhost/x"),
        ("REDIS_URL", "localhost:6379"),
        ("PUBLIC_URL", "chat.example.org"),
    ],
)
def test_a_wrong_value_stops_the_start_with_a_sentence_that_names_the_variable(
    tmp_path: Path, name: str, value: str
) -> None:
    environment = clean_environment(ESCOLLECT_HOME=str(tmp_path)) | {name: value}
    done = subprocess.run(
        [sys.executable, "manage.py", "serve"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert f"{name} " in done.stderr.splitlines()[-1]
    assert list(tmp_path.iterdir()) == []
