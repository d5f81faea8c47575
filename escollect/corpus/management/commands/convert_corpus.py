from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from escollect.corpus.converting import ConversionRefused, convert
from escollect.domain.dialects import DIALECTS
from escollect.infra.command import JsonCommand


class Command(JsonCommand):
    help = "Writes a file of conversations in another dialect; the database is not touched."

    def add_arguments(self, parser: CommandParser) -> None:
        names = sorted(DIALECTS)
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("out", type=Path, metavar="OUT", help="a file that is not there yet")
        parser.add_argument("--to", required=True, choices=names)
        parser.add_argument("--from", dest="dialect", choices=names, help="recognised by record unless given")
        parser.add_argument("--skip-bad", action="store_true", help="leave out records that do not fit")

    def prepare_database(self) -> None:
        """Nothing: no table is read or written."""

    def answer(self, **options: Any) -> Mapping[str, Any]:
        try:
            result = convert(
                options["file"],
                options["out"],
                DIALECTS[options["to"]],
                dialect=DIALECTS.get(options["dialect"]),
                skip_bad=options["skip_bad"],
                progress=self.progress,
            )
        except ConversionRefused as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{options['out']} cannot be written: {error.strerror}.") from error
        return result.as_json()
