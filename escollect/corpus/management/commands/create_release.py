from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from escollect.corpus.actions import EXPECTED, publish
from escollect.infra.command import JsonCommand
from escollect.studies.selectors import get_study


class Command(JsonCommand):
    help = "Judges what lacks a verdict, freezes what may be published, and writes it as a folder."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        # Django's own --version would be in the way.
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--study", required=True, metavar="SLUG")
        parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="missing or empty")
        parser.add_argument("--version", dest="release_version", default="", metavar="V")
        parser.add_argument("--licence", default="", help="only conversations under this licence")

    def answer(self, **options: Any) -> Mapping[str, Any]:
        study = get_study(options["study"])
        if study is None:
            raise CommandError(f"There is no study {options['study']}. Open it first with open_study.")
        try:
            release = publish(
                study, options["out"], options["release_version"], options["licence"], self.progress
            )
        except EXPECTED as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{options['out']} cannot be written: {error.strerror}.") from error
        return {
            "release": str(release.pk),
            "accepted": release.counts["accepted"],
            "negative": release.counts["negative"],
            "sha256": release.sha256,
        }
