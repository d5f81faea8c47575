"""Everything the database holds of a study, for its owner's archive."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet

from escollect.audit.actions import record
from escollect.conversations.models import (
    Conversation,
    Event,
    HelpRequest,
    Member,
    Outcome,
    SurveyResponse,
    Ticket,
)
from escollect.corpus.models import Import, Release, ReleaseItem, Tombstone
from escollect.corpus.writing import new_folder
from escollect.people.models import Consent, Invite, Participant, Person
from escollect.quality.models import Flag, Policy, QcJob, Review, Verdict
from escollect.studies.models import Study, StudyVersion
from escollect.training.models import Attempt, Qualification

CHUNK = 1000


def export_raw(study: Study, out: Path, actor: str = "system") -> dict[str, int]:
    """Write every row of the study as JSON lines, one file a table; returns the rows of each.

    The files hold personal data, so only the account that runs this can read the folder. `out` must be
    missing or empty. Raises TargetTaken.
    """
    counts: dict[str, int] = {}
    with new_folder(out, private=True) as folder:
        for name, rows in _tables(study):
            counts[name] = 0
            with folder.open(f"{name}.jsonl") as file:
                for row in rows.order_by("pk").values().iterator(chunk_size=CHUNK):
                    file.write(json.dumps(row, cls=DjangoJSONEncoder) + "\n")
                    counts[name] += 1
        folder.write_sums("SHA256SUMS")
        record("study.exported_raw", actor=actor, obj=study, new=counts)
    return counts


def _tables(study: Study) -> Iterator[tuple[str, QuerySet[Any]]]:
    people = Participant.objects.filter(study=study)
    conversations = Conversation.objects.filter(study=study)
    yield "study", Study.objects.filter(pk=study.pk)
    yield "study_versions", StudyVersion.objects.filter(study=study)
    yield "people", Person.objects.filter(participants__in=people).distinct()
    yield "participants", people
    yield "invites", Invite.objects.filter(study=study)
    yield "consents", Consent.objects.filter(participant__in=people)
    yield "attempts", Attempt.objects.filter(participant__in=people)
    yield "qualifications", Qualification.objects.filter(participant__in=people)
    yield "tickets", Ticket.objects.filter(study=study)
    yield "conversations", conversations
    yield "outcomes", Outcome.objects.filter(participant__in=people)
    yield "surveys", SurveyResponse.objects.filter(participant__in=people)
    yield "members", Member.objects.filter(conversation__in=conversations)
    yield "events", Event.objects.filter(conversation__in=conversations)
    yield "help_requests", HelpRequest.objects.filter(conversation__in=conversations)
    yield "qc_jobs", QcJob.objects.filter(conversation__in=conversations)
    yield "verdicts", Verdict.objects.filter(conversation__in=conversations)
    yield "flags", Flag.objects.filter(conversation__in=conversations)
    yield "reviews", Review.objects.filter(conversation__in=conversations)
    yield "policies", Policy.objects.filter(verdicts__conversation__in=conversations).distinct()
    yield "imports", Import.objects.filter(study=study)
    yield "releases", Release.objects.filter(study=study)
    yield "release_items", ReleaseItem.objects.filter(release__study=study)
    yield "tombstones", Tombstone.objects.filter(study=study)
