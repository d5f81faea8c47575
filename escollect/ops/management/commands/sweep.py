from __future__ import annotations

import signal
import threading
from collections.abc import Mapping
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db import close_old_connections

from escollect.infra import bus, jobs
from escollect.infra.command import JsonCommand
from escollect.ops import sweeping

PAUSE_SECONDS = 5.0


class Command(JsonCommand):
    help = "Do what the scheduler does once, or for ever with --loop, for hosts without a scheduler."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--loop", action="store_true", help="go on every 5 seconds until stopped")

    def answer(self, **options: Any) -> Mapping[str, Any]:
        if not settings.REDIS_URL:
            # No worker hears this process, so it does itself what it would ask a worker for.
            current_app.conf.task_always_eager = True
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        rounds = 0
        while True:
            close_old_connections()
            failed = sweeping.sweep()
            rounds += 1
            for stage, error in failed.items():
                self.progress(f"the sweep of {stage} failed: {error}")
            if not options["loop"] or stop.wait(PAUSE_SECONDS):
                break
        bus.flush()
        jobs.flush()
        if failed:
            raise CommandError(f"The sweep failed for {', '.join(failed)}. What it left the next one does.")
        return {"sweeps": rounds}
