import hypothesis  # noqa: F401  isort: skip  before Django, or its pytest plugin reads the settings too early

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from channels.layers import channel_layers
from django.db import connection
from playwright.sync_api import Browser
from pytest_django import DjangoDbBlocker

from tests.support.chromium import open_chromium
from tests.support.databases import Postgres, Redis
from tests.support.servers import Embedded, Production

ROOT = Path(__file__).resolve().parents[1]
CUT_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what ran on PostgreSQL a moment ago: ONCE names the rooms that one database does for."""
    rooms = {ROOT / "tests" / room for room in os.environ.get("ONCE", "").split()}
    done = [item for item in items if rooms & set(item.path.parents) and _is_plain(item)]
    items[:] = [item for item in items if item not in done]
    if done:
        config.hook.pytest_deselected(items=done)


def _is_plain(item: pytest.Item) -> bool:
    """Whether a test needs the database and neither servers nor a browser."""
    marks = {mark.name for mark in item.iter_markers()}
    return "django_db" in marks and marks.isdisjoint({"browser", "servers"})


@pytest.fixture(autouse=True)
def fresh_channel_layer() -> None:
    """A layer of its own for every test: its locks and connections belong to the test's event loop."""
    channel_layers.backends.clear()


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None,  # noqa: ARG001  the plugin's own, which this one ends before
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """At the end, cut what threads of the application still hold open; PostgreSQL would keep the database."""
    yield
    with django_db_blocker.unblock():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(CUT_OTHERS)


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
def start_embedded(tmp_path: Path) -> Iterator[Callable[..., Embedded]]:
    """Starts an application for one test, which may kill and restart it; arguments are variables for it."""
    started: list[Embedded] = []

    def start(*, empty: bool = False, **values: str) -> Embedded:
        started.append(Embedded(tmp_path, empty=empty, **values))
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
