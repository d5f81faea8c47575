from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError, CommandParser

from escollect.corpus.selectors import get_statistics
from escollect.infra.command import JsonCommand
from escollect.quality.actions import judge_missing
from escollect.quality.selectors import PolicyUnknown, get_study_policies
from escollect.studies.selectors import get_study


class Command(JsonCommand):
    help = "Prints the numbers that a release of today would carry; judges first what lacks a verdict."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--study", required=True, metavar="SLUG")

    def answer(self, **options: Any) -> Mapping[str, Any]:
        study = get_study(options["study"])
        if study is None:
            raise CommandError(f"There is no study {options['study']}. Open it first with open_study.")
        try:
            for policy in get_study_policies(study):
                judge_missing(study, policy)
            return get_statistics(study)
        except PolicyUnknown as error:
            raise CommandError(str(error)) from error
