from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from escollect.studies.models import Study, StudyVersion


class Role(models.TextChoices):
    SEEKER = "seeker"
    SUPPORTER = "supporter"


class Person(models.Model):
    """The human across studies and roles; the platform's id is kept for admins only, matched by its hash."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    platform = models.CharField(max_length=40, default="invite")
    external_hash = models.CharField(max_length=64, blank=True)
    external_id = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "people"
        constraints = (
            models.UniqueConstraint(
                fields=["platform", "external_hash"],
                condition=~models.Q(external_hash=""),
                name="person_once_per_platform",
            ),
        )

    def __str__(self) -> str:
        return f"{self.platform}:{self.id}"


class Participant(models.Model):
    """A person in a study, in one role, known by a pseudonym. Raising `epoch` ends every session."""

    class State(models.TextChoices):
        ACTIVE = "active"
        DECLINED = "declined"
        BLOCKED = "blocked"
        WITHDRAWN = "withdrawn"

    SYNTHETIC = frozenset({"import", "practice"})
    """Sources of participants behind whom there is nobody: imported conversations, scripted seekers."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="participants")
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="participants")
    version = models.ForeignKey(
        StudyVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    role = models.CharField(max_length=10, choices=Role.choices)
    pseudonym = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ACTIVE)
    epoch = models.PositiveIntegerField(default=1)
    source = models.CharField(max_length=20, default="invite")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["study", "pseudonym"], name="pseudonym_once_per_study"),
            models.UniqueConstraint(
                fields=["person", "study", "role"], name="person_once_per_study_and_role"
            ),
        )
        indexes = (models.Index(fields=["study", "role", "created_at"], name="participant_list"),)

    def __str__(self) -> str:
        return self.pseudonym


class Invite(models.Model):
    """A random 128-bit token, kept as its hash; bound to one participant or minting a fresh one each time."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    digest = models.CharField(max_length=64, unique=True)
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="invites")
    role = models.CharField(max_length=10, choices=Role.choices)
    participant = models.ForeignKey(
        Participant, on_delete=models.CASCADE, null=True, blank=True, related_name="invites"
    )
    qualified = models.BooleanField(default=False)
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.study} {self.role} {self.id}"


class Consent(models.Model):
    """What a participant agreed to, and the version of the text they saw. Rows are only added."""

    participant = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="consents")
    version = models.ForeignKey(StudyVersion, on_delete=models.PROTECT, related_name="+")
    given = models.BooleanField()
    adult = models.BooleanField(default=False)
    take_part = models.BooleanField(default=False)
    recorded = models.BooleanField(default=False)
    release_public = models.BooleanField(default=False)
    recontact = models.BooleanField(default=False)
    text_hash = models.CharField(max_length=64, blank=True)
    language = models.CharField(max_length=10, default="en")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.participant} {'agreed' if self.given else 'declined'}"
