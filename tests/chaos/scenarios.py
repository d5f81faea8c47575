"""What is broken, how, and for how long. Every scenario is drawn from its seed."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from tests.chaos.failpoints import AFTER_COMMIT, BEFORE_COMMIT, BEFORE_HINT
from tests.chaos.stage import Stage
from tests.support.processes import wait_until
from tests.support.servers import get

USUAL = "good:6,tabs:1,sleeper:1"
OUTAGE_SECONDS = 3.0
# A client gives up a line after 30 s of silence and looks every 15 s.
HALF_OPEN_SECONDS = 46.0
DEATH_SECONDS = 90.0


@dataclass(frozen=True)
class Scenario:
    """`fault` runs while people talk and returns when it is over; `prepare` runs before they come.

    A fault that is `at_once` watches from the arrivals on: what was prepared may happen at any time.
    """

    name: str
    fault: Callable[[Stage, random.Random], None]
    prepare: Callable[[Stage, random.Random], None] | None = None
    personas: str = USUAL
    at_once: bool = False


def _pause(rng: random.Random) -> None:
    time.sleep(rng.uniform(0.2, 1.0))


def _stay_broken(stage: Stage, seconds: float) -> None:
    """Let something that every process needs be away for a while; readiness has to say so meanwhile."""
    over = time.monotonic() + seconds
    status, said = get(f"{stage.servers.url}/readyz")
    assert status == HTTPStatus.SERVICE_UNAVAILABLE, f"/readyz answered {status}: {said}"
    time.sleep(max(0.0, over - time.monotonic()))


def kill_web(stage: Stage, rng: random.Random) -> None:
    number = rng.randrange(2)
    stage.kill_web(number)
    time.sleep(OUTAGE_SECONDS)
    stage.start_web(number)


def kill_both_webs(stage: Stage, _rng: random.Random) -> None:
    for number in range(2):
        stage.kill_web(number)
    time.sleep(1.0)
    for number in range(2):
        stage.start_web(number)


def kill_rolling(stage: Stage, rng: random.Random) -> None:
    for number in rng.sample(range(2), 2):
        stage.kill_web(number)
        stage.start_web(number)
        stage.wait_answers(number)
        _pause(rng)


def deploy_rolling(stage: Stage, rng: random.Random) -> None:
    for number in rng.sample(range(2), 2):
        assert stage.servers.webs[number].stop() == 0, "a web process did not end by itself"
        stage.start_web(number)
        stage.wait_answers(number)


def kill_redis(stage: Stage, _rng: random.Random) -> None:
    stage.redis.child.kill()
    _stay_broken(stage, OUTAGE_SECONDS)
    stage.redis.start()


def stop_redis(stage: Stage, _rng: random.Random) -> None:
    stage.redis.child.send(signal.SIGSTOP)
    _stay_broken(stage, 2 * OUTAGE_SECONDS)
    stage.redis.child.send(signal.SIGCONT)


def kill_postgres(stage: Stage, _rng: random.Random) -> None:
    stage.postgres.child.kill()
    _stay_broken(stage, OUTAGE_SECONDS)
    stage.postgres.restart()


def cut_backends(stage: Stage, rng: random.Random) -> None:
    for _time in range(4):
        stage.cut_backends()
        _pause(rng)


def kill_worker_children(stage: Stage, rng: random.Random) -> None:
    for _time in range(3):
        stage.kill_worker_children()
        time.sleep(rng.uniform(1.0, 3.0))


def kill_workers(stage: Stage, _rng: random.Random) -> None:
    stage.kill_workers()
    time.sleep(2 * OUTAGE_SECONDS)
    stage.start_workers()


def kill_scheduler(stage: Stage, _rng: random.Random) -> None:
    stage.servers.scheduler.kill()
    time.sleep(3 * OUTAGE_SECONDS)
    stage.servers.scheduler = stage.servers.start_scheduler()


def two_schedulers(stage: Stage, _rng: random.Random) -> None:
    stage.start_second_scheduler()
    time.sleep(5 * OUTAGE_SECONDS)


def failpoint(place: str) -> Scenario:
    """Both web processes die at `place`, the second one when everybody has fled to it."""

    def prepare(stage: Stage, rng: random.Random) -> None:
        stage.arm(0, place, rng.randint(5, 15))
        stage.arm(1, place, rng.randint(50, 90))
        for number in range(2):
            stage.wait_answers(number)

    def fault(stage: Stage, _rng: random.Random) -> None:
        for number in range(2):
            wait_until(stage.servers.webs[number].has_ended, f"nobody died {place}", DEATH_SECONDS)
            assert stage.servers.webs[number].process.returncode == -signal.SIGKILL
            stage.start_web(number)
            stage.wait_answers(number)

    return Scenario(f"die-{place}", fault, prepare, at_once=True)


def half_open(stage: Stage, _rng: random.Random) -> None:
    stage.proxy.freeze(0.3)
    time.sleep(HALF_OPEN_SECONDS)


def resets(stage: Stage, _rng: random.Random) -> None:
    stage.proxy.reset_every_second(0.05)
    time.sleep(5 * OUTAGE_SECONDS)


def slow_readers(stage: Stage, _rng: random.Random) -> None:
    stage.proxy.slow_down(0.3, 200.0)
    time.sleep(4 * OUTAGE_SECONDS)


def nothing(_stage: Stage, _rng: random.Random) -> None:
    """What the clients do themselves is the fault."""


def storm(stage: Stage, rng: random.Random) -> None:
    for _time in range(3):
        stage.proxy.reset(1.0)
        _pause(rng)


SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario("kill-web", kill_web),
        Scenario("kill-both-webs", kill_both_webs),
        Scenario("kill-rolling", kill_rolling),
        Scenario("deploy-rolling", deploy_rolling),
        Scenario("kill-redis", kill_redis),
        Scenario("stop-redis", stop_redis),
        Scenario("kill-postgres", kill_postgres),
        Scenario("cut-backends", cut_backends),
        Scenario("kill-worker-children", kill_worker_children),
        Scenario("kill-workers", kill_workers),
        Scenario("kill-scheduler", kill_scheduler, personas="good:6,leaver:2"),
        Scenario("two-schedulers", two_schedulers, personas="good:6,leaver:2"),
        failpoint(BEFORE_COMMIT),
        failpoint(AFTER_COMMIT),
        failpoint(BEFORE_HINT),
        Scenario("half-open", half_open),
        Scenario("resets", resets),
        Scenario("slow-readers", slow_readers),
        Scenario("duplicate-tabs", nothing, personas="tabs:1"),
        Scenario("reconnect-storm", storm),
    )
}
SUBSET = ("kill-postgres", "stop-redis", f"die-{AFTER_COMMIT}", "resets")
"""What `make test` runs: a database that dies, a layer that hangs, a lost ack, bad lines."""
