from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from escollect.infra.command import JsonCommand
from escollect.studies.actions import open_study


class Command(JsonCommand):
    help = "Validates a study file and opens the study; changed settings become its next version."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the study file (docs/studies.md)")

    def answer(self, **options: Any) -> Mapping[str, Any]:
        file: Path = options["file"]
        try:
            version = open_study(file.read_text(encoding="utf-8"), None)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}. Check the path.") from error
        except UnicodeDecodeError as error:
            raise CommandError(f"{file} is not UTF-8 text. Save it as UTF-8 and try again.") from error
        except ValueError as error:
            raise CommandError(f"{file} was not opened; nothing was changed.\n{error}") from error
        return {"study": version.study.slug, "version": version.number}
