from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A staff login; participants have none. Roles are groups (see `StaffRole`)."""


class StaffRole(models.TextChoices):
    """The names of the staff groups; superusers hold every role."""

    RESEARCHER = "researcher"
    REVIEWER = "reviewer"
    ADMIN = "admin"


class ApiToken(models.Model):
    """A REST token; only its SHA-256 is kept, the token itself is shown once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100, blank=True)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.user.get_username()}: {self.name or self.digest[:8]}"
