from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError, CommandParser

from escollect.infra.command import JsonCommand
from escollect.quality.actions import judge_study, preview
from escollect.quality.selectors import PolicyUnknown, get_policy
from escollect.studies.models import Study


class Command(JsonCommand):
    help = "Judges what lacks a verdict of a policy, and counts the verdicts of the whole study."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--study", required=True, metavar="SLUG")
        parser.add_argument("--policy", required=True, metavar="NAME[@VERSION]")
        parser.add_argument("--dry-run", action="store_true", help="count, and store nothing")

    def answer(self, **options: Any) -> Mapping[str, Any]:
        study = Study.objects.filter(slug=options["study"]).select_related("current").first()
        if study is None:
            raise CommandError(f"There is no study {options['study']}. Open it first with open_study.")
        try:
            policy = get_policy(options["policy"])
        except PolicyUnknown as error:
            raise CommandError(str(error)) from error
        if options["dry_run"]:
            return preview(study, policy).as_json()
        return judge_study(study, policy, lambda done: self.progress(f"judged {done}")).as_json()
