"""The steps of a participant's way, as the progress line on their pages shows them."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from escollect.conversations.selectors import is_qualified
from escollect.domain.lifecycle import Step
from escollect.people.models import Participant, Role


@dataclass(frozen=True, slots=True)
class Stop:
    """One step on the way; `state` is done, now or next."""

    label: str
    state: str


def get_journey(participant: Participant, here: Step) -> list[Stop]:
    """The participant's steps from consent to the end, with the one they are at."""
    names = {
        Step.CONSENT: _("Consent"),
        Step.TRAINING: _("Training"),
        Step.SURVEY_BEFORE: _("Before"),
        Step.CHAT: _("Conversation"),
        Step.SURVEY_AFTER: _("After"),
        Step.DONE: _("Done"),
    }
    way = [step for step in names if _is_on_way(step, participant)]
    place = way.index(here) if here in way else len(way)
    return [
        Stop(names[step], "done" if at < place else "now" if at == place else "next")
        for at, step in enumerate(way)
    ]


def _is_on_way(step: Step, participant: Participant) -> bool:
    if step is Step.TRAINING:
        return participant.role == Role.SUPPORTER and (
            participant.version_id is None or not is_qualified(participant)
        )
    return step is not Step.SURVEY_BEFORE or participant.role == Role.SEEKER
