from __future__ import annotations

from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from escollect.domain.study import StudySettings
from escollect.people.models import Participant
from escollect.web.gates import get_participant, get_settings


def page(request: HttpRequest) -> dict[str, Any]:
    """What every page's frame needs: `me`, the participant, and `current_study`, the settings they see.

    Both are read when a template first asks, and are empty when the database cannot answer: the page
    that says so is made in this frame too.
    """

    def me() -> Participant | None:
        try:
            return get_participant(request)
        except DatabaseError:
            return None

    def current_study() -> StudySettings | None:
        try:
            participant = get_participant(request)
            return None if participant is None else get_settings(participant)
        except DatabaseError:
            return None

    return {"me": SimpleLazyObject(me), "current_study": SimpleLazyObject(current_study)}
