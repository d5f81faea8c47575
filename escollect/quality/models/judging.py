"""Policies, the judgements that are owed, and what they said."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from escollect.conversations.models import Conversation


class Policy(models.Model):
    """A version of a named policy, as data for domain.quality.policy; only `active` ever changes."""

    class Kind(models.TextChoices):
        DECIDING = "deciding"
        SELECTING = "selecting"

    name = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    definition = models.JSONField()
    active = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ("name", "-version")
        verbose_name_plural = "policies"
        constraints = (
            models.UniqueConstraint(fields=["name", "version"], name="policy_version_once"),
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(active=True), name="one_active_version"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"


class QcJob(models.Model):
    """A judgement that is owed; inserted with the conversation's end, done when its verdict is stored."""

    class State(models.TextChoices):
        OPEN = "open"
        DONE = "done"

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="qc_jobs")
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="jobs")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["conversation", "policy"], name="job_once"),)
        indexes = (models.Index(fields=["lease_until"], condition=models.Q(state="open"), name="open_jobs"),)

    def __str__(self) -> str:
        return f"{self.policy} on {self.conversation_id}"


class Verdict(models.Model):
    """What one policy version says of one conversation, with the measured value of every rule."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="verdicts")
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="verdicts")
    outcome = models.CharField(max_length=15)
    rules = models.JSONField(default=list)
    error = models.TextField(blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["conversation", "policy"], name="verdict_once"),)
        indexes = (models.Index(fields=["policy", "outcome"], name="verdict_outcome"),)

    def __str__(self) -> str:
        return f"{self.policy}: {self.outcome}"
