from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from escollect.infra.command import JsonCommand
from escollect.ops import demo


class Command(JsonCommand):
    help = (
        "Set up the demo: database, an open study, staff logins, links, synthetic conversations, a release."
    )

    def prepare_database(self) -> None:
        call_command("migrate", interactive=False, verbosity=0)

    def answer(self, **_options: Any) -> Mapping[str, Any]:
        try:
            done = demo.set_up(self.progress)
        except (ValueError, OSError) as error:
            raise CommandError(f"The demo could not be set up: {error}") from error
        self._describe(done)
        return {"url": settings.PUBLIC_URL, "logins": done.passwords, "links": done.links()}

    def _describe(self, done: demo.Demo) -> None:
        addresses = {"Pages for everybody": f"{settings.PUBLIC_URL}/"}
        addresses |= {f"Join as {name}": link for name, link in done.links().items()}
        addresses |= {"The desk": f"{settings.PUBLIC_URL}/desk/"}
        addresses |= {f"  sign in as {name}": word for name, word in done.passwords.items()}
        lines = ["", *(f"{what:<28}{where}" for what, where in addresses.items())]
        lines += ["Each opening of a link makes a fresh participant; use two browser windows to talk.", ""]
        self.progress("\n".join(lines))
