"""Run a command on private servers: `python -m tests.support.with_servers pytest tests/conversations`."""

import os
import subprocess
import sys

from tests.support.databases import Postgres, Redis


def main() -> int:
    """Start both servers, run the command given as arguments, and return its exit code."""
    with Postgres(durable=False) as postgres, Redis() as redis:
        environment = os.environ | {"DATABASE_URL": postgres.url(), "REDIS_URL": redis.url}
        return subprocess.run(sys.argv[1:], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
