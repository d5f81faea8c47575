"""What every simulated client notes: one JSON object a line, written at once (docs/simulation.md)."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO


class Log:
    """The log of one person; without a folder nothing is kept."""

    def __init__(self, folder: Path | None, name: str) -> None:
        self._file: TextIO | None = None
        if folder is not None:
            # Line buffering: what a killed crowd has noted is there to be checked.
            self._file = (folder / f"{name}.jsonl").open("w", buffering=1, encoding="utf-8")

    def note(self, what: str, **facts: Any) -> None:
        """Note that something happened, with the time of this machine in seconds."""
        if self._file is not None:
            self._file.write(json.dumps({"at": round(time.time(), 6), "what": what, **facts}) + "\n")

    def frame(self, what: str, line: str, frame: Mapping[str, Any]) -> None:
        """Note a frame that was `sent` or `received` on a line (tab of a room, or the lobby)."""
        if self._file is not None:
            self.note(what, line=line, frame=frame)

    def close(self) -> None:
        """Nothing more will be noted."""
        if self._file is not None:
            self._file.close()
            self._file = None
