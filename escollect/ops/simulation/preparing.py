"""What a simulation needs of an installation: an address that answers, a study, invites, and verdicts."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from contextlib import closing
from dataclasses import dataclass
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener
from uuid import UUID

from django.conf import settings
from django.db import connections

from escollect.domain.events import Role
from escollect.people.actions import invite, revoke_invite
from escollect.people.models import Invite
from escollect.quality.models import Verdict
from escollect.quality.selectors import get_deciding_policy, get_unjudged
from escollect.studies.actions import open_study
from escollect.studies.models import Study
from escollect.studies.selectors import access_open_study
from escollect.training.selectors import get_tutorial

OWN_STUDY = "simulation"
ACCEPTED = "accepted"
POLL_SECONDS = 0.5
ANSWER_SECONDS = 10.0


class NotPossible(Exception):
    """The simulation cannot begin; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """The study of a simulation and its two invites, each of which makes fresh participants."""

    study: Study
    links: Mapping[Role, str]
    made: tuple[Invite, ...]


def prepare(slug: str, *, qualified: bool, seed: str) -> Prepared:
    """Find the study (our own one is opened when needed) and make the invites. Raises NotPossible."""
    study = access_open_study(slug) or (_open_own_study() if slug == OWN_STUDY else None)
    if study is None:
        raise NotPossible(f"No study “{slug}” is open. Open one with open_study, or leave --study out.")
    made = {
        role: invite(study, role, qualified=qualified and role is Role.SUPPORTER, note=f"simulation {seed}")
        for role in Role
    }
    links = {role: f"/join/{token}/" for role, (_row, token) in made.items()}
    return Prepared(study, links, tuple(row for row, _token in made.values()))


def _open_own_study() -> Study:
    text = (settings.FIXTURES_DIR / "studies" / "simulation.yaml").read_text("utf-8")
    return open_study(text, None).study


def tidy_up(prepared: Prepared) -> None:
    """Take the invites back; who came in by them stays in."""
    # The database may have been restarted since this was last used.
    connections.close_all()
    for made in prepared.made:
        revoke_invite(made, None, "the simulation is over")


def count_accepted(study: Study, rooms: Collection[str], seconds: float) -> int:
    """How many of these conversations the deciding policy accepts.

    Waits at most `seconds` for the verdicts that the workers still owe.
    """
    policy = get_deciding_policy(study)
    conversations = [UUID(room) for room in rooms]
    over = time.monotonic() + seconds
    while get_unjudged(study, policy).filter(pk__in=conversations).exists() and time.monotonic() < over:
        time.sleep(POLL_SECONDS)
    found = Verdict.objects.filter(policy=policy, conversation__in=conversations, outcome=ACCEPTED)
    return found.count()


def get_answer_key() -> dict[str, tuple[str, ...]]:
    """The right answer of every question of the training: item id → choice ids, in order."""
    tutorial = get_tutorial(settings.LANGUAGE_CODE)
    return {item.id: item.key for module in tutorial.modules for item in module.items}


def check_address(url: str) -> None:
    """Raise NotPossible unless somebody answers at the address."""
    opener = build_opener(ProxyHandler({}))
    try:
        with closing(opener.open(f"{url}/", timeout=ANSWER_SECONDS)):
            return
    except HTTPError as error:
        error.close()
    except OSError as error:
        raise NotPossible(f"Nobody answers at {url} ({error}). Start it first: manage.py serve.") from error
