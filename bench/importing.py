"""How fast a file comes in, beside PostgreSQL's COPY of the same rows, and in how much memory.

`python -m bench.importing [CONVERSATIONS …] [--sqlite] [--seed N]`: each number on a fresh database and in a
process of its own; prints one JSON object a line.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile

from tests.support.databases import Postgres


def run(count: int, seed: int, **environment: str) -> None:
    """One import; what it prints is printed."""
    with tempfile.TemporaryDirectory() as home:
        subprocess.run(
            [sys.executable, "-m", "bench.importing_run", str(count), str(seed)],
            env=os.environ | {"ESCOLLECT_HOME": home} | environment,
            check=True,
        )


def main() -> None:
    """Import as many conversations as the command line says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("counts", nargs="*", type=int, default=[10_000, 100_000])
    parser.add_argument("--sqlite", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for count in options.counts:
        if options.sqlite:
            run(count, options.seed)
        else:
            with Postgres(durable=True) as postgres:
                run(count, options.seed, DATABASE_URL=postgres.url())


if __name__ == "__main__":
    main()
