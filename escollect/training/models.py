from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from escollect.people.models import Participant


class Attempt(models.Model):
    """One try at a module's quiz or the examination; the stored seed decides what is drawn, and its order."""

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
    score = models.FloatField(null=True, blank=True)
    started_at = models.DateTimeField(default=timezone.now)
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


class Answer(models.Model):
    """One question put to a trainee in an attempt, and what they answered.

    `replaces` is the item, answered wrong before, that this one of the same skill stands in for; `right` is
    empty until the question is answered.
    """

    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="answers")
    item = models.SlugField(max_length=40)
    skill = models.SlugField(max_length=40)
    kind = models.CharField(max_length=10)
    position = models.PositiveSmallIntegerField()
    replaces = models.SlugField(max_length=40, blank=True)
    given = models.JSONField(default=list, blank=True)
    right = models.BooleanField(null=True, blank=True)
    shown_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("attempt", "position")
        constraints = (
            models.UniqueConstraint(fields=["attempt", "position"], name="answer_position_once"),
            models.UniqueConstraint(fields=["attempt", "item"], name="answer_item_once"),
            models.CheckConstraint(
                condition=models.Q(right=None, answered_at=None)
                | models.Q(right__isnull=False, answered_at__isnull=False),
                name="answer_graded_when_answered",
            ),
        )
        indexes = (models.Index(fields=["item", "answered_at"], name="answer_item"),)

    def __str__(self) -> str:
        return f"{self.attempt} {self.position}: {self.item}"


class Qualification(models.Model):
    """What a passed tutorial, or a staff member with a reason, grants: the supporter's role in a study.

    One that stands has no `revoked_at`; `end` says how it ended otherwise: staff took it away, its time was
    over, or it made room for a newer one.
    """

    class End(models.TextChoices):
        REVOKED = "revoked"
        EXPIRED = "expired"
        RENEWED = "renewed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="qualifications")
    tutorial_version = models.CharField(max_length=64, blank=True)
    score = models.FloatField(null=True, blank=True)
    granted_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reason = models.TextField(blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    end = models.CharField(max_length=10, choices=End.choices, blank=True)

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
