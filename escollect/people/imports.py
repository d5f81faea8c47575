"""The people of imported conversations: a pair of their own for every record, nobody we know."""

from __future__ import annotations

import uuid

from escollect.people.models import Participant, Person, Role
from escollect.studies.models import StudyVersion

SOURCE = "import"
BATCH = 1000


def add_pairs(version: StudyVersion, count: int) -> list[tuple[Participant, Participant]]:
    """`count` pairs of new participants (seeker, supporter), each a person of its own.

    Runs in the caller's transaction; two queries for every five hundred pairs.
    """
    people = [Person(id=uuid.uuid4(), platform=SOURCE) for _ in range(2 * count)]
    participants = [
        Participant(
            person=person,
            study_id=version.study_id,
            version=version,
            role=Role.SUPPORTER if at % 2 else Role.SEEKER,
            pseudonym=f"{SOURCE}-{uuid.uuid4().hex}",
            source=SOURCE,
        )
        for at, person in enumerate(people)
    ]
    Person.objects.bulk_create(people, batch_size=BATCH)
    Participant.objects.bulk_create(participants, batch_size=BATCH)
    return list(zip(participants[::2], participants[1::2], strict=True))
