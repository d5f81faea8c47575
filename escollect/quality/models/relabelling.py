"""Second opinions on strategies (paper, section 4.3)."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from escollect.conversations.models import Conversation
from escollect.people.models import Participant
from escollect.studies.models import Study


class Campaign(models.Model):
    """A batch of utterances that qualified supporters label again; the seed decides what was drawn.

    `drawn` says from what: how many utterances were asked for, and how many could have been drawn.
    """

    class State(models.TextChoices):
        OPEN = "open"
        CLOSED = "closed"

    class Draw(models.TextChoices):
        RANDOM = "random"
        STRATEGY = "strategy"
        RISK = "risk"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="campaigns")
    title = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    draw = models.CharField(max_length=10, choices=Draw.choices, default=Draw.RANDOM)
    seed = models.BigIntegerField(default=0)
    drawn = models.JSONField(default=dict)
    opinions = models.PositiveSmallIntegerField(default=3)
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        indexes = (models.Index(fields=["study", "-created_at"], name="campaign_list"),)

    def __str__(self) -> str:
        return self.title


class Item(models.Model):
    """An utterance of a campaign, with the label it was sent with.

    A gold item has a known answer (`gold`, empty until somebody of the staff gives it); it never changes a
    label. `final` is the label that counts once the state says so; `adjudicated` when a person chose it.
    """

    class State(models.TextChoices):
        OPEN = "open"
        ADJUDICATION = "adjudication"
        FINAL = "final"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="items")
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="relabel_items")
    seq = models.PositiveIntegerField()
    order = models.PositiveIntegerField()
    original = models.CharField(max_length=60)
    is_gold = models.BooleanField(default=False)
    gold = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=15, choices=State.choices, default=State.OPEN)
    final = models.CharField(max_length=60, blank=True)
    final_at = models.DateTimeField(null=True, blank=True)
    final_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    adjudicated = models.BooleanField(default=False)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["campaign", "conversation", "seq"], name="item_once"),)
        indexes = (
            models.Index(fields=["conversation", "seq"], name="item_of_utterance"),
            models.Index(fields=["campaign", "state", "order"], name="item_queue"),
        )

    def __str__(self) -> str:
        return f"{self.conversation_id}#{self.seq}"


class Relabel(models.Model):
    """The opinion of one supporter on one item.

    Without `given_at` it is assigned only, to others again when the lease is over. `skipped_at`: the
    supporter would rather not say. `void_at`: staff set it aside. Without a participant it is the opinion
    of somebody who withdrew since, kept as a count.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="relabels")
    participant = models.ForeignKey(
        Participant, on_delete=models.SET_NULL, null=True, blank=True, related_name="relabels"
    )
    assigned_at = models.DateTimeField()
    lease_until = models.DateTimeField()
    strategy = models.CharField(max_length=60, blank=True)
    given_at = models.DateTimeField(null=True, blank=True)
    skipped_at = models.DateTimeField(null=True, blank=True)
    void_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["item", "participant"], name="relabel_once"),
            models.CheckConstraint(
                condition=models.Q(strategy="", given_at=None)
                | (~models.Q(strategy="") & models.Q(given_at__isnull=False)),
                name="relabel_given_with_strategy",
            ),
        )
        indexes = (
            models.Index(fields=["lease_until"], condition=models.Q(given_at=None), name="open_relabels"),
        )

    def __str__(self) -> str:
        return f"{self.participant_id} on {self.item_id}"
