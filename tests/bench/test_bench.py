"""The bench starts, and what it reports of a few seconds with two processes is sound."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.support.processes import ROOT


@pytest.mark.servers
@pytest.mark.slow
def test_pairs_on_two_processes_lose_nothing() -> None:
    words = ["--shape", "postgres2", "--pairs", "3", "--seconds", "1", "--windows", "6"]
    done = subprocess.run(
        [sys.executable, "-m", "bench.chat", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (result,) = json.loads(done.stdout.splitlines()[-1])["results"]
    for name in ("escollect", "yardstick"):
        (run,) = result["runs"][name]
        assert run["messages"] > 0
        assert (run["lost"], run["duplicated"], run["gaps"], run["refused"]) == (0, 0, 0, {})
