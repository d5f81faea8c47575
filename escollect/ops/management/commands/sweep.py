import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections

from escollect.infra import bus, jobs
from escollect.ops import sweeping
from escollect.ops.output import print_progress, print_result

PAUSE_SECONDS = 5.0


class Command(BaseCommand):
    help = "Do what the scheduler does once, or for ever with --loop, for hosts without a scheduler."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--loop", action="store_true", help="go on every 5 seconds until stopped")

    def handle(self, *_args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        rounds, failed = 0, {}
        while True:
            close_old_connections()
            failed = sweeping.sweep()
            rounds += 1
            for stage, error in failed.items():
                print_progress(self, f"the sweep of {stage} failed: {error}")
            if not options["loop"] or stop.wait(PAUSE_SECONDS):
                break
        bus.flush()
        jobs.flush()
        print_result(self, {"sweeps": rounds, "failed": failed})
        if failed:
            raise SystemExit(1)
