"""The demo installation: an open study, logins, links, and a corpus that every page can show.

Everything here is done once and found again: what a start has done is not done by the next one.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from django.conf import settings

from escollect.accounts.actions import create_staff
from escollect.accounts.models import StaffRole, User
from escollect.corpus.actions import build_release, create_release, import_records
from escollect.corpus.models import Release
from escollect.ops.demo_training import add_demo_training
from escollect.people.actions import invite
from escollect.people.selectors import get_invite
from escollect.quality.actions import activate_policy, add_policy, judge_study, load_policies
from escollect.quality.selectors import get_deciding_policy, get_judgeable, get_study_policies
from escollect.studies.actions import open_study
from escollect.studies.models import Study

FILE_NAME = "demo.json"
LINKS = {
    "seeker": ("seeker", False),
    "supporter": ("supporter", False),
    "qualified supporter": ("supporter", True),
}

Say = Callable[[str], None]


@dataclass
class Demo:
    """What cannot be read back from the database: passwords and invite tokens, and what was imported."""

    passwords: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    imported: bool = False

    def links(self) -> dict[str, str]:
        """Name of the link → its address."""
        return {name: f"{settings.PUBLIC_URL}/join/{token}/" for name, token in self.tokens.items()}


def set_up(say: Say) -> Demo:
    """Bring the demo to where it should be and return its logins and links. Needs a migrated database."""
    demo = _read()
    study = _get_study(say)
    _make_logins(demo)
    _make_links(demo, study)
    _write(demo)
    if not demo.imported:
        _import(study, say)
        demo.imported = True
        _write(demo)
    _judge_and_release(study, say)
    add_demo_training(study, say)
    return demo


def _get_study(say: Say) -> Study:
    load_policies()
    text = (settings.FIXTURES_DIR / "studies" / "demo.yaml").read_text("utf-8")
    version = open_study(text, None)
    say(f"study {version.study.slug}, version {version.number}")
    return version.study


def _make_logins(demo: Demo) -> None:
    for role in StaffRole.values:
        known = User.objects.filter(username=role).exists()
        if role in demo.passwords and known:
            continue
        demo.passwords[role] = secrets.token_urlsafe(9)
        create_staff(role, role, demo.passwords[role])


def _make_links(demo: Demo, study: Study) -> None:
    for name, (role, qualified) in LINKS.items():
        found = get_invite(demo.tokens[name]) if name in demo.tokens else None
        if found is None:
            _, demo.tokens[name] = invite(study, role, qualified=qualified, note=f"demo link: {name}")


def _import(study: Study, say: Say) -> None:
    if get_judgeable(study).exists():
        return
    _expect_copies(study)
    say("importing the demo conversations")
    import_records(study, settings.FIXTURES_DIR / "demo" / "conversations.json", licence=study.licence)


def _expect_copies(study: Study) -> None:
    """Let a version of the policy judge that takes no offence at conversations made of the same sentences."""
    definition = get_deciding_policy(study).definition
    if "findings" in definition:
        return
    findings = {name: {"one_file": "left_out"} for name in ("copied_own", "copied_between")}
    activate_policy(add_policy({**definition, "findings": findings}, None), None, "made-up conversations")


def _judge_and_release(study: Study, say: Say) -> None:
    if Release.objects.filter(study=study).exists():
        return
    for policy in get_study_policies(study):
        say(f"judging with {policy}")
        judge_study(study, policy)
    say("building the first release")
    build_release(create_release(study).pk)


def _path() -> Path:
    return Path(settings.ESCOLLECT_HOME) / FILE_NAME


def _read() -> Demo:
    path = _path()
    return Demo(**json.loads(path.read_text("utf-8"))) if path.exists() else Demo()


def _write(demo: Demo) -> None:
    draft = _path().with_suffix(".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(demo), file, indent=1)
    draft.replace(_path())
