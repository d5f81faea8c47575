"""The base of our management commands: one JSON object as the last line of stdout, progress on stderr."""

import json
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor

USAGE = 2


class JsonCommand(BaseCommand):
    """A command whose `answer` returns what is printed as the last line of stdout.

    A CommandError (raise it with a sentence that says what to do) prints `{"error": …}` there instead,
    and the process exits with 1. The first command on an empty database makes its tables.
    """

    @abstractmethod
    def answer(self, **options: Any) -> Mapping[str, Any]:
        """Do the work and return the result line."""

    def progress(self, line: str) -> None:
        """Tell a person what is going on."""
        self.stderr.write(line, style_func=str)
        self.stderr.flush()

    def run_from_argv(self, argv: list[str]) -> None:
        """Run from the command line; words that cannot be read are answered with JSON as well."""
        try:
            super().run_from_argv(argv)
        except SystemExit as exit_:
            if exit_.code == USAGE:
                self._print({"error": f"Wrong use of {argv[1]}; --help says how. Nothing was changed."})
            raise

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002  Django's signature
        try:
            self.prepare_database()
            result = self.answer(**options)
        except CommandError as error:
            self._print({"error": str(error)})
            raise
        except Exception as error:
            self._print({"error": f"{type(error).__name__}: {error}"})
            raise
        self._print(result)

    def prepare_database(self) -> None:
        """Make the tables of an empty database; one that is only behind is left to `migrate`."""
        connection = connections[DEFAULT_DB_ALIAS]
        executor = MigrationExecutor(connection)
        if not executor.loader.applied_migrations:
            self.progress("the database is empty; making its tables")
            call_command("migrate", interactive=False, verbosity=0)
        elif executor.migration_plan(executor.loader.graph.leaf_nodes()):
            raise CommandError(
                "The database is older than this program. Nothing was changed; run: python manage.py migrate"
            )

    def _print(self, result: Mapping[str, Any]) -> None:
        self.stdout.write(json.dumps(result))
        self.stdout.flush()
