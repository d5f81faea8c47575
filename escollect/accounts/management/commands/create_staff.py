from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError, CommandParser

from escollect.accounts.actions import create_staff
from escollect.accounts.models import StaffRole
from escollect.infra.command import JsonCommand

PASSWORD_VARIABLE = "STAFF_PASSWORD"


class Command(JsonCommand):
    help = (
        "Makes a staff login, or gives a login another role. The password is read from the environment "
        f"variable {PASSWORD_VARIABLE}; without it the login cannot sign in (`changepassword` sets one)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--role", required=True, choices=StaffRole.values)

    def answer(self, **options: Any) -> Mapping[str, Any]:
        password = os.environ.get(PASSWORD_VARIABLE) or None
        try:
            user = create_staff(options["username"], options["role"], password)
        except ValueError as error:
            raise CommandError(str(error)) from error
        if not user.has_usable_password():
            self.progress(
                f"{user.username} has no password yet: python manage.py changepassword {user.username}"
            )
        return {"user": user.username}
