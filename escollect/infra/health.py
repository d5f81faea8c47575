"""Readiness: is everything there that a participant needs, and does work get done?

A check is a function without arguments that returns None, or a sentence that says what is wrong. Stages add
their own with `register` when they load; the readiness page runs them all.
"""

import asyncio
import datetime
import logging
from collections.abc import Callable

from asgiref.sync import async_to_sync
from celery import current_app
from channels.layers import get_channel_layer
from django.db import connection

from escollect.infra.clock import now
from escollect.infra.layer import ResilientRedisLayer
from escollect.infra.models import Heartbeat

logger = logging.getLogger(__name__)

Check = Callable[[], str | None]

SWEEP = "sweep"
SWEEP_MAX_AGE = datetime.timedelta(seconds=60)
PING_SECONDS = 2

_checks: dict[str, Check] = {}


def register(name: str, check: Check) -> None:
    """Add a check to the readiness page; a second check of the same name replaces the first."""
    _checks[name] = check


def beat(name: str) -> None:
    """Note that `name` has just succeeded."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": now()})


def get_age(name: str) -> datetime.timedelta | None:
    """How long ago `name` last succeeded; None when it never did."""
    row = Heartbeat.objects.filter(name=name).first()
    return None if row is None else now() - row.at


def run_checks() -> dict[str, str]:
    """Run every check and return what fails: name → sentence. Empty means ready.

    A check that raises is a check that fails; without a database the other checks are not tried.
    """
    problem = _run("database", _check_database)
    if problem is not None:
        return {"database": problem}
    checks = {"layer": _check_layer, "broker": _check_broker, "sweep": _check_sweep} | _checks
    found = {name: _run(name, check) for name, check in checks.items()}
    return {name: sentence for name, sentence in found.items() if sentence is not None}


def _run(name: str, check: Check) -> str | None:
    try:
        return check()
    except Exception as error:
        logger.exception("the readiness check %s failed", name)
        return f"{name} could not be checked: {type(error).__name__}"


def _check_database() -> str | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return None


def _check_layer() -> str | None:
    layer = get_channel_layer()
    if layer is None:
        return "no channel layer is configured"
    if isinstance(layer, ResilientRedisLayer):
        async_to_sync(_ping)(layer)
    return None


async def _ping(layer: ResilientRedisLayer) -> None:
    async with asyncio.timeout(PING_SECONDS):
        await layer.ping()


def _check_broker() -> str | None:
    # A broker that hangs would else be waited for as long as a worker may wait.
    patience = {"socket_timeout": PING_SECONDS}
    with current_app.connection_for_write(transport_options=patience) as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=PING_SECONDS)
    return None


def _check_sweep() -> str | None:
    age = get_age(SWEEP)
    if age is None:
        return "no sweep has finished yet"
    if age > SWEEP_MAX_AGE:
        return f"the last sweep finished {int(age.total_seconds())} s ago"
    return None
