"""Finished conversations with given words, stored at once, for the tests of findings and copies."""

from __future__ import annotations

from escollect.conversations.imports import Origin, add_imported
from escollect.conversations.models import Conversation
from escollect.domain.events import Role
from escollect.domain.transcript import SEEKER, SUPPORTER, Transcript, Utterance
from escollect.people.models import Participant, Person
from escollect.quality.actions import owe_verdicts
from escollect.studies.models import Study
from tests.support.rooms import make_participant

RISK = "Sometimes I think of suicide."
TASK = ("I have to finish the task.", "Then we can do the survey.")
LONG = "I have been through something like it and it took me a year to feel at home again"
OTHER = "We could write down together what you would like to say to her when she comes back"


def store(
    study: Study,
    *said: str,
    by: str = SEEKER,
    supporter: Participant | None = None,
    owed: bool = True,
) -> Conversation:
    """A finished conversation in which one side said this; owed its verdicts unless told otherwise."""
    assert study.current is not None
    strategy = "Others" if by == SUPPORTER else None
    utterances = tuple(Utterance(by, text, strategy) for text in said)
    pair = (
        make_participant(study, Role.SEEKER),
        supporter or make_participant(study, Role.SUPPORTER),
    )
    origin = Origin(study.current, "test.json", study.licence)
    row = add_imported(origin, [Transcript("", True, utterances)], [pair])[0]
    if owed:
        owe_verdicts(study, [row.pk])
    return row


def same_person(study: Study, person: Person) -> Participant:
    """The person as a supporter of this study."""
    return make_participant(study, Role.SUPPORTER, person=person)
