"""Policies, the judgements that are owed, and what they said."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from escollect.conversations.models import Conversation
from escollect.studies.models import Study


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


class Simulation(models.Model):
    """What a policy would say of a study or an import: a worker's job, its progress and its result.

    `source` is the name of an imported file, empty for the whole study; `version` is set where a stored
    version is simulated; `against` is the version whose verdicts it is compared with.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        READY = "ready"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="simulations")
    source = models.CharField(max_length=200, blank=True)
    definition = models.JSONField()
    version = models.ForeignKey(Policy, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    against = models.ForeignKey(Policy, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (models.Index(fields=["-created_at"], name="simulation_list"),)

    def __str__(self) -> str:
        return f"simulation {self.id}"


class SimulatedChange(models.Model):
    """A conversation whose outcome would differ; `flipped` are the rules that say something else now."""

    simulation = models.ForeignKey(Simulation, on_delete=models.CASCADE, related_name="changes")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="+")
    old = models.CharField(max_length=15, blank=True)
    new = models.CharField(max_length=15)
    failed = models.JSONField(default=list)
    flipped = models.JSONField(default=list)
    decided = models.CharField(max_length=15, blank=True)

    class Meta:
        ordering = ("simulation", "pk")
        constraints = (models.UniqueConstraint(fields=["simulation", "conversation"], name="change_once"),)
        indexes = (models.Index(fields=["simulation", "old", "new"], name="change_kind"),)

    def __str__(self) -> str:
        return f"{self.conversation_id}: {self.old or 'pending'} to {self.new}"
