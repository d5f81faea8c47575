"""How commands speak: one JSON object as the last line of stdout, everything else to stderr."""

import json
from typing import Any

from django.core.management.base import BaseCommand


def print_result(command: BaseCommand, result: dict[str, Any]) -> None:
    """Print the command's result line."""
    command.stdout.write(json.dumps(result, ensure_ascii=False, sort_keys=False))


def print_progress(command: BaseCommand, line: str) -> None:
    """Tell a person what is going on."""
    command.stderr.write(line)
    command.stderr.flush()
