from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError, CommandParser

from escollect.accounts.actions import TOKEN_DAYS, create_token
from escollect.accounts.models import StaffRole
from escollect.accounts.selectors import get_token, get_token_roles
from escollect.infra.command import JsonCommand


class Command(JsonCommand):
    help = "Makes a REST token and prints it, this one time. Makes the login when it is missing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument(
            "--staff-role",
            choices=StaffRole.values,
            help="give the login this role and let the token act in it alone",
        )
        parser.add_argument("--name", default="", help="what the token is for")
        parser.add_argument("--days", type=int, default=TOKEN_DAYS, help="days until it expires")

    def answer(self, **options: Any) -> Mapping[str, Any]:
        try:
            token = create_token(options["username"], options["staff_role"], options["name"], options["days"])
        except ValueError as error:
            raise CommandError(str(error)) from error
        self.progress("Keep this token now: only its hash is stored.")
        found = get_token(token)
        if found is not None and not get_token_roles(found):
            name = options["username"]
            self.progress(
                f"{name} has no role yet and the token may do nothing; create_staff {name} gives one."
            )
        return {"token": token}
