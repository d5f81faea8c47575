"""How fast conversations are judged and simulated, beside the same rules in memory.

`python -m bench.judging [--shape embedded|postgres] [--conversations 10000] [--seed 2021]` fills a database
of its own with made-up conversations, as long as those of the published corpus, and measures in one run. The
last line of its output is one JSON object: conversations in a second of the clock and of processor
time, and the ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.databases import Postgres

ROOT = Path(__file__).resolve().parents[1]


Speeds = dict[str, dict[str, int]]


def run(conversations: int, seed: int, home: str, database: str) -> Speeds:
    """The speeds on this database; none given is SQLite in the folder."""
    environment = {**os.environ, "ESCOLLECT_HOME": home, "DATABASE_URL": database, "REDIS_URL": ""}
    done = subprocess.run(
        [sys.executable, "-m", "bench.judging_run", str(conversations), str(seed)],
        cwd=ROOT,
        env={name: value for name, value in environment.items() if value},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: Speeds = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Make the database, measure, and say the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shape", choices=("embedded", "postgres"), default="embedded")
    parser.add_argument("--conversations", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=2021)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        if given.shape == "postgres":
            with Postgres(durable=True) as postgres:
                speeds = run(given.conversations, given.seed, home, postgres.url())
        else:
            speeds = run(given.conversations, given.seed, home, "")
    # A database server's work is not in the processor time of the process that asks it.
    clock = "processor" if given.shape == "embedded" else "wall"
    pairs = (("simulate", "rules"), ("judge", "rules and findings"))
    ratios = {f"{one} / {other}": round(speeds[one][clock] / speeds[other][clock], 2) for one, other in pairs}
    sys.stdout.write(json.dumps({**vars(given), "per_second": speeds, "ratios": ratios}) + "\n")


if __name__ == "__main__":
    main()
