import hypothesis  # noqa: F401  isort: skip  before Django, or its pytest plugin reads the settings too early

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support.chromium import open_chromium
from tests.support.databases import Postgres, Redis
from tests.support.servers import Embedded, Production


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A private PostgreSQL; make databases of your own in it."""
    with Postgres() as server:
        yield server


@pytest.fixture(scope="session")
def redis() -> Iterator[Redis]:
    """A private Redis."""
    with Redis() as server:
        yield server


@pytest.fixture(scope="module")
def embedded_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """The whole application in one process on SQLite, with an empty database, for one test module."""
    server = Embedded(tmp_path_factory.mktemp("embedded"))
    yield server
    server.stop()


@pytest.fixture
def start_embedded(tmp_path: Path) -> Iterator[Callable[[], Embedded]]:
    """Starts an application for one test, which may kill and restart it."""
    started: list[Embedded] = []

    def start() -> Embedded:
        started.append(Embedded(tmp_path))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture(scope="module")
def production_servers(
    tmp_path_factory: pytest.TempPathFactory, postgres: Postgres, redis: Redis
) -> Iterator[Production]:
    """Two web processes, two workers and a scheduler on PostgreSQL and Redis, for one test module."""
    home = tmp_path_factory.mktemp("production")
    name = home.name.replace("-", "_")
    postgres.create_database(name)
    servers = Production(home, postgres, redis, name)
    yield servers
    servers.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; closed at the module's end, because Playwright's loop would disturb asynchronous tests."""
    with open_chromium() as chromium:
        yield chromium
