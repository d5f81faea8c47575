"""Plays one scenario: the crowd comes, something breaks, is mended, and the bounds are checked."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.checker import OVERDUE_SECONDS, VERDICT_SECONDS, Run, check
from tests.chaos.facts import Row, read_logs
from tests.chaos.scenarios import Scenario
from tests.chaos.stage import CROWD_SECONDS, Stage
from tests.support.processes import Child

ARRIVALS = 20.0
UNDER_WAY_SECONDS = 60.0
POLL_SECONDS = 0.5
UTTERANCES_A_ROOM = 3


@dataclass(frozen=True)
class Played:
    """What came of a scenario; `problems` is empty when every bound holds."""

    problems: dict[str, list[str]]
    rooms: int
    utterances: int
    lost_lines: int
    broken: float
    seconds: float
    tail: str

    def __str__(self) -> str:
        told = [f"{name}: {one}" for name, ones in self.problems.items() for one in ones[:10]]
        return "\n".join([self.figures, *told])

    @property
    def figures(self) -> str:
        """One line for reports."""
        result = f"{sum(map(len, self.problems.values()))} violations"
        return (
            f"{self.rooms} rooms, {self.utterances} utterances, {self.lost_lines} lines lost, "
            f"healed after {self.broken:.0f} s, over after {self.seconds:.0f} s: {result}"
        )


def play(stage: Stage, scenario: Scenario, rooms: int, seed: str, home: Path) -> Played:
    """Play a scenario with a crowd of `rooms` pairs; whatever happens, the stage is whole again after it."""
    rng = random.Random(f"{seed}/{scenario.name}")
    stage.proxy.seed(f"{seed}/{scenario.name}")
    logs = home / "crowd"
    logs.mkdir()
    if scenario.prepare is not None:
        scenario.prepare(stage, rng)
    began = time.time()
    crowd = stage.start_crowd(rooms, seed, scenario.personas, logs, ARRIVALS)
    try:
        if not scenario.at_once:
            _wait_under_way(stage, crowd, began, rooms * UTTERANCES_A_ROOM)
        broken_at = time.time()
        scenario.fault(stage, rng)
    finally:
        stage.repair()
        healed_at = time.time()
        overdue = _wait_end(stage, crowd, healed_at)
        crowd.kill()
    _wait_verdicts(stage, began)
    database = stage.reader.read(began)
    run = Run(database, read_logs(logs), healed_at, overdue)
    return Played(
        problems=check(run),
        rooms=len(database.rooms),
        utterances=sum(row["kind"] == "msg" for row in database.events),
        lost_lines=sum(client.count_lost_lines() for client in run.clients),
        broken=healed_at - broken_at,
        seconds=time.time() - began,
        tail=crowd.output()[-3000:],
    )


def _wait_under_way(stage: Stage, crowd: Child, began: float, utterances: int) -> None:
    over = time.monotonic() + UNDER_WAY_SECONDS
    while stage.reader.count_utterances(began) < utterances:
        assert crowd.is_running(), crowd.output()
        assert time.monotonic() < over, f"the crowd does not get going: {crowd.output()}"
        time.sleep(POLL_SECONDS)


def _wait_end(stage: Stage, crowd: Child, healed_at: float) -> list[Row]:
    """Wait until the crowd is gone; returns the rows that were late meanwhile, outages apart."""
    late: dict[str, Row] = {}
    over = time.monotonic() + CROWD_SECONDS
    while crowd.is_running() and time.monotonic() < over:
        time.sleep(POLL_SECONDS)
        if time.time() < healed_at + OVERDUE_SECONDS:
            continue
        for row in stage.reader.overdue():
            if row["late"] > OVERDUE_SECONDS:
                late[row["what"]] = row
    return list(late.values())


def _wait_verdicts(stage: Stage, began: float) -> None:
    over = time.monotonic() + VERDICT_SECONDS
    while time.monotonic() < over:
        database = stage.reader.read(began)
        if not database.owed() - database.given():
            return
        time.sleep(POLL_SECONDS)
