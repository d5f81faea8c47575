"""Everything the database holds of a study, for its owner's archive."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet

from escollect.audit.actions import record
from escollect.audit.models import AuditRow
from escollect.conversations.models import (
    Conversation,
    Event,
    HelpRequest,
    Member,
    Outcome,
    SurveyResponse,
    Ticket,
    WaitNote,
)
from escollect.corpus.models import Import, Release, ReleaseItem, Tombstone
from escollect.corpus.writing import Folder, new_folder
from escollect.people.models import Consent, Invite, Participant, Person
from escollect.people.practice import SOURCE as PRACTICE
from escollect.quality.models import (
    Appeal,
    Campaign,
    Flag,
    Item,
    Mask,
    Policy,
    QcJob,
    Relabel,
    Review,
    SecondOpinion,
    Verdict,
)
from escollect.studies.models import Study, StudyVersion
from escollect.training.models import Attempt, Qualification

CHUNK = 1000


def export_raw(study: Study, out: Path, actor: str = "system") -> dict[str, int]:
    """Write every row of the study, and the audit rows about them, as JSON lines, one file a table.

    Returns the rows of each. Practice chats and their scripted seekers are left out: they are no data of
    the study.

    The files hold personal data, so only the account that runs this can read the folder. `out` must be
    missing or empty. Raises TargetTaken.
    """
    counts: dict[str, int] = {}
    with new_folder(out, private=True) as folder:
        for name, rows in _tables(study):
            counts[name] = _write(folder, name, rows.order_by("pk").values().iterator(chunk_size=CHUNK))
        counts["audit"] = _write(folder, "audit", _get_audit(study))
        folder.write_sums("SHA256SUMS")
        record("study.exported_raw", actor=actor, obj=study, new=counts)
    return counts


def _write(folder: Folder, name: str, rows: Iterable[dict[str, Any]]) -> int:
    count = 0
    with folder.open(f"{name}.jsonl") as file:
        for row in rows:
            file.write(json.dumps(row, cls=DjangoJSONEncoder) + "\n")
            count += 1
    return count


def _get_audit(study: Study) -> Iterator[Any]:
    """The audit rows about the rows of the study, table by table; the audit knows them by type and id."""
    for _name, rows in _tables(study):
        kind = rows.model._meta.label_lower  # noqa: SLF001  Django documents it
        keys = rows.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=CHUNK)
        while batch := [str(key) for key in islice(keys, CHUNK)]:
            yield from AuditRow.objects.filter(object_type=kind, object_id__in=batch).order_by("pk").values()


def _tables(study: Study) -> Iterator[tuple[str, QuerySet[Any]]]:
    people = Participant.objects.filter(study=study).exclude(source=PRACTICE)
    conversations = Conversation.objects.filter(study=study).exclude(kind=Conversation.Kind.PRACTICE)
    yield "study", Study.objects.filter(pk=study.pk)
    yield "study_versions", StudyVersion.objects.filter(study=study)
    yield "people", Person.objects.filter(participants__in=people).distinct()
    yield "participants", people
    yield "invites", Invite.objects.filter(study=study)
    yield "consents", Consent.objects.filter(participant__in=people)
    yield "attempts", Attempt.objects.filter(participant__in=people)
    yield "qualifications", Qualification.objects.filter(participant__in=people)
    yield "tickets", Ticket.objects.filter(study=study)
    yield "wait_notes", WaitNote.objects.filter(ticket__study=study)
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
    yield "second_opinions", SecondOpinion.objects.filter(conversation__in=conversations)
    yield "masks", Mask.objects.filter(conversation__in=conversations)
    yield "appeals", Appeal.objects.filter(conversation__in=conversations)
    yield "policies", Policy.objects.filter(verdicts__conversation__in=conversations).distinct()
    yield "campaigns", Campaign.objects.filter(study=study)
    yield "relabel_items", Item.objects.filter(campaign__study=study)
    yield "relabels", Relabel.objects.filter(item__campaign__study=study)
    yield "imports", Import.objects.filter(study=study)
    yield "releases", Release.objects.filter(study=study)
    yield "release_items", ReleaseItem.objects.filter(release__study=study)
    yield "tombstones", Tombstone.objects.filter(study=study)
