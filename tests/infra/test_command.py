"""Commands of scripts: they work on an empty data folder, and their last line is JSON whatever happens."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.processes import ROOT

pytestmark = pytest.mark.timeout(60)


def run(home: Path, *words: str, **given: str) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own."""
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    env = {
        **kept,
        "ESCOLLECT_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "escollect.config.settings",
        **given,
    }
    command = [sys.executable, "manage.py", *words]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def manage(home: Path, *words: str) -> tuple[int, list[dict[str, object]]]:
    """The exit code of a command and the lines of its stdout."""
    done = run(home, *words)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def test_the_first_command_on_an_empty_data_folder_makes_its_tables(tmp_path: Path) -> None:
    study = "fixtures/studies/esconv.yaml"
    assert manage(tmp_path, "open_study", study) == (0, [{"study": "esconv", "version": 1}])


def test_a_failure_is_the_last_line_and_the_exit_code(tmp_path: Path) -> None:
    unknown = {"error": "There is no study nowhere. Open it first with open_study."}
    assert manage(tmp_path, "statistics", "--study", "nowhere") == (1, [unknown])
    misused = {"error": "Wrong use of statistics; --help says how. Nothing was changed."}
    assert manage(tmp_path, "statistics") == (2, [misused])


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PORT", "99999", "PORT is '99999'; it must be a number from 1 to 65535."),
        (
            "ESCOLLECT_HOME",
            "/dev/null/data",
            "ESCOLLECT_HOME is '/dev/null/data'; it must be a folder that can be written (Not a directory).",
        ),
    ],
)
def test_a_wrong_setting_stops_the_start_with_one_sentence(
    tmp_path: Path, name: str, value: str, sentence: str
) -> None:
    stopped = run(tmp_path, "statistics", "--study", "nowhere", **{name: value})
    assert (stopped.returncode, stopped.stdout, stopped.stderr) == (1, "", f"{sentence}\n")
