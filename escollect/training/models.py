from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from escollect.people.models import Participant


class Attempt(models.Model):
    """One try at a module's quiz or the examination; the items are drawn from the stored seed."""

    class State(models.TextChoices):
        OPEN = "open"
        PASSED = "passed"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="attempts")
    module = models.SlugField(max_length=40)
    number = models.PositiveIntegerField()
    tutorial_version = models.CharField(max_length=64)
    seed = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    answers = models.JSONField(default=dict, blank=True)
    score = models.FloatField(null=True, blank=True)
    started_at = models.DateTimeField(auto_now_add=True)
    graded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["participant", "module", "number"], name="attempt_number_once"),
            models.UniqueConstraint(
                fields=["participant", "module"],
                condition=models.Q(state="open"),
                name="one_open_attempt_per_module",
            ),
        )

    def __str__(self) -> str:
        return f"{self.participant} {self.module} #{self.number}"


class Qualification(models.Model):
    """What a passed tutorial, or a staff member with a reason, grants: the supporter's role in a study."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="qualifications")
    tutorial_version = models.CharField(max_length=64, blank=True)
    score = models.FloatField(null=True, blank=True)
    granted_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reason = models.TextField(blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["participant"],
                condition=models.Q(revoked_at=None),
                name="one_standing_qualification",
            ),
        )

    def __str__(self) -> str:
        return f"{self.participant} qualified {self.granted_at:%Y-%m-%d}"
