"""The lock on the data folder: one serving process at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK_NAME = "serve.lock"


class HomeInUse(Exception):
    """Another process serves this data folder."""


@contextmanager
def home_lock(home: Path) -> Iterator[None]:
    """Hold the lock on `home` while the block runs; the kernel drops it when the process dies.

    Raises `HomeInUse` at once when another process holds it. Only the serving command takes it; every other
    command may run beside it.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = home / LOCK_NAME
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(descriptor, 32).decode("ascii", "replace").strip() or "unknown"
            message = (
                f"Another process (pid {holder}) already serves {home}. Stop it first, "
                "or set ESCOLLECT_HOME to another folder and PORT to another port."
            )
            raise HomeInUse(message) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)
        yield
    finally:
        os.close(descriptor)
