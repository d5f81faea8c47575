"""Whether people can be served: each web process that reaches the database notes so every two seconds.

As long as the latest note is older than LIMIT, nobody could keep a deadline. Nothing is enforced then, and
whoever notes first that service is back makes up for the gap, once, before anything else may happen.
docs/reliability.md tells what follows for rooms and waiting rooms.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction

from escollect.infra import clock
from escollect.infra.models import Heartbeat

SERVING = "serving"
BEAT_SECONDS = 2.0
LIMIT = timedelta(seconds=10)
"""Longer than a busy process may be late with its note, shorter than any deadline that people know of."""

MakeUp = Callable[[timedelta, datetime], None]


def beat(make_up: MakeUp) -> timedelta | None:
    """Note that people are served now; after an outage `make_up(gap, now)` runs in the same transaction.

    Of many processes that come back at once, one makes up for the gap and the others wait for it. Returns the
    length of the outage that this call ended, None in the ordinary case, which is one statement.
    """
    now = clock.now()
    # A process that was stopped between these two lines must not set the note back.
    if Heartbeat.objects.filter(name=SERVING, at__gte=now - LIMIT, at__lte=now).update(at=now):
        return None
    with transaction.atomic():
        Heartbeat.objects.get_or_create(name=SERVING, defaults={"at": now})
        row = Heartbeat.objects.select_for_update(no_key=True).get(name=SERVING)
        now = clock.now()
        gap = now - row.at
        if gap > LIMIT:
            make_up(gap, now)
        row.at = now
        row.save(update_fields=["at"])
    return gap if gap > LIMIT else None


def is_away(now: datetime) -> bool:
    """Whether, at `now`, nobody has been served for longer than LIMIT; never where nothing was ever noted.

    To be asked after the rows whose deadline is due were locked: who makes up for an outage locks them too
    and writes the note in the same transaction, so a recent note means that their deadlines are right.
    """
    at = Heartbeat.objects.filter(name=SERVING).values_list("at", flat=True).first()
    return at is not None and now - at > LIMIT
