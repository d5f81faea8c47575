"""What happens here when something happened to a person."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from escollect.conversations import actions
from escollect.conversations.actions.outcomes import give_for_failed_training
from escollect.conversations.rules import get_settings
from escollect.infra import clock
from escollect.people.models import Participant
from escollect.people.signals import participant_blocked, participant_withdrawn
from escollect.training.signals import training_failed


@receiver(participant_withdrawn)
def forget_participant(participant: Participant, **_kwargs: Any) -> None:
    """A withdrawal erases what the participant wrote."""
    actions.forget(participant)


@receiver(participant_blocked)
def dismiss_participant(participant: Participant, **_kwargs: Any) -> None:
    """A block ends the room and the waiting of the participant."""
    actions.dismiss(participant)


@receiver(training_failed)
def end_training(participant: Participant, **_kwargs: Any) -> None:
    """The last attempt at the training was failed: the participant's part ends, with its code and pay."""
    if participant.version is not None:
        give_for_failed_training(participant, get_settings(participant.version), clock.now())
