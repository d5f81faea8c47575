from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from escollect.corpus.actions import ImportRefused, import_records
from escollect.domain.dialects import DIALECTS
from escollect.infra.command import JsonCommand
from escollect.studies.selectors import get_study


class Command(JsonCommand):
    help = "Imports a file of conversations in any dialect into a study: all of it, or nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--study", required=True, metavar="SLUG")
        parser.add_argument("--skip-bad", action="store_true", help="leave out records that cannot be read")
        parser.add_argument("--dry-run", action="store_true", help="only check the file")
        parser.add_argument("--licence", default="", help="the licence of the file; the study's unless given")
        parser.add_argument("--dialect", choices=sorted(DIALECTS), help="recognised by record unless given")

    def answer(self, **options: Any) -> Mapping[str, Any]:
        study = get_study(options["study"])
        if study is None:
            raise CommandError(f"There is no study {options['study']}. Open it first with open_study.")
        try:
            result = import_records(
                study,
                options["file"],
                licence=options["licence"],
                dialect=DIALECTS.get(options["dialect"]),
                skip_bad=options["skip_bad"],
                dry_run=options["dry_run"],
                progress=self.progress,
            )
        except ImportRefused as error:
            raise CommandError(str(error)) from error
        return result.as_json()
