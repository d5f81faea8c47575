"""How fast near-copies are found among many utterances, beside comparing with every one of them.

`python -m bench.copies [UTTERANCES] [--sqlite] [--seed N]`: on a fresh database and in a process of its own.
The last line of its output is one JSON object.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile

from tests.support.databases import Postgres


def run(count: int, seed: int, **environment: str) -> None:
    """One run; what it prints is printed."""
    with tempfile.TemporaryDirectory() as home:
        subprocess.run(
            [sys.executable, "-m", "bench.copies_run", str(count), str(seed)],
            env=os.environ | {"ESCOLLECT_HOME": home} | environment,
            check=True,
        )


def main() -> None:
    """Search among as many utterances as the command line says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("count", nargs="?", type=int, default=100_000)
    parser.add_argument("--sqlite", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.sqlite:
        run(options.count, options.seed)
    else:
        with Postgres(durable=True) as postgres:
            run(options.count, options.seed, DATABASE_URL=postgres.url())


if __name__ == "__main__":
    main()
