"""After an outage: every open deadline moves by the time in which nobody could keep it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db.models import DateTimeField, F, QuerySet, Value
from django.db.models.functions import Least

from escollect.audit.actions import record
from escollect.conversations.models import Conversation, Lobby, Member, Ticket
from escollect.conversations.rules import get_settings
from escollect.domain.lifecycle import CONVERSATION_OPEN, TICKET_ACTIVE, Timers
from escollect.infra import pulse
from escollect.studies.models import StudyVersion

logger = logging.getLogger(__name__)

ROOM: Mapping[str, str] = {
    "ready_by": "offer",
    "nudge_at": "nudge",
    "idle_by": "idle",
    "max_by": "max_time",
    "both_gone_by": "both_offline",
    "survey_by": "survey",
}
SIDE: Mapping[str, str] = {"gone_prompt_at": "partner_away", "gone_by": "partner_left"}
TICKET: Mapping[str, str] = {
    "lease_until": "lease",
    "back_by": "return_window",
    "prompt_at": "still_there",
    "expires_at": "no_partner",
}
"""Every deadline column, and the timer that it was started with."""


def note_service() -> timedelta | None:
    """Note that this process serves people; after an outage move the open deadlines first.

    Returns the length of the outage that this call ended, else None.
    """
    gap = pulse.beat(_make_up)
    if gap is not None:
        logger.warning("nobody was served for %.1f s; the open deadlines were moved", gap.total_seconds())
    return gap


def _make_up(gap: timedelta, now: datetime) -> None:
    """Move what is open by `gap`, but no deadline beyond its whole timer from now.

    So what was renewed after service came back, a moment before this, stays as it is. Locks are taken in
    the order of the house: lobbies, rooms, sides, tickets.
    """
    list(Lobby.objects.select_for_update(no_key=True).order_by("pk"))
    rooms = Conversation.objects.filter(state__in=CONVERSATION_OPEN)
    sides = Member.objects.filter(conversation__state__in=CONVERSATION_OPEN)
    tickets = Ticket.objects.filter(state__in=TICKET_ACTIVE)
    found = {"rooms": _lock(rooms), "tickets": 0}
    _lock(sides)
    found["tickets"] = _lock(tickets)
    for version in StudyVersion.objects.filter(pk__in=rooms.values("version")):
        timers = get_settings(version).timers
        _move(rooms.filter(version=version), ROOM, timers, gap, now)
        _move(sides.filter(conversation__version=version), SIDE, timers, gap, now)
    for version in StudyVersion.objects.filter(pk__in=tickets.values("participant__version")):
        _move(tickets.filter(participant__version=version), TICKET, get_settings(version).timers, gap, now)
    # Moments in the past, from which it is reckoned how long somebody has been gone or a hold has lasted.
    rooms.filter(held_at__isnull=False).update(held_at=_later("held_at", gap, now))
    sides.filter(seen_at__isnull=False).update(seen_at=_later("seen_at", gap, now))
    record("service.away", actor="system", obj=None, new={"seconds": round(gap.total_seconds(), 1), **found})


def _lock(rows: QuerySet[Conversation] | QuerySet[Member] | QuerySet[Ticket]) -> int:
    return len(rows.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk"))


def _move(
    rows: QuerySet[Conversation] | QuerySet[Member] | QuerySet[Ticket],
    columns: Mapping[str, str],
    timers: Timers,
    gap: timedelta,
    now: datetime,
) -> None:
    for column, timer in columns.items():
        rows.filter(**{f"{column}__isnull": False}).update(
            **{column: _later(column, gap, timers.after(now, timer))}
        )


def _later(column: str, gap: timedelta, latest: datetime) -> Least:
    moment = DateTimeField()
    return Least(F(column) + gap, Value(latest, output_field=moment), output_field=moment)
