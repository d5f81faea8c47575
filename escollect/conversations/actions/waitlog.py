"""The log that answers "why am I still waiting": a line whenever the reason changes, seen by every sweep."""

from __future__ import annotations

from collections import Counter

from django.db import transaction

from escollect.conversations.models import Lobby, WaitNote
from escollect.conversations.waiting import explain_waiting
from escollect.infra import clock
from escollect.studies.models import Study

MOST = 50
"""Lines that a ticket gets: a quarter of an hour has seldom more than ten."""


def note_waiting(study: Study) -> int:
    """Write down for everybody in a waiting room why they are still there, where that is new.

    Returns how many lines were written; none when somebody else is at it, or pairs people meanwhile.
    """
    found = explain_waiting(study)
    with transaction.atomic():
        lobby = Lobby.objects.select_for_update(skip_locked=True, no_key=True).filter(study=study)
        if not found or lobby.first() is None:
            return 0
        last: dict[object, str] = {}
        lines: Counter[object] = Counter()
        known = WaitNote.objects.filter(ticket__in=[one.ticket for one in found]).order_by("pk")
        for ticket, why in known.values_list("ticket", "why"):
            last[ticket] = why
            lines[ticket] += 1
        now = clock.now()
        new = [
            WaitNote(ticket=one.ticket, at=now, why=one.why)
            for one in found
            if last.get(one.ticket.pk) != one.why and lines[one.ticket.pk] < MOST
        ]
        WaitNote.objects.bulk_create(new)
    return len(new)
