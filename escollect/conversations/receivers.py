"""What happens here when something happened to a person."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from escollect.conversations import actions
from escollect.people.models import Participant
from escollect.people.signals import participant_blocked, participant_withdrawn


@receiver(participant_withdrawn)
def forget_participant(participant: Participant, **_kwargs: Any) -> None:
    """A withdrawal erases what the participant wrote."""
    actions.forget(participant)


@receiver(participant_blocked)
def dismiss_participant(participant: Participant, **_kwargs: Any) -> None:
    """A block ends the room and the waiting of the participant."""
    actions.dismiss(participant)
