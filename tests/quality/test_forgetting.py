from __future__ import annotations

from copy import deepcopy

import pytest

from escollect.accounts.models import User
from escollect.conversations.actions import erase
from escollect.conversations.models import Conversation
from escollect.domain.events import Role
from escollect.quality import actions, tasks
from escollect.quality.actions.judging import store
from escollect.quality.models import Flag, QcJob, Review, Verdict
from escollect.quality.queue import count_flags
from escollect.quality.selectors import find_imbalance, get_policy
from escollect.studies.models import Study
from tests.quality.rooms import finish, talk
from tests.support.rooms import call_help, make_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    return make_study()


@pytest.fixture
def judged(study: Study) -> Conversation:
    made = finish(study)
    tasks.judge_backlog()
    return made


def test_an_erased_conversation_keeps_its_outcomes_and_no_value_sentence_or_reason(
    judged: Conversation,
) -> None:
    quote = "They wrote that it has been like this for months."
    actions.review(
        judged, User.objects.create_user("rosa"), "rejected", quote, {"final_emotion_intensity": 1}
    )
    Verdict.objects.filter(policy__name="failed-esconv-2024").update(error="ValueError: some words")
    erase(judged)
    verdicts = Verdict.objects.order_by("policy__name").values_list("outcome", "rules", "error")
    assert list(verdicts) == [("accepted", [], ""), ("not_selected", [], "")]
    assert list(Review.objects.values_list("decision", "reason", "corrections")) == [("rejected", "", {})]


def test_a_simulation_keeps_its_counts_and_nothing_of_an_erased_conversation(
    study: Study, judged: Conversation
) -> None:
    definition = deepcopy(get_policy("esconv-2021").definition)
    definition["rules"]["enough_utterances"]["minimum"] = 90
    made = actions.start_simulation(definition, study, None)
    tasks.run_simulation(str(made.pk))
    assert list(made.changes.values_list("conversation", flat=True)) == [judged.pk]
    erase(judged)
    made.refresh_from_db()
    assert (made.result["changed"], made.changes.count()) == (1, 0)


def test_nobody_is_asked_to_look_at_an_erased_conversation(study: Study) -> None:
    pair = talk(study)
    pair.ack(Role.SEEKER, call_help("unsafe"))
    actions.sweep()
    pair.ack(Role.SUPPORTER, call_help("abuse"))
    assert count_flags(study) == {"urgent": 1}
    erase(pair.conversation)
    actions.sweep()
    assert (count_flags(study), Flag.objects.count()) == ({}, 1)


def test_what_was_erased_while_it_was_judged_gets_no_verdict_and_owes_none(study: Study) -> None:
    made = finish(study)
    policy = get_policy("esconv-2021")
    late = Verdict(
        conversation=made, policy=policy, outcome="accepted", rules=[{"rule": "empathy", "value": 5}]
    )
    erase(made)
    store([late], policy)
    assert not Verdict.objects.exists()
    assert not QcJob.objects.filter(state=QcJob.State.OPEN).exists()
    assert find_imbalance() is None
