"""A person looked at a flag: it is closed with a reason, never deleted."""

from __future__ import annotations

from django.db import transaction

from escollect.accounts.models import User
from escollect.accounts.selectors import get_actor
from escollect.audit.actions import record
from escollect.infra.clock import now
from escollect.quality.models import Flag
from escollect.quality.queue import ASKED


@transaction.atomic
def close_flag(flag: Flag, by: User, reason: str, right: bool | None = None) -> bool:
    """Close an open flag; False when somebody else was first.

    `right` says whether what the flag told of was there; None leaves that open. Raises ValueError without a
    reason, and for a flag by which somebody asks for a decision: only a decision closes it.
    """
    if not reason.strip():
        raise ValueError("Say what you found: the reason is kept in the audit.")
    if flag.kind in ASKED:
        raise ValueError("Somebody asks for a decision here: decide, and the flag is closed.")
    if Flag.objects.filter(pk=flag.pk, closed_at=None).update(closed_at=now(), right=right) != 1:
        return False
    record(
        "flag.closed",
        actor=get_actor(by),
        obj=flag.conversation,
        old={"flag": flag.kind, "severity": flag.severity},
        new={"flag": flag.kind, "closed": True, "right": right},
        why=reason.strip(),
    )
    return True
