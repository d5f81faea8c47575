from __future__ import annotations

from django.db import models


class AuditRow(models.Model):
    """One thing somebody did; rows are only ever added. Holds ids and codes, never participants' text."""

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    actor = models.CharField(max_length=100)
    action = models.CharField(max_length=60, db_index=True)
    object_type = models.CharField(max_length=60, blank=True)
    object_id = models.CharField(max_length=64, blank=True)
    old = models.JSONField(null=True, blank=True)
    new = models.JSONField(null=True, blank=True)
    why = models.TextField(blank=True)

    class Meta:
        indexes = (models.Index(fields=["object_type", "object_id"], name="audit_object"),)
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.object_type} {self.object_id}"
