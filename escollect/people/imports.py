"""People who come with imported data: a pair of their own for every conversation, nobody we know."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence

from escollect.infra.sets import insert_objects
from escollect.people.models import Participant, Person, Role
from escollect.studies.models import StudyVersion

SOURCE = "import"
LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LETTERS_EACH = 6


def add_pairs(version: StudyVersion, count: int) -> list[tuple[Participant, Participant]]:
    """`count` pairs of new participants (seeker, supporter), each a person of its own."""
    made = add_people(version, [Role.SEEKER, Role.SUPPORTER] * count)
    return list(zip(made[::2], made[1::2], strict=True))


def add_people(version: StudyVersion, roles: Sequence[Role]) -> list[Participant]:
    """A new participant for each role, each a person of its own.

    Runs in the caller's transaction; one query for the names that are taken, two for every thousand people.
    """
    pseudonyms = _draw_pseudonyms(version, len(roles))
    people = [Person(id=uuid.uuid4(), platform=SOURCE) for _ in roles]
    participants = [
        Participant(
            person=person,
            study_id=version.study_id,
            version=version,
            role=role,
            pseudonym=pseudonym,
            source=SOURCE,
        )
        for person, role, pseudonym in zip(people, roles, pseudonyms, strict=True)
    ]
    insert_objects(people)
    insert_objects(participants)
    return participants


def _draw_pseudonyms(version: StudyVersion, count: int) -> list[str]:
    """`count` short pseudonyms such as import-7K3Q9X, none of them taken in the study."""
    drawn: dict[str, None] = {}
    while len(drawn) < count:
        fresh = {_draw() for _ in range(count - len(drawn))} - drawn.keys()
        named = Participant.objects.filter(study_id=version.study_id, pseudonym__in=fresh)
        drawn.update(dict.fromkeys(fresh - set(named.values_list("pseudonym", flat=True))))
    return list(drawn)


def _draw() -> str:
    return f"{SOURCE}-{''.join(secrets.choice(LETTERS) for _ in range(LETTERS_EACH))}"
