from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from escollect.people.models import Participant, Role
from escollect.studies.models import Study, StudyVersion


class Lobby(models.Model):
    """The waiting room of a study: the one row that a matcher locks."""

    study = models.OneToOneField(Study, on_delete=models.CASCADE, related_name="lobby")
    paused = models.BooleanField(default=False)

    class Meta:
        verbose_name_plural = "lobbies"

    def __str__(self) -> str:
        return f"lobby of {self.study}"


class Conversation(models.Model):
    """Two participants in a room, ready check to both surveys; the row locks and numbers its events."""

    class State(models.TextChoices):
        CREATED = "created"
        LIVE = "live"
        SURVEY = "survey"
        FINISHED = "finished"
        ABORTED = "aborted"
        ABANDONED = "abandoned"
        ERASED = "erased"

    class Kind(models.TextChoices):
        COLLECTED = "collected"
        IMPORTED = "imported"
        PRACTICE = "practice"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="conversations")
    version = models.ForeignKey(StudyVersion, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.COLLECTED)
    state = models.CharField(max_length=10, choices=State.choices, default=State.CREATED)
    seeker = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="sought")
    supporter = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="supported")
    source = models.CharField(max_length=200, blank=True)
    licence = models.CharField(max_length=60)

    last_seq = models.PositiveIntegerField(default=0)
    utterances = models.PositiveIntegerField(default=0)
    seeker_utterances = models.PositiveIntegerField(default=0)
    supporter_utterances = models.PositiveIntegerField(default=0)
    unrated = models.PositiveIntegerField(default=0)
    open_request = models.PositiveIntegerField(null=True, blank=True)
    last_author = models.CharField(max_length=10, blank=True)

    created_at = models.DateTimeField(default=timezone.now)
    ready_by = models.DateTimeField(null=True, blank=True)
    live_at = models.DateTimeField(null=True, blank=True)
    nudge_at = models.DateTimeField(null=True, blank=True)
    idle_by = models.DateTimeField(null=True, blank=True)
    max_by = models.DateTimeField(null=True, blank=True)
    both_gone_by = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    survey_by = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    held_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=20, blank=True)
    ended_by = models.CharField(max_length=10, blank=True)

    verdict = models.CharField(max_length=15, blank=True)
    decided_by = models.CharField(max_length=10, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=["study", "-created_at", "-id"], name="conversation_list"),
            models.Index(fields=["study", "verdict", "-created_at"], name="conversation_verdict"),
            models.Index(fields=["state"], name="conversation_state"),
        )

    def __str__(self) -> str:
        return str(self.id)


class Ticket(models.Model):
    """A place in the waiting room; `since` is the place, and survives a lapse and a partner's no-show."""

    class State(models.TextChoices):
        WAITING = "waiting"
        LAPSED = "lapsed"
        OFFERED = "offered"
        CONSUMED = "consumed"
        CANCELLED = "cancelled"
        EXPIRED = "expired"
        LEFT = "left"
        NO_SHOW = "no_show"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="tickets")
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="tickets")
    role = models.CharField(max_length=10, choices=Role.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    since = models.DateTimeField()
    lease_until = models.DateTimeField()
    back_by = models.DateTimeField(null=True, blank=True)
    prompt_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["participant"],
                condition=models.Q(state__in=["waiting", "lapsed", "offered"]),
                name="one_active_ticket",
            ),
        )
        indexes = (models.Index(fields=["study", "state", "since"], name="ticket_queue"),)

    def __str__(self) -> str:
        return f"{self.participant} {self.state}"


class WaitNote(models.Model):
    """From `at` on, this is why the holder of a ticket was still waiting; a code of domain.matching.Why."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="notes")
    at = models.DateTimeField()
    why = models.CharField(max_length=30)

    class Meta:
        ordering = ("ticket", "id")

    def __str__(self) -> str:
        return f"{self.why} from {self.at:%H:%M:%S}"


class Member(models.Model):
    """One side of a room while it is live: the epoch of the newest tab and what is known of presence."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="members")
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="seats")
    role = models.CharField(max_length=10, choices=Role.choices)
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, null=True, blank=True, related_name="seats")
    active = models.BooleanField(default=True)
    epoch = models.PositiveIntegerField(default=0)
    tab = models.UUIDField(null=True, blank=True)
    ready_at = models.DateTimeField(null=True, blank=True)
    joined_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    visible = models.BooleanField(default=True)
    gone_prompt_at = models.DateTimeField(null=True, blank=True)
    gone_by = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["conversation", "role"], name="one_member_per_role"),
            models.UniqueConstraint(
                fields=["participant"],
                condition=models.Q(active=True),
                name="nobody_in_two_rooms",
            ),
        )

    def __str__(self) -> str:
        return f"{self.role} of {self.conversation_id}"


class PracticeChat(models.Model):
    """The script of a practice chat, frozen when it began: what its seeker says, and what to compare with."""

    conversation = models.OneToOneField(
        Conversation, on_delete=models.CASCADE, primary_key=True, related_name="practice"
    )
    script = models.JSONField()
    tutorial_version = models.CharField(max_length=64)
    seed = models.BigIntegerField()

    def __str__(self) -> str:
        return f"practice {self.conversation_id}"


class Event(models.Model):
    """What happened in a room, in order of `seq`; originals are immutable, erasure on withdrawal aside."""

    class Kind(models.TextChoices):
        MSG = "msg"
        RATING_REQUEST = "rating_request"
        RATING = "rating"
        STATE = "state"
        NOTICE = "notice"
        MODERATOR = "moderator"

    # Every index costs the storing of an utterance; event_seq_once leads to a room's events.
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="events", db_index=False
    )
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=15, choices=Kind.choices)
    author = models.CharField(max_length=10)
    participant = models.ForeignKey(
        Participant, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    cid = models.UUIDField(null=True, blank=True)
    at = models.DateTimeField(null=True, blank=True)
    text = models.TextField(blank=True)
    strategy = models.CharField(max_length=40, blank=True)
    value = models.SmallIntegerField(null=True, blank=True)
    payload = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("conversation", "seq")
        constraints = (
            models.UniqueConstraint(fields=["conversation", "seq"], name="event_seq_once"),
            models.UniqueConstraint(
                fields=["conversation", "participant", "cid"],
                condition=models.Q(cid__isnull=False),
                name="event_cid_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.conversation_id}/{self.seq} {self.kind}"


class HelpRequest(models.Model):
    """Somebody pressed help; apart from the event log so that the partner never learns of it."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="help_requests")
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="+")
    cid = models.UUIDField()
    kind = models.CharField(max_length=20)
    seq = models.PositiveIntegerField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["conversation", "participant", "cid"], name="help_cid_once"),
        )

    def __str__(self) -> str:
        return f"{self.kind} in {self.conversation_id}"


class SurveyResponse(models.Model):
    """A participant's answers: `before` is attached to the ticket at hello, `after` to the conversation."""

    class Kind(models.TextChoices):
        BEFORE = "before"
        AFTER = "after"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="surveys")
    version = models.ForeignKey(StudyVersion, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    ticket = models.ForeignKey(
        Ticket, on_delete=models.SET_NULL, null=True, blank=True, related_name="surveys"
    )
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, null=True, blank=True, related_name="surveys"
    )
    answers = models.JSONField(default=dict)
    at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["conversation", "participant", "kind"],
                condition=models.Q(conversation__isnull=False),
                name="survey_once_per_conversation",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.participant}"


class Outcome(models.Model):
    """How a participant's part ended, with the code they are paid by."""

    participant = models.ForeignKey(Participant, on_delete=models.PROTECT, related_name="outcomes")
    ticket = models.ForeignKey(
        Ticket, on_delete=models.CASCADE, null=True, blank=True, related_name="outcomes"
    )
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, null=True, blank=True, related_name="outcomes"
    )
    code = models.CharField(max_length=20)
    pay_rule = models.CharField(max_length=40)
    completion_code = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["conversation", "participant"],
                condition=models.Q(conversation__isnull=False),
                name="outcome_once_per_conversation",
            ),
            models.UniqueConstraint(
                fields=["ticket"],
                condition=models.Q(ticket__isnull=False),
                name="outcome_once_per_ticket",
            ),
        )

    def __str__(self) -> str:
        return f"{self.participant} {self.code}"
