from __future__ import annotations

import asyncio
import resource
import secrets
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from escollect.domain.events import Role
from escollect.infra.command import JsonCommand
from escollect.ops.simulation.cast import USUAL_MIX, MixInvalid, cast, read_mix
from escollect.ops.simulation.crowd import Crowd, Plan
from escollect.ops.simulation.ledger import Ledger
from escollect.ops.simulation.life import Means
from escollect.ops.simulation.personas import PERSONAS
from escollect.ops.simulation.preparing import (
    OWN_STUDY,
    NotPossible,
    Prepared,
    check_address,
    count_accepted,
    get_answer_key,
    prepare,
    tidy_up,
)
from escollect.ops.simulation.report import Progress, describe
from escollect.ops.simulation.story import Grammar

MOST_PAIRS = 5000
MOST_SECONDS = 4 * 3600
VERDICT_SECONDS = 30.0
# A person has a socket, at times a second one, a page and a log.
FILES_A_PERSON = 4

N = TypeVar("N", int, float)


def _between(kind: Callable[[str], N], low: N, high: N) -> Callable[[str], N]:
    def number(text: str) -> N:
        value = kind(text)
        if not low <= value <= high:
            raise ValueError(text)
        return value

    number.__name__ = f"number from {low} to {high}"
    return number


class Command(JsonCommand):
    help = (
        "Send a simulated crowd through the real pages and sockets, from the invite to the completion code. "
        f"Personas: {', '.join(PERSONAS)}."
    )
    remote = False
    failed = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--pairs", type=_between(int, 1, MOST_PAIRS), required=True, help="how many pairs"
        )
        parser.add_argument("--url", help="the installation; without it this one's PUBLIC_URL")
        parser.add_argument("--study", default=OWN_STUDY, help=f"an open study; usually “{OWN_STUDY}”")
        parser.add_argument("--persona", default="", help="name[:weight],… of the pairs; a mix without it")
        parser.add_argument("--seed", help="the same seed, the same lives and words; drawn without it")
        parser.add_argument(
            "--arrivals", type=_between(float, 0.01, 1000), default=10.0, help="people a second (10)"
        )
        parser.add_argument("--pace", choices=["human", "fast"], default="fast", help="how fast they write")
        parser.add_argument("--train", action="store_true", help="supporters go through the training")
        parser.add_argument("--seeker-link", help="a seekers' invite, when --url is another installation")
        parser.add_argument("--supporter-link", help="a supporters' invite, likewise")
        parser.add_argument("--log", type=Path, help="a folder for what every client sent and received")
        parser.add_argument(
            "--time-limit", type=_between(float, 1, MOST_SECONDS), default=1800.0, help="in seconds (1800)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.remote = bool(options["seeker_link"] or options["supporter_link"])
        super().handle(*args, **options)
        if self.failed:
            sys.exit(1)

    def prepare_database(self) -> None:
        if not self.remote:
            super().prepare_database()

    def answer(self, **options: Any) -> Mapping[str, Any]:
        seed = options["seed"] or secrets.token_hex(4)
        url = self._get_url(options)
        try:
            mix = read_mix(options["persona"]) if options["persona"] else USUAL_MIX
            check_address(url)
            if self.remote:
                return self._simulate(url, seed, mix, self._get_links(options), None, options)
            prepared = prepare(options["study"], qualified=not options["train"], seed=seed)
        except (MixInvalid, NotPossible) as error:
            raise CommandError(f"{error} Nothing was simulated.") from error
        try:
            return self._simulate(url, seed, mix, prepared.links, prepared, options)
        finally:
            tidy_up(prepared)

    def _get_url(self, options: Mapping[str, Any]) -> str:
        parts = urlsplit(options["url"] or options["seeker_link"] or settings.PUBLIC_URL)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise CommandError("The address must begin with http:// or https://. Nothing was simulated.")
        return f"{parts.scheme}://{parts.netloc}"

    def _get_links(self, options: Mapping[str, Any]) -> Mapping[Role, str]:
        links = {Role.SEEKER: options["seeker_link"], Role.SUPPORTER: options["supporter_link"]}
        if not all(links.values()):
            raise CommandError("Give both --seeker-link and --supporter-link. Nothing was simulated.")
        return links

    def _simulate(
        self,
        url: str,
        seed: str,
        mix: Mapping[str, float],
        links: Mapping[Role, str],
        prepared: Prepared | None,
        options: Mapping[str, Any],
    ) -> Mapping[str, Any]:
        people = cast(options["pairs"], mix, seed)
        _allow_files(len(people) * FILES_A_PERSON)
        if options["log"]:
            options["log"].mkdir(parents=True, exist_ok=True)
        ledger = Ledger()
        grammar = Grammar.read(settings.FIXTURES_DIR / "demo" / "grammar")
        means = Means(links, grammar, get_answer_key(), options["pace"], ledger)
        crowd = Crowd(people, Plan(url, options["arrivals"], options["time_limit"], options["log"]), means)
        self.progress(f"{options['pairs']} pairs to {url}, seed {seed}, {options['pace']} pace")
        asyncio.run(crowd.run(Progress(crowd, self._write, self.stderr.isatty())))
        accepted = None
        if prepared is not None:
            seconds = 0.0 if crowd.stopped else VERDICT_SECONDS
            accepted = count_accepted(prepared.study, ledger.conversations, seconds)
        for line in describe(ledger, accepted):
            self.progress(line)
        self.failed = bool(ledger.errors)
        return ledger.result(accepted)

    def _write(self, text: str) -> None:
        self.stderr.write(text, style_func=str, ending="")
        self.stderr.flush()


def _allow_files(wanted: int) -> None:
    """Let this process open enough files, as far as the system permits."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = wanted + 256
    if soft != resource.RLIM_INFINITY and soft < enough:
        most = enough if hard == resource.RLIM_INFINITY else min(enough, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
