"""The scripted seekers of practice chats: for every chat one of its own, nobody we know."""

from __future__ import annotations

import secrets

from escollect.people.imports import LETTERS
from escollect.people.models import Participant, Person, Role
from escollect.studies.models import StudyVersion

SOURCE = "practice"
LETTERS_EACH = 10


def add_seeker(version: StudyVersion) -> Participant:
    """A new participant, a person of its own, who is the seeker of one practice chat.

    Runs in the caller's transaction. The pseudonym is long enough never to be drawn twice.
    """
    name = "".join(secrets.choice(LETTERS) for _ in range(LETTERS_EACH))
    return Participant.objects.create(
        person=Person.objects.create(platform=SOURCE),
        study_id=version.study_id,
        version=version,
        role=Role.SEEKER,
        pseudonym=f"{SOURCE}-{name}",
        source=SOURCE,
    )
