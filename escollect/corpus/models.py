from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from escollect.conversations.models import Conversation
from escollect.studies.models import Study, StudyVersion


class Import(models.Model):
    """A file of conversations that was read into a study."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="imports")
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    licence = models.CharField(max_length=60)
    conversations = models.PositiveIntegerField(default=0)
    utterances = models.PositiveIntegerField(default=0)
    skipped = models.JSONField(default=list)
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Release(models.Model):
    """A frozen, published export: its conversations are fixed when the row is made."""

    class State(models.TextChoices):
        QUEUED = "queued"
        BUILDING = "building"
        READY = "ready"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="releases")
    study_version = models.ForeignKey(StudyVersion, on_delete=models.PROTECT, related_name="+")
    version = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    licence = models.CharField(max_length=60)
    counts = models.JSONField(default=dict)
    policies = models.JSONField(default=list)
    sha256 = models.CharField(max_length=64, blank=True)
    files = models.JSONField(default=list, blank=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    ready_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["study", "version"], name="release_version_once"),)

    def __str__(self) -> str:
        return f"{self.study} {self.version}"


class ReleaseItem(models.Model):
    """A conversation's place in a release; outlives the conversation's text."""

    class Part(models.TextChoices):
        ACCEPTED = "accepted"
        NEGATIVE = "negative"

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="items")
    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="released_in")
    part = models.CharField(max_length=10, choices=Part.choices)
    position = models.PositiveIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["release", "conversation"], name="released_once"),
            models.UniqueConstraint(fields=["release", "part", "position"], name="release_order"),
        )

    def __str__(self) -> str:
        return f"{self.release} {self.part} {self.position}"


class Tombstone(models.Model):
    """A conversation that was withdrawn: its id and date remain, its text does not."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="tombstones")
    conversation = models.OneToOneField(Conversation, on_delete=models.PROTECT, related_name="tombstone")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.conversation_id)
