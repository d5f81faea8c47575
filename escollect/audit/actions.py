from __future__ import annotations

from typing import Any

from django.db import models

from escollect.audit.models import AuditRow


def record(
    action: str,
    *,
    actor: str,
    obj: models.Model | None,
    old: Any = None,
    new: Any = None,
    why: str = "",
) -> None:
    """Add an audit row in the caller's transaction.

    `actor` is `staff:<username>`, `participant:<uuid>` or `system`; `old` and `new` are JSON values
    that hold ids and codes, never text that a participant wrote (erasure must stay complete).
    """
    AuditRow.objects.create(
        action=action,
        actor=actor,
        object_type="" if obj is None else obj._meta.label_lower,  # noqa: SLF001  Django documents it
        object_id="" if obj is None else str(obj.pk),
        old=old,
        new=new,
        why=why,
    )
