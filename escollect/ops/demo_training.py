"""The demo's training: made-up attempts of supporters, so that the item analysis has something to show."""

from __future__ import annotations

import random
from collections.abc import Callable

from django.db import transaction

from escollect.conversations.models import Conversation
from escollect.infra.clock import now
from escollect.ops.trainees import make_attempts
from escollect.people.imports import SOURCE, add_people
from escollect.people.models import Role
from escollect.quality.training_report import get_study_tutorial
from escollect.studies.models import Study
from escollect.training.actions.history import add_history
from escollect.training.models import Attempt

SEED = 2021
SUPPORTERS = 150
LEAVERS = 60
ADVANTAGE = 0.6
"""By how much those whose conversation was accepted are the more able, in standard deviations."""


def add_demo_training(study: Study, say: Callable[[str], None]) -> None:
    """Give supporters of the imported conversations a training, and add trainees who may have left; once."""
    if study.current is None or Attempt.objects.filter(participant__source=SOURCE).exists():
        return
    say("making up a training history")
    rng = random.Random(SEED)
    rooms = Conversation.objects.filter(study=study, kind=Conversation.Kind.IMPORTED).order_by("pk")
    with transaction.atomic():
        people = [
            (room.supporter, rng.gauss(ADVANTAGE * (room.verdict == "accepted"), 1), True)
            for room in rooms.select_related("supporter")[:SUPPORTERS]
        ]
        leavers = add_people(study.current, [Role.SUPPORTER] * LEAVERS)
        people += [(who, rng.gauss(-ADVANTAGE, 1), False) for who in leavers]
        add_history(get_study_tutorial(study), make_attempts(get_study_tutorial(study), people, now(), SEED))
