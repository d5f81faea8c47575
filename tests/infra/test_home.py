"""The data folder: one server at a time, secrets made once."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from escollect.infra.lock import HomeInUse, home_lock
from escollect.infra.secrets import get_or_make
from tests.support.processes import ROOT


def test_the_lock_is_exclusive_and_given_back(tmp_path: Path) -> None:
    second = home_lock(tmp_path)
    with home_lock(tmp_path), pytest.raises(HomeInUse, match=rf"pid {os.getpid()}.*ESCOLLECT_HOME"):
        second.__enter__()
    with home_lock(tmp_path):
        pass


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from escollect.infra.lock import home_lock\n"
        "with home_lock(Path(sys.argv[1])): os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", script, tmp_path], cwd=ROOT, check=False).returncode == -9
    with home_lock(tmp_path):
        pass


def test_a_secret_is_made_once_even_by_many_at_once(tmp_path: Path) -> None:
    script = "import sys; from pathlib import Path; from escollect.infra.secrets import get_or_make\n"
    script += "print(get_or_make(Path(sys.argv[1]), 'key'))"

    def ask(_: int) -> str:
        return subprocess.check_output([sys.executable, "-c", script, tmp_path], cwd=ROOT, text=True).strip()

    with ThreadPoolExecutor(4) as pool:
        secrets = set(pool.map(ask, range(4)))
    assert secrets == {get_or_make(tmp_path, "key")}
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_a_new_data_folder_is_its_owners_alone(tmp_path: Path) -> None:
    home = tmp_path / "data"
    get_or_make(home, "secret-key")
    assert (home.stat().st_mode & 0o777, (home / "secret-key").stat().st_mode & 0o777) == (0o700, 0o600)
