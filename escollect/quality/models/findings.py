"""What rules found beyond the policies, and what a person must look at."""

from __future__ import annotations

from django.db import models

from escollect.conversations.models import Conversation
from escollect.people.models import Participant


class Finding(models.Model):
    """What one rule of findings saw in one conversation; stored where it was struck.

    Evidence is sequence numbers and offsets, and ids of other conversations, never text.
    """

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="findings")
    rule = models.CharField(max_length=40)
    value = models.FloatField(null=True)
    threshold = models.FloatField(null=True)
    why = models.TextField(blank=True)
    evidence = models.JSONField(default=list, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["conversation", "rule"], name="finding_once"),)

    def __str__(self) -> str:
        return f"{self.rule} in {self.conversation_id}"


class Fingerprint(models.Model):
    """One band of the sketch of a long utterance; utterances that share a band may be copies."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="fingerprints")
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="+")
    seq = models.PositiveIntegerField()
    band = models.PositiveSmallIntegerField()
    key = models.BigIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["conversation", "seq", "band"], name="fingerprint_once"),
        )
        indexes = (models.Index(fields=["key", "band"], name="fingerprint_key"),)

    def __str__(self) -> str:
        return f"band {self.band} of {self.conversation_id}#{self.seq}"


class Flag(models.Model):
    """Something a person must look at. Evidence is sequence numbers and offsets, never text."""

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
