"""The base of our management commands: one JSON object as the last line of stdout, progress on stderr."""

import json
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandError


class JsonCommand(BaseCommand):
    """A command whose `answer` returns what is printed as the last line of stdout.

    A CommandError (raise it with a sentence that says what to do) prints `{"error": …}` there instead,
    and the process exits with 1.
    """

    @abstractmethod
    def answer(self, **options: Any) -> Mapping[str, Any]:
        """Do the work and return the result line."""

    def progress(self, line: str) -> None:
        """Tell a person what is going on."""
        self.stderr.write(line, style_func=str)
        self.stderr.flush()

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002  Django's signature
        try:
            result = self.answer(**options)
        except CommandError as error:
            self._print({"error": str(error)})
            raise
        self._print(result)

    def _print(self, result: Mapping[str, Any]) -> None:
        self.stdout.write(json.dumps(result))
        self.stdout.flush()
