"""Puts pairs into live rooms, beside the servers: `python -m bench.prepare STUDY_FILE PAIRS`.

It uses the actions that the pages use, so nothing is in the database that people could not have caused.
The last line of stdout is a list of {path, seeker, supporter}, the latter two as cookies.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import django
import yaml

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "escollect.config.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402

from escollect.conversations import actions  # noqa: E402
from escollect.people.actions import create_participant, give_consent  # noqa: E402
from escollect.people.models import Participant  # noqa: E402
from escollect.studies.actions import open_study  # noqa: E402
from escollect.studies.models import Study  # noqa: E402
from escollect.training.actions import grant_qualification  # noqa: E402

HOURS = 4 * 3600
SURVEY = {
    "experience_type": "Current Experience",
    "emotion_type": "anxiety",
    "problem_type": "job crisis",
    "initial_emotion_intensity": 4,
    "situation": "My contract ends next month and I cannot sleep.",
}


def make_participant(study: Study, role: str) -> Participant:
    """Somebody who may enter the lobby."""
    made = create_participant(study, role)
    give_consent(made, ["adult", "take_part", "recorded"])
    participant = Participant.objects.select_related("study", "version").get(pk=made.pk)
    if role == "seeker":
        actions.answer_survey_before(participant, SURVEY)
    else:
        grant_qualification(participant, by=None, reason="bench")
    return participant


def make_cookie(participant: Participant) -> str:
    """The session cookie of a participant's browser."""
    store = SessionStore()
    store["participant"], store["epoch"] = str(participant.pk), participant.epoch
    store.create()
    return f"{settings.SESSION_COOKIE_NAME}={store.session_key}"


def make_room(seeker: Participant, supporter: Participant) -> UUID:
    """A live conversation of the two."""
    actions.hello(seeker)
    offer = actions.hello(supporter).offer
    assert offer is not None, "somebody else waits in this study"
    for participant in (seeker, supporter):
        actions.ready(participant, offer)
    for participant in (seeker, supporter):
        actions.join(offer, participant.pk, uuid4())
    return offer


def get_study(path: Path, *, patient: bool) -> Study:
    """The study of a file, open; a patient one ends no room in which nobody says anything."""
    definition = yaml.safe_load(path.read_text("utf-8"))
    if patient:
        definition["timers"] = dict.fromkeys(("nudge", "idle", "partner_left", "both_offline"), HOURS)
    return open_study(yaml.safe_dump(definition), None).study


def main() -> None:
    """Open the study and make the pairs.

    The third argument may be `lobby`, which leaves them outside, or `patient`.
    """
    study = get_study(Path(sys.argv[1]), patient=sys.argv[3:] == ["patient"])
    pairs: list[dict[str, Any]] = []
    for _ in range(int(sys.argv[2])):
        seeker, supporter = (make_participant(study, role) for role in ("seeker", "supporter"))
        path = "/ws/lobby/" if sys.argv[3:] == ["lobby"] else f"/ws/c/{make_room(seeker, supporter)}/"
        pairs.append({"path": path, "seeker": make_cookie(seeker), "supporter": make_cookie(supporter)})
    sys.stdout.write(f"{json.dumps(pairs)}\n")


if __name__ == "__main__":
    main()
