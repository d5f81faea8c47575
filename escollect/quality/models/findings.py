"""What rules found beyond the policies, and what a person must look at."""

from __future__ import annotations

from django.db import models

from escollect.conversations.models import Conversation
from escollect.quality.models.judging import Policy


class Finding(models.Model):
    """What one rule of findings saw in one conversation under one policy version; stored where it struck.

    Evidence is sequence numbers, offsets and ids of other conversations, never text.
    """

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="findings")
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="findings")
    rule = models.CharField(max_length=40)
    severity = models.CharField(max_length=10)
    value = models.FloatField()
    threshold = models.FloatField()
    why = models.TextField(blank=True)
    evidence = models.JSONField(default=list, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["conversation", "policy", "rule"], name="finding_once"),
        )
        indexes = (models.Index(fields=["policy", "rule"], name="finding_rule"),)

    def __str__(self) -> str:
        return f"{self.rule} in {self.conversation_id}"


class Fingerprint(models.Model):
    """The sketch of a long utterance in six bands; utterances that share a key may be copies.

    The order of the rows is that in which conversations were looked at: a copy is what came later.
    """

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="fingerprints", db_index=False
    )
    seq = models.PositiveIntegerField()
    key0 = models.BigIntegerField(db_index=True)
    key1 = models.BigIntegerField(db_index=True)
    key2 = models.BigIntegerField(db_index=True)
    key3 = models.BigIntegerField(db_index=True)
    key4 = models.BigIntegerField(db_index=True)
    key5 = models.BigIntegerField(db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["conversation", "seq"], name="fingerprint_once"),)

    def __str__(self) -> str:
        return f"sketch of {self.conversation_id}#{self.seq}"


class Flag(models.Model):
    """Something a person must look at. Evidence is sequence numbers and offsets, never text.

    `right` is what the person who closed it says of it; None where nobody said.
    """

    class Severity(models.TextChoices):
        INFO = "info"
        WARNING = "warning"
        URGENT = "urgent"

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="flags")
    kind = models.CharField(max_length=40)
    severity = models.CharField(max_length=10, choices=Severity.choices, default=Severity.INFO)
    evidence = models.JSONField(default=list, blank=True)
    raised_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    right = models.BooleanField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["conversation", "kind"],
                condition=models.Q(closed_at=None),
                name="flag_open_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} on {self.conversation_id}"
