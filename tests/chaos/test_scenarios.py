"""The bounds of the fault suite, scenario by scenario (docs/reliability.md).

Without variables a few scenarios with a few rooms run; `make chaos` runs all of them with many.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.play import play
from tests.chaos.scenarios import SCENARIOS, SUBSET
from tests.chaos.stage import Stage

FEW_ROOMS = 8

pytestmark = [pytest.mark.chaos, pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(600)]


def chosen() -> list[tuple[str, int]]:
    """(scenario, seed) of everything to play."""
    wanted = os.environ.get("CHAOS_SCENARIOS", "")
    names = tuple(SCENARIOS) if wanted == "all" else tuple(wanted.split(",")) if wanted else SUBSET
    return [(name, seed) for seed in range(int(os.environ.get("CHAOS_SEEDS", "1"))) for name in names]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    built = Stage(tmp_path_factory.mktemp("chaos"))
    yield built
    built.stop()


@pytest.mark.parametrize(("name", "seed"), chosen())
def test_nothing_is_lost_doubled_or_stuck(
    name: str, seed: int, stage: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rooms = int(os.environ.get("CHAOS_ROOMS", str(FEW_ROOMS)))
    played = play(stage, SCENARIOS[name], rooms, f"{seed}", tmp_path)
    with capsys.disabled():
        sys.stdout.write(f"\n{name}, seed {seed}: {played.figures}\n")
    assert played.problems == {}, f"{played}\n{played.tail}\n{stage.servers.log()[-6000:]}"
