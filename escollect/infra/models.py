from __future__ import annotations

from django.db import models


class Heartbeat(models.Model):
    """When something that must keep happening (a sweep, say) last succeeded, by the database's clock."""

    name = models.CharField(max_length=60, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%Y-%m-%d %H:%M:%S}"
