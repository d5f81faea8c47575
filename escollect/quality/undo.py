"""What a reviewer can still take back; nothing here writes."""

from __future__ import annotations

import datetime

from escollect.accounts.models import User
from escollect.infra.clock import now
from escollect.quality.models import Review

UNDO = datetime.timedelta(minutes=1)


def get_undoable(reviewer: User) -> Review | None:
    """The reviewer's latest decision, while it can be undone."""
    rows = Review.objects.filter(reviewer=reviewer, undone_at=None, at__gt=now() - UNDO)
    return rows.select_related("conversation").order_by("-pk").first()


def is_final(at: datetime.datetime | None) -> bool:
    """Whether what was decided then can no longer be undone, so that participants may read it."""
    return at is not None and at <= now() - UNDO
