"""What came from a file goes the whole way: judged, reviewed, relabelled, released, with its licence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from escollect.accounts.models import User
from escollect.conversations.models import Conversation
from escollect.corpus.actions import import_records, publish
from escollect.corpus.converting import convert
from escollect.domain.dialects import DIALECTS
from escollect.quality.actions import judge_missing, review
from escollect.quality.relabelling import get_candidates
from escollect.quality.selectors import get_study_policies
from tests.corpus.making import failed, open_esconv, record, write

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", sorted(DIALECTS))
def test_an_import_is_judged_reviewed_relabelled_and_released(tmp_path: Path, name: str) -> None:
    study, dialect = open_esconv(), DIALECTS[name]
    unsure = record("the hamster")
    unsure["survey_score"]["seeker"]["final_emotion_intensity"] = "4"
    records = [record("the cat"), failed(), unsure]
    path = tmp_path / f"theirs{dialect.suffix}"
    convert(write(tmp_path / "a.json", records), path, dialect)
    import_records(study, path, licence="CC0-1.0")

    for policy in get_study_policies(study):
        judge_missing(study, policy)
    rows = list(Conversation.objects.order_by("created_at"))
    assert [row.verdict for row in rows] == ["accepted", "rejected", "needs_review"]
    review(
        rows[2], User.objects.create_user("rosa"), "accepted", "Upside down.", {"final_emotion_intensity": 1}
    )
    pool = {str(one.conversation) for one in get_candidates(study)}
    assert {str(rows[0].pk), str(rows[2].pk)} <= pool

    release = publish(study, tmp_path / "out")
    assert (release.licence, study.licence) == ("CC0-1.0", "CC-BY-NC-4.0")
    assert (release.counts["accepted"], release.counts["negative"]) == (2, 1)
    published = json.loads((tmp_path / "out" / "ESConv.json").read_bytes())
    assert {one["conversation_id"] for one in published} == {str(rows[0].pk), str(rows[2].pk)}
    corrected = [one for one in published if one["conversation_id"] == str(rows[2].pk)]
    assert corrected[0]["survey_score"]["seeker"]["final_emotion_intensity"] == "1"
