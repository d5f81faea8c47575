"""Practice chats leave no trace in what is counted, judged, listed, published or archived, at any stage."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from escollect.conversations import actions
from escollect.conversations.models import Conversation
from escollect.corpus.actions import export_raw
from escollect.corpus.funnel import get_funnel
from escollect.corpus.models import Tombstone
from escollect.corpus.overview import get_overview, get_targets
from escollect.ops import checks
from escollect.people.models import Participant
from escollect.quality import actions as quality
from escollect.quality.models import Flag, QcJob, Verdict
from escollect.quality.queue import QueueFilter, count_flags, count_waiting, get_flag_kinds, get_queue
from escollect.quality.rooms import get_open_rooms
from escollect.quality.selectors import (
    find_imbalance,
    get_deciding_policy,
    get_judgeable,
    get_tally,
    get_unjudged,
)
from escollect.studies.models import Study
from escollect.training.directory import Wanted, get_directory
from tests.quality.rooms import finish
from tests.support.practices import MOVED, WELL, Practising, make_practice_study, make_trainee, use_scripts

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(monkeypatch: pytest.MonkeyPatch) -> Study:
    """A study with one judged conversation."""
    use_scripts(monkeypatch, MOVED)
    quality.load_policies()
    study = make_practice_study(minimum_utterances=4)
    finish(study)
    quality.work_jobs()
    return study


def count(study: Study) -> dict[str, Any]:
    """Everything that any stage counts or lists of a study; people apart, who come and go by themselves."""
    policy = get_deciding_policy(study)
    return {
        "funnel": [(step.step, step.count) for step in get_funnel(study) if not step.counts_people],
        "overview": get_overview(study),
        "targets": get_targets(study),
        "rooms": [room.conversation for room in get_open_rooms(study)],
        "queue": [row.conversation for row in get_queue(study, QueueFilter()).rows],
        "pending": [row.conversation for row in get_queue(study, QueueFilter(verdict="pending")).rows],
        "waiting": count_waiting(study),
        "flags": (count_flags(study), get_flag_kinds(study), Flag.objects.count()),
        "judgeable": set(get_judgeable(study)),
        "unjudged": set(get_unjudged(study, policy)),
        "tally": get_tally(study, policy).as_json(),
        "jobs": (QcJob.objects.count(), Verdict.objects.count(), find_imbalance()),
        "metrics": (checks._conversations(), checks._verdicts(), checks._tickets(), checks._open_jobs()),
    }


def practise(study: Study) -> tuple[Practising, Practising]:
    """A whole practice chat, and one that goes on."""
    whole = Practising.begin(make_trainee(study))
    whole.reply(WELL)
    return whole, Practising.begin(make_trainee(study))


def test_nothing_that_is_counted_or_listed_changes_by_practice(study: Study) -> None:
    before = count(study)
    whole, live = practise(study)
    actions.sweep()
    quality.sweep()
    quality.work_jobs()
    assert count(study) == before
    assert [pair.row.state for pair in (whole, live)] == ["finished", "live"]


def test_no_policy_judges_a_practice_even_when_told_to(study: Study) -> None:
    whole, _live = practise(study)
    quality.judge([whole.conversation], get_deciding_policy(study))
    assert not Verdict.objects.filter(conversation=whole.conversation).exists()
    assert whole.row.verdict == ""


def test_scripted_seekers_are_nobody_in_the_funnel_the_directory_and_the_metrics(study: Study) -> None:
    people = {step.step: step.count for step in get_funnel(study) if step.counts_people}
    seekers = checks._participants()["seeker"]
    practise(study)
    after = {step.step: step.count for step in get_funnel(study) if step.counts_people}
    assert after == {**people, "arrived": people["arrived"] + 2, "qualified": people["qualified"] + 1}
    assert checks._participants()["seeker"] == seekers
    assert Participant.objects.filter(study=study, source="practice").count() == 2
    assert {person.source for person in get_directory(study, Wanted()).rows} == {"invite"}


def test_a_raw_export_has_the_trainees_and_nothing_of_their_practice(study: Study, tmp_path: Path) -> None:
    whole, live = practise(study)
    counts = export_raw(study, tmp_path / "raw")
    found = "".join(path.read_text("utf-8") for path in (tmp_path / "raw").glob("*.jsonl"))
    assert (counts["conversations"], counts["participants"], counts["people"]) == (1, 4, 4)
    assert str(whole.supporter.pk) in found
    for pair in (whole, live):
        for hidden in (str(pair.conversation), str(pair.row.seeker_id), json.dumps(MOVED.opening)[1:-1]):
            assert hidden not in found


def test_a_withdrawn_trainee_leaves_no_tombstone_of_practice(study: Study) -> None:
    whole, _live = practise(study)
    actions.forget(whole.supporter)
    assert whole.row.state == "erased"
    assert not Tombstone.objects.exists()
    assert Conversation.objects.filter(kind="practice").count() == 2
