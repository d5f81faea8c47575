"""Secrets that are made once and kept in the data folder, readable by its owner only."""

import os
import secrets
from pathlib import Path


def get_or_make(home: Path, name: str) -> str:
    """The secret `name` of this data folder: 64 random URL-safe characters, made at the first call.

    Two processes that start together agree: whoever creates the file first wins and the other reads it.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = home / name
    draft = home / f".{name}.{os.getpid()}"
    if not path.exists():
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(descriptor, secrets.token_urlsafe(48).encode("ascii"))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text("ascii").strip()
