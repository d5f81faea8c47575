"""Readiness names what fails."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

import pytest
from django.test import Client

from escollect.infra import health, metrics
from escollect.infra.clock import now
from escollect.infra.models import Heartbeat

pytestmark = pytest.mark.django_db


@pytest.fixture
def extra_check() -> Iterator[None]:
    yield
    health._checks.pop("extra", None)
    metrics._gauges.pop("extra", None)


def swept(seconds_ago: int) -> None:
    Heartbeat.objects.update_or_create(
        name=health.SWEEP, defaults={"at": now() - datetime.timedelta(seconds=seconds_ago)}
    )


def test_without_any_sweep_it_is_not_ready(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"status": "not ready", "failing": {"sweep": "no sweep has finished yet"}}


def test_an_old_sweep_is_named_with_its_age(client: Client) -> None:
    swept(90)
    assert client.get("/readyz").json()["failing"] == {"sweep": "the last sweep finished 90 s ago"}


def test_with_a_fresh_sweep_it_is_ready(client: Client) -> None:
    health.beat(health.SWEEP)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "failing": {}})


@pytest.mark.usefixtures("extra_check")
def test_a_check_of_a_stage_that_fails_or_raises_is_named(client: Client) -> None:
    swept(0)
    health.register("extra", lambda: "three rows are stuck")
    assert client.get("/readyz").json()["failing"] == {"extra": "three rows are stuck"}

    def broken() -> str | None:
        raise ZeroDivisionError

    health.register("extra", broken)
    assert client.get("/readyz").json()["failing"] == {
        "extra": "extra could not be checked: ZeroDivisionError"
    }


def test_alive_needs_no_database(client: Client, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert client.get("/healthz").json() == {"status": "alive"}


@pytest.mark.usefixtures("extra_check")
def test_gauges_are_escaped_and_labelled(client: Client) -> None:
    metrics.register("extra", "Two\nlines.", lambda: {'a"b': 2, "c": 0.5}, "kind")
    assert (
        "# HELP escollect_extra Two\\nlines.\n# TYPE escollect_extra gauge\n"
        'escollect_extra{kind="a\\"b"} 2\nescollect_extra{kind="c"} 0.5\n'
    ) in client.get("/metrics").content.decode()
