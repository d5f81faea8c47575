from __future__ import annotations

from collections.abc import Iterable
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
    _make(action, actor, obj, old, new, why).save(force_insert=True)


def record_many(
    action: str,
    done: Iterable[tuple[str, models.Model]],
    *,
    old: Any = None,
    new: Any = None,
    why: str = "",
) -> None:
    """The same for one thing that was done to many objects, each given as actor and object; one statement."""
    AuditRow.objects.bulk_create(_make(action, actor, obj, old, new, why) for actor, obj in done)


def _make(action: str, actor: str, obj: models.Model | None, old: Any, new: Any, why: str) -> AuditRow:
    return AuditRow(
        action=action,
        actor=actor,
        object_type="" if obj is None else obj._meta.label_lower,  # noqa: SLF001  Django documents it
        object_id="" if obj is None else str(obj.pk),
        old=old,
        new=new,
        why=why,
    )
