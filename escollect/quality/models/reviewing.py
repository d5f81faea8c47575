"""What people decide: reviews with their claims, words hidden from what is published, and appeals."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from escollect.conversations.models import Conversation
from escollect.people.models import Participant


class Review(models.Model):
    """A person's decision on a conversation; the newest one that was not undone stands above every policy.

    `before` holds codes and ids for undoing it: the verdict that stood, and what the decision closed.
    """

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="reviews")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reviews")
    decision = models.CharField(max_length=15)
    reason = models.TextField()
    corrections = models.JSONField(default=dict, blank=True)
    before = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.decision} by {self.reviewer}"


class Claim(models.Model):
    """Who works on a conversation of the queue, and until when nobody else gets it."""

    conversation = models.OneToOneField(Conversation, on_delete=models.CASCADE, related_name="claim")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="claims")
    claimed_at = models.DateTimeField()
    lease_until = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["reviewer", "lease_until"], name="claims_of"),)

    def __str__(self) -> str:
        return f"{self.conversation_id} is with {self.reviewer}"


class SecondOpinion(models.Model):
    """A reviewer asks another one to decide; open until somebody else has decided."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="second_opinions")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["conversation"],
                condition=models.Q(closed_at=None),
                name="second_opinion_open_once",
            ),
        )

    def __str__(self) -> str:
        return f"second opinion on {self.conversation_id}"


class Mask(models.Model):
    """Characters of an utterance that are not published; offsets into the text, never the text itself."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="masks")
    seq = models.PositiveIntegerField()
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("seq", "start")
        constraints = (
            models.CheckConstraint(condition=models.Q(end__gt=models.F("start")), name="mask_has_length"),
        )

    def __str__(self) -> str:
        return f"{self.conversation_id}#{self.seq} {self.start}-{self.end}"


class Appeal(models.Model):
    """A participant asks once to look at the verdict of a conversation again."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="appeals")
    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="appeals")
    text = models.TextField()
    at = models.DateTimeField(auto_now_add=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    answer = models.TextField(blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["conversation", "participant"], name="appeal_once"),)

    def __str__(self) -> str:
        return f"appeal on {self.conversation_id}"
