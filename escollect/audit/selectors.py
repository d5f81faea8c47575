from __future__ import annotations

from collections.abc import Collection

from django.db import models

from escollect.audit.models import AuditRow


def get_rows(obj: models.Model, limit: int = 50, *, actions: Collection[str] = ()) -> list[AuditRow]:
    """The newest audit rows about one object, of these actions if any are named; at most `limit`."""
    rows = AuditRow.objects.filter(object_type=obj._meta.label_lower, object_id=str(obj.pk))  # noqa: SLF001
    return list((rows.filter(action__in=actions) if actions else rows)[:limit])
