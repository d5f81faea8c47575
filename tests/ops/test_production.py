"""The production shape: docker-compose.yml rehearsed as plain processes, because no container runs here."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

from escollect.infra.threads import PAGE_THREADS, SOCKET_THREADS
from escollect.live import collectors
from tests.flows.browserless import Somebody, send, wait_for
from tests.flows.lives import Life, live_through
from tests.support.composition import Composition, write_nginx_config
from tests.support.databases import Postgres, Redis, find_program
from tests.support.processes import ROOT, wait_until
from tests.support.servers import get

pytestmark = [pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(300)]

DATABASE = "rehearsal"
# A web process has threads for pages and for sockets, one for each collector and one for the pulse.
WEB_CONNECTIONS = PAGE_THREADS + SOCKET_THREADS + len(collectors.__all__) + 1
# Two web processes; two workers of two children and a parent; the scheduler.
MOST_CONNECTIONS = 2 * WEB_CONNECTIONS + 2 * 3 + 1


@pytest.fixture(scope="module")
def composition(
    tmp_path_factory: pytest.TempPathFactory, postgres: Postgres, redis: Redis
) -> Iterator[Composition]:
    postgres.create_database(DATABASE)
    running = Composition(tmp_path_factory.mktemp("rehearsal"), postgres, redis, DATABASE)
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
def links(composition: Composition) -> dict[str, str]:
    made: dict[str, str] = composition.manage("demo_setup")["links"]
    return made


def metric(composition: Composition, name: str) -> float:
    body = get(f"{composition.url}/metrics")[1]
    found = re.search(rf"^{re.escape(name)} (\S+)$", body, re.MULTILINE)
    return float(found[1]) if found else 0.0


def test_the_compose_file_fits_its_schema() -> None:
    checker = Path(sys.executable).parent / "check-jsonschema"
    command = [str(checker), "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"]
    assert subprocess.run(command, cwd=ROOT, check=False, capture_output=True).returncode == 0


def test_nginx_sees_its_file_and_static_files_only() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    mounted = [volume.split(":")[:2] for volume in services["nginx"]["volumes"]]
    assert mounted == [["./deploy/nginx.conf", "/etc/nginx/nginx.conf"], ["static", "/data/static"]]


def test_nginx_accepts_its_file(tmp_path: Path) -> None:
    config = write_nginx_config(tmp_path, 8081, {"web-1": 8082, "web-2": 8083}, tmp_path)
    done = subprocess.run(
        [find_program("nginx"), "-t", "-p", str(tmp_path), "-c", str(config)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "test is successful" in done.stderr


def test_every_part_is_ready_behind_nginx(composition: Composition) -> None:
    status, body = get(f"{composition.url}/readyz")
    assert (status, json.loads(body)) == (200, {"status": "ready", "failing": {}})


def test_nginx_serves_static_files_itself(composition: Composition) -> None:
    sheet = next((ROOT / "static" / "css").glob("*.css"))
    assert get(f"{composition.url}/static/css/{sheet.name}") == (200, sheet.read_text())


def test_the_numbers_are_not_for_who_comes_through_a_balancer(composition: Composition) -> None:
    status = get(f"{composition.url}/metrics", {"X-Forwarded-For": "192.0.2.7"})[0]
    assert (get(f"{composition.url}/metrics")[0], status) == (200, 403)


def test_an_idle_socket_on_redis_stays_open(composition: Composition, links: dict[str, str]) -> None:
    person = Somebody(composition.url)
    person.get(links["seeker"])
    with person.socket("/ws/lobby/") as socket:
        began = time.monotonic()
        # channels-redis pops for 5 s at a time; an unlucky socket timeout closes what is idle longer.
        time.sleep(7)
        send(socket, t="ping", n=7)
        assert wait_for(socket, lambda frame: frame["t"] == "pong")["n"] == 7
        assert time.monotonic() - began > 6


def test_conversations_between_two_web_processes_end_in_verdicts(
    composition: Composition, links: dict[str, str]
) -> None:
    before = metric(composition, 'escollect_verdicts{verdict="accepted"}')
    lives: list[Life] = [
        live_through(composition.url, links["seeker"], links["qualified supporter"]) for _ in range(2)
    ]
    assert len({code for life in lives for code in life.codes.values()}) == 2 * len(lives)
    # A conversation is judged by each policy in a job of its own; the one that decides may be the first.
    wait_until(
        lambda: (
            metric(composition, 'escollect_verdicts{verdict="accepted"}') == before + len(lives)
            and metric(composition, "escollect_open_jobs") == 0
        ),
        lambda: f"the workers judged too little: {get(f'{composition.url}/metrics')} {composition.log()}",
    )


def test_requests_leave_no_connections_behind(composition: Composition, postgres: Postgres) -> None:
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: get(f"{composition.url}/")[0], range(200)))
    assert set(statuses) == {200}
    counted = subprocess.run(
        [find_program("psql"), "-d", postgres.url(), "-Atc",
         f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{DATABASE}'"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert int(counted.stdout) <= MOST_CONNECTIONS


def test_pages_go_on_while_one_web_process_is_gone(composition: Composition) -> None:
    composition.children["web-1"].stop(signal.SIGKILL)
    try:
        statuses = [get(f"{composition.url}/healthz")[0] for _ in range(20)]
    finally:
        composition.start_web("web-1")
    assert statuses == [200] * 20
