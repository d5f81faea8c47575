"""The shapes that go out; docs and schema are made from them, and absent keys stay absent."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

Out = serializers.Serializer[Any]


class StudySerializer(Out):
    """A study."""

    slug = serializers.SlugField()
    title = serializers.CharField()
    state = serializers.ChoiceField(choices=["draft", "open", "paused", "closed"])
    version = serializers.IntegerField(allow_null=True, source="current.number", default=None)
    licence = serializers.CharField()


class FunnelStepSerializer(Out):
    """How many got as far as a step of the funnel."""

    step = serializers.CharField()
    count = serializers.IntegerField()


class LiveSerializer(Out):
    """Who is there now, by role or by state."""

    waiting = serializers.DictField(child=serializers.IntegerField(), help_text="tickets by role")
    chatting = serializers.IntegerField(help_text="conversations from the ready check to their end")
    finished = serializers.IntegerField()
    verdicts = serializers.DictField(child=serializers.IntegerField(), help_text="by outcome")


class InvitedSerializer(Out):
    """A participant and the address that lets them in; the address is shown this once."""

    participant = serializers.UUIDField()
    invite_url = serializers.URLField()


class RuleResultSerializer(Out):
    """What one rule saw; `held` is null where the policy did not ask it."""

    rule = serializers.CharField()
    value = serializers.JSONField(allow_null=True)
    threshold = serializers.FloatField(allow_null=True)
    held = serializers.BooleanField(allow_null=True)
    why = serializers.CharField()


class VerdictSerializer(Out):
    """What one policy version says of one conversation."""

    policy = serializers.CharField()
    version = serializers.IntegerField()
    outcome = serializers.CharField()
    rules = RuleResultSerializer(many=True)


class VerdictRowSerializer(VerdictSerializer):
    """A verdict in the list of all verdicts."""

    conversation = serializers.UUIDField()
    at = serializers.DateTimeField()


class FlagSerializer(Out):
    """Something a person must look at; evidence is sequence numbers, never text."""

    kind = serializers.CharField()
    severity = serializers.ChoiceField(choices=["info", "warning", "urgent"])
    evidence = serializers.JSONField()
    raised_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)


class SurveysSerializer(Out):
    """The answers by survey; null where it was not answered."""

    before = serializers.DictField(allow_null=True)
    after_seeker = serializers.DictField(allow_null=True)
    after_supporter = serializers.DictField(allow_null=True)


class EventSerializer(Out):
    """An event of the room as staff may see it; keys that do not apply are absent."""

    seq = serializers.IntegerField()
    at = serializers.DateTimeField(allow_null=True)
    kind = serializers.CharField()
    text = serializers.CharField(required=False)
    strategy = serializers.CharField(required=False)
    value = serializers.IntegerField(required=False)
    req = serializers.IntegerField(required=False, help_text="the request that a rating answers")
    covers = serializers.JSONField(required=False)
    state = serializers.CharField(required=False)
    reason = serializers.CharField(required=False)
    code = serializers.CharField(required=False)
    who = serializers.CharField(required=False)
    until = serializers.CharField(required=False)
    tele = serializers.DictField(required=False, help_text="typing telemetry: reviewer and admin only")

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "from": serializers.CharField()}


class ConversationSerializer(Out):
    """A conversation; `flags` is absent for roles that may not see findings."""

    id = serializers.UUIDField()
    study = serializers.SlugField()
    state = serializers.CharField()
    seeker = serializers.UUIDField(help_text="the participant's id")
    supporter = serializers.UUIDField(help_text="the participant's id")
    verdict = serializers.CharField(allow_null=True)
    decided_by = serializers.ChoiceField(choices=["policy", "review"], allow_null=True)
    verdicts = VerdictSerializer(many=True)
    flags = FlagSerializer(many=True, required=False)
    surveys = SurveysSerializer()
    events = EventSerializer(many=True)


class PolicySerializer(Out):
    """A version of a policy."""

    name = serializers.CharField()
    version = serializers.IntegerField()
    active = serializers.BooleanField()
    definition = serializers.DictField()


class ActivationSerializer(PolicySerializer):
    """The version that judges now; `owed` is how many conversations it has yet to judge."""

    owed = serializers.IntegerField()


class ChangeSerializer(Out):
    """A conversation whose outcome would differ; `failed` are the rules that would not hold.

    `flipped` are the rules that say something else than before; `decided` is what a person decided (null:
    nobody did): that stays.
    """

    conversation = serializers.UUIDField()
    old = serializers.CharField(allow_null=True)
    new = serializers.CharField()
    failed = serializers.ListField(child=serializers.CharField())
    flipped = serializers.ListField(child=serializers.CharField())
    decided = serializers.CharField(allow_null=True)


class SimulationSerializer(Out):
    """What a policy would say of a study; `changes` lists `limit` of the `changed` ones, from `offset` on.

    `table` counts old outcome × new outcome ("" is: no verdict yet); `decided` of the changed ones stay as
    a person decided them.
    """

    conversations = serializers.IntegerField()
    outcomes = serializers.DictField(child=serializers.IntegerField())
    by_rule = serializers.DictField(child=serializers.IntegerField())
    by_rule_before = serializers.DictField(child=serializers.IntegerField())
    flipped = serializers.DictField(child=serializers.IntegerField())
    table = serializers.DictField(child=serializers.DictField(child=serializers.IntegerField()))
    changed = serializers.IntegerField()
    decided = serializers.IntegerField()
    changes = ChangeSerializer(many=True)


class ReleaseFileSerializer(Out):
    """A file of a release."""

    name = serializers.CharField()
    sha256 = serializers.CharField()
    bytes = serializers.IntegerField()


class ReleaseSerializer(Out):
    """A release; `sha256` is the hash of SHA256SUMS and empty until it is ready."""

    id = serializers.UUIDField()
    study = serializers.SlugField()
    version = serializers.CharField()
    state = serializers.ChoiceField(choices=["queued", "building", "ready", "failed"])
    counts = serializers.DictField(help_text="empty until the list of conversations is frozen")
    files = ReleaseFileSerializer(many=True)
    sha256 = serializers.CharField(allow_blank=True)
    error = serializers.CharField(required=False, help_text="why it failed")


class ErrorSerializer(Out):
    """Every error."""

    code = serializers.CharField()
    detail = serializers.CharField()

    def get_fields(self) -> dict[str, Any]:
        texts = serializers.ListField(child=serializers.CharField())
        return {**super().get_fields(), "fields": serializers.DictField(child=texts, required=False)}
