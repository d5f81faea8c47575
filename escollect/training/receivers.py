from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from escollect.people.models import Participant
from escollect.people.signals import participant_withdrawn
from escollect.training.actions import erase_attempts


@receiver(participant_withdrawn, dispatch_uid="training.erase_attempts")
def forget(participant: Participant, **_signal: Any) -> None:
    """A participant took everything back: their answers go too."""
    erase_attempts(participant)
