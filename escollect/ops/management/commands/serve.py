from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from typing import Any

# First of all: daphne installs the reactor that Twisted must use.
from escollect.ops import web_server  # isort: skip

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from escollect.infra import bus, jobs
from escollect.infra.lock import HomeInUse, home_lock
from escollect.ops.embedded import Background
from escollect.ops.pulse import Pulse


class Command(BaseCommand):
    help = (
        "Serve everything from this one process: pages, sockets, worker and scheduler. With REDIS_URL set it "
        "serves pages and sockets only, and workers and scheduler are processes of their own."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
        parser.add_argument(
            "--behind-proxy", action="store_true", help="believe the X-Forwarded headers of our own proxy"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        embedded = not settings.REDIS_URL
        with ExitStack() as stack:
            try:
                web_server.check_port(options["host"], settings.PORT)
                if embedded:
                    stack.enter_context(home_lock(settings.ESCOLLECT_HOME))
            except (web_server.PortInUse, HomeInUse) as error:
                raise CommandError(str(error)) from error
            if embedded:
                call_command("migrate", interactive=False, verbosity=0)
                connections.close_all()
                background = Background()
                stack.callback(background.stop)
                background.start()
            pulse = Pulse()
            stack.callback(pulse.stop)
            pulse.start()
            Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
            self._describe(embedded)
            web_server.run(
                options["host"],
                settings.PORT,
                behind_proxy=options["behind_proxy"],
                on_answer=self._say_ready,
            )
            bus.flush()
            jobs.flush()
        self._say("stopped")

    def _say(self, line: str) -> None:
        self.stderr.write(line, style_func=str)

    def _describe(self, embedded: bool) -> None:
        if embedded:
            shape = "pages, sockets, worker and scheduler in this one process"
        else:
            shape = "pages and sockets; workers and scheduler are processes of their own"
        self._say(f"serving {shape}; data in {settings.ESCOLLECT_HOME}")

    def _say_ready(self) -> None:
        # Whoever waits for the line may read a pipe, which is not flushed at line ends.
        self.stdout.write(f"ready: {settings.PUBLIC_URL}")
        self.stdout.flush()
