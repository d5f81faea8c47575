"""What is pointed out when a conversation is judged, and what becomes of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from escollect.accounts.models import User
from escollect.conversations.actions import erase
from escollect.conversations.models import Conversation, Outcome
from escollect.domain.events import Role
from escollect.quality import actions, tasks
from escollect.quality.actions import examining
from escollect.quality.actions.closing import close_flag
from escollect.quality.findings import describe_findings, get_findings
from escollect.quality.models import Finding, Fingerprint, Flag, Policy, QcJob, Verdict
from escollect.quality.selectors import get_policy, get_rules
from escollect.studies.models import Study
from tests.quality.examined import LONG, OTHER, RISK, TASK, store
from tests.quality.rooms import agree, finish
from tests.support.rooms import Pair, end, make_pair, make_study, say

pytestmark = pytest.mark.django_db

PASTED = {"keys": 2, "ms": 700, "paste_chars": 90, "blurs": 1}


@pytest.fixture
def study() -> Study:
    return make_study()


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada")


def add_version(findings: dict[str, Any] | str) -> Policy:
    """The next version of the paper's policy, with this to say on findings."""
    definition = {**get_policy("esconv-2021").definition, "findings": findings}
    return actions.add_policy(definition, None)


def activate(findings: dict[str, Any] | str) -> Policy:
    """Such a version at work, everything judged by it."""
    policy = add_version(findings)
    actions.activate_policy(policy, None, "a trial")
    tasks.judge_backlog()
    return policy


def found() -> list[tuple[str, float]]:
    return list(Finding.objects.order_by("pk").values_list("rule", "value"))


def flags(*, closed: bool = False) -> list[tuple[str, str, list[int]]]:
    rows = Flag.objects.filter(closed_at__isnull=not closed).exclude(kind="needs_review")
    return list(rows.order_by("kind").values_list("kind", "severity", "evidence"))


def test_a_room_is_searched_when_it_is_judged_telemetry_and_surveys_included(study: Study) -> None:
    pair: Pair = make_pair(study)
    for participant in (pair.seeker, pair.supporter):
        agree(participant.consents.model(participant=participant, version=study.current))
    pair.go_live()
    pair.ack(Role.SUPPORTER, replace(say("x" * 100, "Information"), tele=PASTED))
    pair.ack(Role.SEEKER, say("I think of suicide"))
    pair.ack(Role.SEEKER, end())
    for role in Role:
        pair.answer(role)
    tasks.judge_backlog()
    at = pair.row.last_seq
    seqs = sorted(
        pair.row.events.filter(kind="msg").values_list("seq", flat=True)  # the numbers of the two utterances
    )
    assert len(seqs) == 2 < at
    assert found() == [("self_harm", 1), ("pasted", 1)]
    assert flags() == [("pasted", "warning", [seqs[0]]), ("self_harm", "urgent", [seqs[1]])]
    evidence = dict(Finding.objects.values_list("rule", "evidence"))
    assert evidence == {"pasted": [{"seq": seqs[0]}], "self_harm": [{"seq": seqs[1], "start": 11, "end": 18}]}


def test_a_finding_changes_neither_the_verdict_nor_what_is_paid(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    calm = finish(study)
    monkeypatch.setattr("tests.quality.rooms.SEEKER", f"{RISK} But not today.")
    risky = finish(study)
    before = list(Outcome.objects.order_by("pk").values())
    tasks.judge_backlog()
    assert Flag.objects.filter(kind="self_harm").values_list("conversation", flat=True)[0] == risky.pk
    verdicts = Verdict.objects.filter(policy__kind="deciding").values_list("conversation", "outcome")
    assert dict(verdicts) == {calm.pk: "accepted", risky.pk: "accepted"}
    assert list(Outcome.objects.order_by("pk").values()) == before


def test_judging_again_finds_and_flags_nothing_twice(study: Study, ada: User) -> None:
    room = store(study, RISK, *TASK)
    tasks.judge_backlog()
    close_flag(Flag.objects.get(kind="task_talk"), ada, "They work in a call centre.", right=False)
    before = (found(), Flag.objects.count())
    actions.judge([room.pk], get_policy("esconv-2021"))
    actions.owe_verdicts(study, [room.pk])
    tasks.judge_backlog()
    assert (found(), Flag.objects.count()) == before == ([("self_harm", 1), ("task_talk", 2)], 2)


def test_what_is_lost_in_between_leaves_neither_a_verdict_nor_a_finding(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = store(study, RISK, LONG)
    policy = get_policy("esconv-2021")

    def fall_over(*_args: object) -> None:
        raise SystemExit("killed")

    with monkeypatch.context() as patched:
        patched.setattr("escollect.quality.actions.judging.raise_flags", fall_over)
        with pytest.raises(SystemExit):
            actions.judge([room.pk], policy)
    assert not Verdict.objects.exists()
    assert not Finding.objects.exists()
    assert not Fingerprint.objects.exists()
    assert QcJob.objects.filter(state=QcJob.State.OPEN).count() == 2
    actions.judge([room.pk], policy)
    assert (found(), Fingerprint.objects.count()) == ([("self_harm", 1)], 1)


def test_a_new_version_finds_by_its_own_thresholds_and_the_old_findings_stay(study: Study) -> None:
    store(study, *TASK)
    tasks.judge_backlog()
    second = activate({"task_talk": {"minimum": 1, "severity": "warning"}})
    rows = Finding.objects.order_by("policy__version").values_list("policy__version", "severity", "threshold")
    assert list(rows) == [(1, "info", 2.0), (second.version, "warning", 1.0)]
    assert [flag[0] for flag in flags()] == ["task_talk"]


def test_flags_that_a_new_version_does_not_stand_by_go_but_for_urgent_and_closed_ones(
    study: Study, ada: User
) -> None:
    for said in (TASK, (RISK,), (*TASK, "What about the survey?")):
        store(study, *said)
    tasks.judge_backlog()
    last = Flag.objects.filter(kind="task_talk").order_by("pk").last()
    assert last is not None
    close_flag(last, ada, "It was so.", right=True)
    activate("off")
    assert [flag[:2] for flag in flags()] == [("self_harm", "urgent")]
    assert [flag[0] for flag in flags(closed=True)] == ["task_talk"]
    assert Finding.objects.count() == 3


def test_a_closed_flag_is_raised_again_only_for_further_utterances(study: Study, ada: User) -> None:
    room = store(study, *TASK)
    tasks.judge_backlog()
    close_flag(Flag.objects.get(kind="task_talk"), ada, "Their work.", right=False)
    activate({"task_talk": {"minimum": 1}})
    assert flags() == []
    Flag.objects.filter(conversation=room).update(evidence=[1])
    activate({"task_talk": {"minimum": 2}})
    assert flags() == [("task_talk", "info", [1, 2])]


def test_a_version_that_comes_to_decide_later_flags_what_it_found_before(study: Study) -> None:
    room = store(study, *TASK)
    second = add_version({"task_talk": {"severity": "urgent"}})
    actions.judge([room.pk], second)
    assert (len(found()), flags()) == (1, [])
    actions.activate_policy(second, None, "sooner")
    assert flags() == [("task_talk", "urgent", [1, 2])]


def test_a_policy_without_findings_looks_for_nothing(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    activate("off")
    monkeypatch.setattr(examining, "look", None)
    store(study, RISK, LONG)
    tasks.judge_backlog()
    assert (found(), flags(), Fingerprint.objects.count()) == ([], [], 0)


def test_an_erased_conversation_leaves_no_finding_and_nothing_that_a_copy_is_found_by(study: Study) -> None:
    room = store(study, RISK, LONG)
    tasks.judge_backlog()
    assert (Finding.objects.count(), Fingerprint.objects.count()) == (1, 1)
    erase(room)
    assert (Finding.objects.count(), Fingerprint.objects.count(), Flag.objects.count()) == (0, 0, 0)
    store(study, LONG)
    tasks.judge_backlog()
    assert found() == []


def test_a_reviewer_reads_findings_with_words_doubt_places_and_flag(study: Study, ada: User) -> None:
    room = store(study, *TASK, RISK)
    tasks.judge_backlog()
    close_flag(Flag.objects.get(kind="self_harm"), ada, "It is about a film.", right=False)
    shown = [one.as_json() for one in get_findings(room)]
    assert [(one["rule"], one["severity"], one["open"], one["right"]) for one in shown] == [
        ("self_harm", "urgent", False, False),
        ("task_talk", "info", True, None),
    ]
    assert shown[1] == {
        "rule": "task_talk",
        "title": "Talk about the task",
        "severity": "info",
        "value": 2.0,
        "comparison": "At least",
        "threshold": 2.0,
        "unit": "utterances",
        "why": "2 utterances speak of the task instead of the problem. It is pointed out from 2 on.",
        "doubt": "Some ask at the end how to leave, and a seeker's own work may be surveys or tasks.",
        "evidence": [{"seq": 1, "start": 10, "end": 25}, {"seq": 2, "start": 15, "end": 25}],
        "open": True,
        "right": None,
    }


def test_findings_are_those_of_the_version_that_decides(study: Study) -> None:
    room = store(study, *TASK)
    assert get_findings(room) == []
    tasks.judge_backlog()
    add_version("off")
    assert [one.severity for one in get_findings(room)] == ["info"]
    activate({"task_talk": {"severity": "warning"}})
    assert [one.severity for one in get_findings(room)] == ["warning"]
    assert get_findings(Conversation.objects.get(pk=room.pk))[0].comparison == "At least"


def test_what_a_policy_points_out_is_described_with_what_it_leaves_out() -> None:
    rules = get_rules(add_version({"abuse": "off", "pasted": {"characters": 30, "above": 4}}))
    words = {one.name: one for one in describe_findings(rules)}
    assert [one.name for one in words.values() if one.off] == ["abuse"]
    pasted = words["pasted"]
    assert (pasted.comparison, pasted.threshold, dict(pasted.options)) == ("More than", 4, {"characters": 30})


@pytest.mark.parametrize("count", [1, 3])
def test_looking_for_copies_costs_the_same_queries_whatever_the_number(
    study: Study, count: int, django_assert_max_num_queries: Any
) -> None:
    store(study, LONG)
    tasks.judge_backlog()
    ids = [store(study, LONG, OTHER, owed=False).pk for _ in range(count)]
    with django_assert_max_num_queries(32):
        actions.judge(ids, get_policy("esconv-2021"))
    assert Finding.objects.filter(rule="copied_between").count() == count
