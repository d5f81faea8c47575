from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from escollect.people.models import Participant


def get_session_participant(session: Mapping[str, Any]) -> Participant | None:
    """The participant of a session; None when there is none or it was blocked, withdrawn or ended."""
    try:
        key, epoch = UUID(str(session["participant"])), int(session["epoch"])
    except (KeyError, ValueError):
        return None
    return (
        Participant.objects.select_related("study", "version", "person")
        .filter(pk=key, epoch=epoch)
        .exclude(state__in=[Participant.State.BLOCKED, Participant.State.WITHDRAWN])
        .first()
    )
