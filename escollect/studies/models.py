from __future__ import annotations

from functools import cached_property

from django.conf import settings
from django.db import models

from escollect.domain.study import StudySettings


class Study(models.Model):
    """One collection; what it asks of people is in its versions."""

    class State(models.TextChoices):
        DRAFT = "draft"
        OPEN = "open"
        PAUSED = "paused"
        CLOSED = "closed"

    slug = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    licence = models.CharField(max_length=60)
    current = models.ForeignKey(
        "StudyVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "studies"

    def __str__(self) -> str:
        return self.slug


class StudyVersion(models.Model):
    """An immutable description of a study; a participation and a conversation pin the one they saw."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    source = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ("study", "-number")
        constraints = (models.UniqueConstraint(fields=["study", "number"], name="study_version_once"),)

    def __str__(self) -> str:
        return f"{self.study} v{self.number}"

    @cached_property
    def settings(self) -> StudySettings:
        """The validated settings of this version."""
        return StudySettings.from_json(self.definition)
