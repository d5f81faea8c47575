"""Who may see and do what: one table (design: "Who may see what"); a test walks role × thing."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from escollect.accounts.models import StaffRole


class Thing(StrEnum):
    """What a staff role can be allowed to see or do."""

    STUDY = "study"
    TEXT = "text"
    STRATEGY = "strategy"
    VERDICT = "verdict"
    TELEMETRY = "telemetry"
    FINDING = "finding"
    IDENTITY = "identity"
    INVITE = "invite"
    QUALIFICATION = "qualification"
    TRAINING = "training"
    POLICY = "policy"
    POLICY_CHANGE = "policy_change"
    MODERATION = "moderation"
    REVIEW = "review"
    RAW_EXPORT = "raw_export"
    RELEASE = "release"


_ALL = frozenset(StaffRole)
_RESEARCH = frozenset({StaffRole.RESEARCHER, StaffRole.ADMIN})
_REVIEW = frozenset({StaffRole.REVIEWER, StaffRole.ADMIN})

ALLOWED: Mapping[Thing, frozenset[StaffRole]] = {
    Thing.STUDY: _ALL,
    Thing.TEXT: _ALL,
    Thing.STRATEGY: _ALL,
    Thing.VERDICT: _ALL,
    Thing.TELEMETRY: _REVIEW,
    Thing.FINDING: _REVIEW,
    Thing.IDENTITY: frozenset({StaffRole.ADMIN}),
    Thing.INVITE: _RESEARCH,
    Thing.QUALIFICATION: _ALL,
    Thing.TRAINING: _ALL,
    Thing.POLICY: _ALL,
    Thing.POLICY_CHANGE: _RESEARCH,
    Thing.MODERATION: _REVIEW,
    Thing.REVIEW: _REVIEW,
    Thing.RAW_EXPORT: _RESEARCH,
    Thing.RELEASE: _RESEARCH,
}
"""The roles that may. TEXT covers surveys; FINDING covers flags; RELEASE covers downloads; TRAINING
is its analysis, with the keys of the quizzes."""
