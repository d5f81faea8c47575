from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from escollect.domain.tutorial_parser import ContentError, parse_tutorial
from escollect.infra.command import JsonCommand
from escollect.training.selectors import read_files


class Command(JsonCommand):
    help = "Check the tutorial of a language: every problem with its file, line and remedy."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("language", nargs="?", default="en", help="a folder below tutorials/")

    def prepare_database(self) -> None:
        """The content lies in files; no database is needed."""

    def answer(self, **options: Any) -> dict[str, Any]:
        """Read the whole folder and count what is in it."""
        folder = Path(settings.TUTORIALS_DIR) / str(options["language"])
        if not folder.is_dir():
            raise CommandError(f"There is no folder {folder}. Make it, or name another language.")
        try:
            tutorial = parse_tutorial(read_files(folder))
        except ContentError as error:
            for problem in error.problems:
                self.progress(str(problem))
            count = len(error.problems)
            raise CommandError(f"{count} problems were found; they are listed above.") from error
        return {
            "language": tutorial.language,
            "version": tutorial.version,
            "modules": len(tutorial.modules),
            "items": sum(len(module.items) for module in tutorial.modules),
            "practices": len(tutorial.practices),
        }
