from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import F

from escollect.conversations.actions import erase
from escollect.conversations.models import Conversation, HelpRequest
from escollect.domain.events import Role
from escollect.infra import jobs
from escollect.quality import actions, tasks
from escollect.quality.actions import jobs as job_actions
from escollect.quality.models import Flag, Policy, QcJob, Verdict
from escollect.quality.selectors import find_imbalance, get_policy
from escollect.studies.models import Study
from tests.quality.rooms import finish, talk
from tests.support.rooms import call_help, make_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    return make_study()


@pytest.fixture
def nudges(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The nudges that were given, instead of a broker."""
    given: list[tuple[str, ...]] = []
    monkeypatch.setattr(jobs, "nudge", lambda name, *args: given.append((name, *args)))
    return given


def rows(conversation: Conversation) -> list[tuple[str, str]]:
    found = Verdict.objects.filter(conversation=conversation).order_by("policy__name")
    return list(found.values_list("policy__name", "outcome"))


def open_jobs() -> int:
    return QcJob.objects.filter(state=QcJob.State.OPEN).count()


def test_the_end_of_a_conversation_owes_one_verdict_a_policy(
    study: Study, nudges: list[tuple[str, ...]]
) -> None:
    conversation = finish(study)
    owed = QcJob.objects.filter(conversation=conversation, state=QcJob.State.OPEN)
    assert sorted(owed.values_list("policy__name", flat=True)) == ["esconv-2021", "failed-esconv-2024"]
    assert ("escollect.quality.tasks.judge_conversation", str(conversation.pk)) in nudges
    assert find_imbalance() is None


def test_a_good_conversation_is_accepted_and_settled(study: Study) -> None:
    conversation = finish(study)
    tasks.judge_conversation(str(conversation.pk))
    conversation.refresh_from_db()
    assert rows(conversation) == [("esconv-2021", "accepted"), ("failed-esconv-2024", "not_selected")]
    assert (conversation.verdict, conversation.decided_by) == ("accepted", "policy")
    assert open_jobs() == 0
    assert find_imbalance() is None


def test_a_short_conversation_is_rejected_with_the_rule_that_says_why(study: Study) -> None:
    conversation = finish(study, turns=6)
    tasks.judge_backlog()
    verdict = Verdict.objects.get(conversation=conversation, policy__name="esconv-2021")
    (rule,) = [one for one in verdict.rules if one["rule"] == "enough_utterances"]
    assert (verdict.outcome, rule) == (
        "rejected",
        {
            "rule": "enough_utterances",
            "value": 6,
            "threshold": 16,
            "held": False,
            "why": "The conversation has 6 utterances. At least 16 is asked for.",
            "evidence": [],
        },
    )


@pytest.mark.parametrize("order", list(itertools.permutations(["judge", "job", "study"])))
def test_judging_again_in_any_order_gives_one_verdict_a_policy(study: Study, order: tuple[str, ...]) -> None:
    conversation = finish(study)
    policy = get_policy("esconv-2021")
    ways: dict[str, Callable[[], Any]] = {
        "judge": lambda: actions.judge([conversation.pk, conversation.pk], policy),
        "job": actions.work_jobs,
        "study": lambda: actions.judge_study(study, policy),
    }
    for way in (*order, *order):
        ways[way]()
    tasks.judge_backlog()
    assert rows(conversation) == [("esconv-2021", "accepted"), ("failed-esconv-2024", "not_selected")]
    assert open_jobs() == 0


def test_a_stored_verdict_is_never_changed(study: Study) -> None:
    conversation = finish(study)
    policy = get_policy("esconv-2021")
    Verdict.objects.create(conversation=conversation, policy=policy, outcome="rejected", rules=[])
    tasks.judge_backlog()
    conversation.refresh_from_db()
    assert rows(conversation)[0] == ("esconv-2021", "rejected")
    assert conversation.verdict == "rejected"


def test_a_job_whose_worker_was_lost_waits_for_its_lease_and_is_done_then(
    study: Study, nudges: list[tuple[str, ...]]
) -> None:
    finish(study)
    taken = job_actions._claim(None)
    assert [job.attempts for job in taken] == [1, 1]
    assert actions.work_jobs() == 0
    assert actions.sweep() == 0
    QcJob.objects.update(lease_until=F("lease_until") - timedelta(minutes=1))
    nudges.clear()
    assert actions.sweep() == 2
    assert nudges == [("escollect.quality.tasks.judge_backlog",)]
    tasks.judge_backlog()
    assert (open_jobs(), Verdict.objects.count()) == (0, 2)


def test_the_sweep_owes_what_finished_while_a_version_was_activated(study: Study) -> None:
    conversation = finish(study)
    QcJob.objects.filter(policy__name="esconv-2021").delete()
    assert find_imbalance() == "1 verdicts are owed and nobody works on them"
    assert (actions.sweep(), find_imbalance()) == (2, None)
    tasks.judge_backlog()
    assert rows(conversation) == [("esconv-2021", "accepted"), ("failed-esconv-2024", "not_selected")]


def test_a_job_that_takes_its_worker_down_three_times_ends_before_a_person(study: Study) -> None:
    conversation = finish(study)
    for _ in range(3):
        job_actions._claim(None)
        QcJob.objects.update(lease_until=None)
    tasks.judge_backlog()
    conversation.refresh_from_db()
    verdict = Verdict.objects.get(conversation=conversation, policy__name="esconv-2021")
    assert rows(conversation) == [("esconv-2021", "needs_review"), ("failed-esconv-2024", "not_selected")]
    assert verdict.error == "The worker was lost three times while it judged this conversation."
    assert conversation.verdict == "needs_review"
    flags = Flag.objects.filter(conversation=conversation, closed_at=None)
    assert sorted(flags.values_list("kind", flat=True)) == ["judging_failed", "needs_review"]


def test_a_policy_that_cannot_be_read_holds_up_no_other(study: Study) -> None:
    conversation = finish(study)
    Policy.objects.filter(name="esconv-2021").update(definition={"rules": "gone"})
    for _ in range(3):
        QcJob.objects.update(lease_until=None)
        actions.work_jobs()
    assert rows(conversation) == [("esconv-2021", "needs_review"), ("failed-esconv-2024", "not_selected")]
    assert "PolicyError" in Verdict.objects.get(policy__name="esconv-2021").error


def test_an_erased_conversation_is_owed_nothing(study: Study) -> None:
    conversation = finish(study)
    erase(conversation)
    tasks.judge_backlog()
    assert (rows(conversation), open_jobs(), find_imbalance()) == ([], 0, None)


def test_what_is_rolled_back_owes_nothing(study: Study) -> None:
    pair = talk(study)
    pair.answer(Role.SEEKER)
    with transaction.atomic():
        pair.answer(Role.SUPPORTER)
        owed = QcJob.objects.count()
        transaction.set_rollback(True)
    assert (owed, QcJob.objects.count()) == (2, 0)


def test_a_study_without_its_policy_still_ends_its_conversations(study: Study) -> None:
    Policy.objects.all().delete()
    conversation = finish(study)
    assert conversation.state == Conversation.State.FINISHED
    assert "There is no policy esconv-2021" in str(find_imbalance())


def test_only_the_deciding_policy_settles(study: Study) -> None:
    conversation = finish(study)
    actions.judge([conversation.pk], get_policy("esconv-2021-literal"))
    conversation.refresh_from_db()
    assert conversation.verdict == ""


def test_no_improvement_is_flagged_for_a_person(study: Study) -> None:
    conversation = finish(study)
    conversation.surveys.filter(participant=conversation.seeker, kind="after").update(
        answers={"final_emotion_intensity": 5, "empathy": 5, "relevance": 5}
    )
    tasks.judge_backlog()
    (flag,) = Flag.objects.filter(conversation=conversation)
    assert (flag.kind, flag.severity, flag.closed_at) == ("needs_review", "warning", None)


def test_calls_for_help_are_flagged_once_until_they_are_closed(study: Study) -> None:
    pair = talk(study)
    seeker = pair.seeker
    for kind in ("unsafe", "unsafe", "tech"):
        HelpRequest.objects.create(
            conversation_id=pair.conversation,
            participant=seeker,
            cid=call_help().cid,
            kind=kind,
            seq=3,
            at=pair.row.created_at,
        )
    actions.sweep()
    actions.sweep()
    found = Flag.objects.order_by("kind").values_list("kind", "severity", "evidence")
    assert list(found) == [("help_tech", "warning", [3]), ("help_unsafe", "urgent", [3, 3])]
    Flag.objects.update(closed_at=F("raised_at"))
    actions.sweep()
    assert Flag.objects.count() == 2


@pytest.mark.parametrize("count", [1, 3])
def test_a_batch_costs_the_same_queries_whatever_its_size(
    study: Study, count: int, django_assert_max_num_queries: Any
) -> None:
    ids = [finish(study).pk for _ in range(count)]
    policy = get_policy("esconv-2021")
    with django_assert_max_num_queries(19):
        actions.judge(ids, policy)
    assert Verdict.objects.count() == count
