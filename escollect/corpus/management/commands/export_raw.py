from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from escollect.corpus.actions import export_raw
from escollect.corpus.writing import TargetTaken
from escollect.infra.command import JsonCommand
from escollect.studies.selectors import get_study


class Command(JsonCommand):
    help = "Writes every row the database holds of a study as JSON lines. The files hold personal data."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--study", required=True, metavar="SLUG")
        parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="missing or empty")

    def answer(self, **options: Any) -> Mapping[str, Any]:
        study = get_study(options["study"])
        if study is None:
            raise CommandError(f"There is no study {options['study']}. Open it first with open_study.")
        try:
            counts = export_raw(study, options["out"])
        except TargetTaken as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{options['out']} cannot be written: {error.strerror}.") from error
        self.progress(", ".join(f"{name} {count}" for name, count in counts.items()))
        return {"rows": sum(counts.values())}
