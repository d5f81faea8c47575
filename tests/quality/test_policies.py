from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from escollect.audit.models import AuditRow
from escollect.domain.quality.reading import PolicyError, read_policy
from escollect.quality import actions, tasks
from escollect.quality.models import Policy, QcJob, Verdict
from escollect.quality.reasons import get_failed_rules
from escollect.quality.selectors import PolicyUnknown, get_policy, get_study_policies
from escollect.studies.actions import open_study
from escollect.studies.models import Study
from tests.quality.rooms import finish
from tests.support.rooms import make_study

pytestmark = pytest.mark.django_db

STUDY_FILE = Path(__file__).parents[2] / "fixtures" / "studies" / "esconv.yaml"


@pytest.fixture
def study() -> Study:
    return make_study()


def longer(minimum: int) -> dict[str, Any]:
    """The paper's policy with another minimum of utterances."""
    definition = deepcopy(get_policy("esconv-2021").definition)
    definition["rules"]["enough_utterances"]["minimum"] = minimum
    return dict(definition)


def test_the_policies_that_come_with_the_code_are_loaded_once() -> None:
    assert actions.load_policies() == []
    found = Policy.objects.order_by("name").values_list("name", "version", "kind", "active")
    assert list(found) == [
        ("esconv-2021", 1, "deciding", True),
        ("esconv-2021-literal", 1, "deciding", True),
        ("failed-esconv-2024", 1, "selecting", True),
    ]


def test_a_study_is_judged_by_its_deciding_policy_and_its_selecting_ones(study: Study) -> None:
    assert [str(policy) for policy in get_study_policies(study)] == ["esconv-2021@1", "failed-esconv-2024@1"]


@pytest.mark.parametrize("name", ["nobody", "esconv-2021@7", "esconv-2021@x", ""])
def test_an_unknown_policy_is_said_with_those_there_are(name: str) -> None:
    with pytest.raises(PolicyUnknown, match=r"Known are: esconv-2021@1, "):
        get_policy(name)


def test_a_new_version_judges_everything_again_and_leaves_old_verdicts(study: Study) -> None:
    conversation = finish(study)
    tasks.judge_backlog()
    policy = actions.add_policy(longer(20), None)
    assert (policy.version, policy.active, get_policy("esconv-2021").version) == (2, False, 1)
    assert actions.activate_policy(policy, None, "longer ones only") == 1
    tasks.judge_backlog()
    found = Verdict.objects.filter(policy__name="esconv-2021").order_by("policy__version")
    assert list(found.values_list("policy__version", "outcome")) == [(1, "accepted"), (2, "rejected")]
    conversation.refresh_from_db()
    assert conversation.verdict == "rejected"
    row = AuditRow.objects.get(action="policy.activated")
    assert (row.old, row.new, row.why) == ("esconv-2021@1", "esconv-2021@2", "longer ones only")


def test_going_back_to_an_old_version_settles_by_its_verdicts(study: Study) -> None:
    conversation = finish(study)
    tasks.judge_backlog()
    actions.activate_policy(actions.add_policy(longer(20), None), None)
    tasks.judge_backlog()
    assert actions.activate_policy(get_policy("esconv-2021@1"), None) == 0
    conversation.refresh_from_db()
    assert conversation.verdict == "accepted"


def test_people_read_the_reasons_of_the_policy_that_decides_and_not_of_a_later_one(study: Study) -> None:
    conversation = finish(study, turns=6)
    tasks.judge_backlog()
    policy = get_policy("esconv-2021-literal")
    rules = [{"rule": "empathetic", "held": False}]
    Verdict.objects.create(conversation=conversation, policy=policy, outcome="rejected", rules=rules)
    assert get_failed_rules([conversation.pk]) == {conversation.pk: ["utterances"]}


def test_a_policy_with_mistakes_is_not_added() -> None:
    with pytest.raises(PolicyError, match="branches"):
        actions.add_policy({**longer(20), "branches": []}, None)
    with pytest.raises(PolicyError, match="esconv-2021 is deciding"):
        actions.add_policy({**get_policy("failed-esconv-2024").definition, "name": "esconv-2021"}, None)
    assert Policy.objects.count() == 3


def test_a_deciding_policy_of_another_name_is_compared_with_the_one_that_decides(study: Study) -> None:
    conversation = finish(study)
    finish(study, turns=18)
    tasks.judge_backlog()
    found = actions.simulate(read_policy({**longer(18), "name": "another"}), study)
    assert [(change.old, change.new) for change in found.changes] == [("accepted", "rejected")]
    assert conversation.pk in {change.conversation for change in found.changes}


def test_simulation_says_what_activation_then_stores(study: Study) -> None:
    finish(study)
    finish(study, turns=18)
    tasks.judge_backlog()
    before = Verdict.objects.count()
    found = actions.simulate(read_policy(longer(18)), study)
    assert Verdict.objects.count() == before
    assert (found.conversations, found.changed, dict(found.outcomes)) == (
        2,
        1,
        {"rejected": 1, "accepted": 1},
    )
    actions.activate_policy(actions.add_policy(longer(18), None), None)
    tasks.judge_backlog()
    stored = Verdict.objects.filter(policy__name="esconv-2021", policy__version=2)
    changed = dict(stored.filter(outcome="rejected").values_list("conversation_id", "outcome"))
    assert changed == {change.conversation: change.new for change in found.changes}
    assert [change.failed for change in found.changes] == [("enough_utterances",)]


@pytest.mark.parametrize(
    ("line", "other", "why"),
    [
        ("deciding: esconv-2021", "deciding: house-rule", "There is no policy house-rule"),
        ("deciding: esconv-2021", "deciding: failed-esconv-2024", "one deciding policy"),
    ],
)
def test_a_study_that_names_a_wrong_policy_does_not_open(line: str, other: str, why: str) -> None:
    text = STUDY_FILE.read_text("utf-8")
    assert line in text
    with pytest.raises(ValueError, match=why):
        open_study(text.replace(line, other), None)
    assert not Study.objects.exists()


def test_a_study_that_changes_its_policy_is_judged_by_the_new_one() -> None:
    text = STUDY_FILE.read_text("utf-8")
    study = open_study(text, None).study
    finish(study)
    tasks.judge_backlog()
    open_study(text.replace("deciding: esconv-2021", "deciding: esconv-2021-literal"), None)
    assert QcJob.objects.filter(state="open", policy__name="esconv-2021-literal").count() == 1
