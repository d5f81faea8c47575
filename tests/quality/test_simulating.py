"""Simulations: they say what activation then stores, and survive what workers do not."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from escollect.conversations.models import Conversation
from escollect.domain.quality.reading import PolicyError, read_policy
from escollect.domain.transcript import SEEKER, SUPPORTER, Transcript, Utterance
from escollect.infra import jobs
from escollect.quality import actions, tasks
from escollect.quality.actions import simulating, simulation_jobs
from escollect.quality.models import Policy, SimulatedChange, Simulation, Verdict
from escollect.quality.selectors import get_policy, get_sources
from escollect.studies.actions import open_study
from escollect.studies.models import Study
from tests.quality.imported import add_import, add_transcripts
from tests.support.rooms import make_study

pytestmark = pytest.mark.django_db

STUDY_FILE = Path(__file__).parents[2] / "fixtures" / "studies" / "esconv.yaml"


@pytest.fixture
def study() -> Study:
    return make_study()


@pytest.fixture
def nudges(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The nudges that were given, instead of a broker."""
    given_: list[tuple[str, ...]] = []
    monkeypatch.setattr(jobs, "nudge", lambda name, *args: given_.append((name, *args)))
    return given_


def longer(minimum: int) -> dict[str, Any]:
    """The paper's policy with another minimum of utterances."""
    definition = deepcopy(get_policy("esconv-2021").definition)
    definition["rules"]["enough_utterances"]["minimum"] = minimum
    return dict(definition)


def judged(study: Study, lengths: list[int], source: str = "one.json") -> list[UUID]:
    """Conversations of these lengths, judged by the active policies."""
    ids = add_import(study, source, lengths)
    actions.judge_missing(study, get_policy("esconv-2021"))
    return ids


def changes(simulation: Simulation) -> dict[UUID, tuple[str, str]]:
    rows = SimulatedChange.objects.filter(simulation=simulation)
    return {row.conversation_id: (row.old, row.new) for row in rows}


def test_a_simulation_counts_old_and_new_rule_by_rule(study: Study) -> None:
    ids = judged(study, [10, 16, 18])
    made = actions.start_simulation(longer(18), study, None)
    tasks.run_simulation(str(made.pk))
    made.refresh_from_db()
    assert (made.state, made.done, made.total, str(made.against)) == ("ready", 3, 3, "esconv-2021@1")
    assert made.result == {
        "conversations": 3,
        "outcomes": {"accepted": 1, "rejected": 2},
        "by_rule": {"enough_utterances": 2},
        "by_rule_before": {"enough_utterances": 1},
        "flipped": {"enough_utterances": 1},
        "table": {"accepted": {"accepted": 1, "rejected": 1}, "rejected": {"rejected": 1}},
        "changed": 1,
        "decided": 0,
    }
    (change,) = SimulatedChange.objects.all()
    assert (change.conversation_id, change.old, change.new, change.failed, change.flipped) == (
        ids[1],
        "accepted",
        "rejected",
        ["enough_utterances"],
        ["enough_utterances"],
    )


def test_only_the_import_that_was_asked_for_is_looked_at(study: Study) -> None:
    judged(study, [16, 16], "one.json")
    judged(study, [16], "two.json")
    assert get_sources(study) == [("one.json", 2), ("two.json", 1)]
    found = actions.simulate(read_policy(longer(18)), study, source="two.json")
    assert (found.conversations, found.changed) == (1, 1)


def test_what_a_person_decided_is_counted_apart(study: Study) -> None:
    ids = judged(study, [16, 16])
    Conversation.objects.filter(pk=ids[0]).update(verdict="accepted", decided_by="review")
    found = actions.simulate(read_policy(longer(18)), study)
    assert (found.changed, found.decided) == (2, 1)
    assert {change.conversation: change.decided for change in found.changes} == {
        ids[0]: "accepted",
        ids[1]: "",
    }


def test_a_study_that_pins_a_version_is_compared_with_that_one() -> None:
    source = STUDY_FILE.read_text("utf-8").replace("deciding: esconv-2021", "deciding: esconv-2021@1")
    study = open_study(source, None).study
    judged(study, [16])
    assert actions.activate_policy(actions.add_policy(longer(40), None), None) == 0
    assert Verdict.objects.filter(policy__version=2).count() == 0
    found = actions.simulate(read_policy(longer(16)), study)
    assert (found.table, found.changed) == ({"accepted": {"accepted": 1}}, 0)


def test_a_selecting_policy_is_compared_with_the_version_of_its_name(study: Study) -> None:
    add_import(study, "one.json", [16], empathy=1)
    actions.judge_missing(study, get_policy("failed-esconv-2024"))
    found = actions.simulate(read_policy(get_policy("failed-esconv-2024").definition), study)
    assert (found.table, found.changed) == ({"selected": {"selected": 1}}, 0)


def test_a_definition_with_mistakes_is_not_simulated(study: Study) -> None:
    definition = longer(16)
    definition["rules"]["charm"] = {"measure": "charm"}
    with pytest.raises(PolicyError, match=r"charm\.measure: must be one of"):
        actions.start_simulation(definition, study, None)
    assert not Simulation.objects.exists()


def test_a_lost_worker_is_replaced_and_nothing_is_counted_twice(
    study: Study, monkeypatch: pytest.MonkeyPatch, nudges: list[tuple[str, ...]]
) -> None:
    judged(study, [16] * 5)
    monkeypatch.setattr(simulation_jobs, "BATCH", 2)
    made = actions.start_simulation(longer(18), study, None)
    whole = simulating.look

    def die(*args: Any) -> Iterator[Any]:
        if Simulation.objects.get().done >= 2:
            raise KeyboardInterrupt
        return whole(*args)

    monkeypatch.setattr(simulation_jobs, "look", die)
    with pytest.raises(KeyboardInterrupt):
        actions.run_simulation(made.pk)
    made.refresh_from_db()
    assert (made.state, made.done, len(changes(made))) == ("running", 2, 2)
    assert not actions.run_simulation(made.pk)
    nudges.clear()
    actions.sweep()
    assert nudges == []
    Simulation.objects.update(lease_until=F("lease_until") - timedelta(minutes=2))
    actions.sweep()
    assert nudges == [("escollect.quality.tasks.run_simulation", str(made.pk))]
    monkeypatch.setattr(simulation_jobs, "look", whole)
    assert actions.run_simulation(made.pk)
    made.refresh_from_db()
    assert (made.state, made.result["changed"], len(changes(made))) == ("ready", 5, 5)


def test_a_worker_that_was_given_up_stops_when_another_has_taken_over(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged(study, [16] * 3)
    made = actions.start_simulation(longer(18), study, None)
    whole = simulating.look

    def overtaken(*args: Any) -> Iterator[Any]:
        Simulation.objects.update(attempts=F("attempts") + 1)
        return whole(*args)

    monkeypatch.setattr(simulation_jobs, "look", overtaken)
    assert not actions.run_simulation(made.pk)
    assert changes(made) == {}


def test_the_third_loss_ends_a_simulation_with_words(study: Study) -> None:
    made = actions.start_simulation(longer(18), study, None)
    Simulation.objects.update(state="running", attempts=3, lease_until=None)
    assert actions.run_simulation(made.pk)
    made.refresh_from_db()
    assert (made.state, made.error) == (
        "failed",
        "The worker was lost three times. Nothing was changed; start the simulation again.",
    )


def test_simulations_of_a_month_ago_are_forgotten(study: Study) -> None:
    old = actions.start_simulation(longer(18), study, None)
    tasks.run_simulation(str(old.pk))
    actions.start_simulation(longer(19), study, None)
    Simulation.objects.filter(pk=old.pk).update(created_at=F("created_at") - timedelta(days=31))
    actions.sweep()
    assert [one.definition["rules"]["enough_utterances"]["minimum"] for one in Simulation.objects.all()] == [
        19
    ]


scores = st.none() | st.integers(1, 5)
texts = st.integers(1, 14).map(lambda count: " ".join(["word"] * count))
utterances = st.lists(
    st.tuples(st.sampled_from([SEEKER, SUPPORTER]), texts, scores), min_size=1, max_size=22
).map(
    lambda said: tuple(
        Utterance(role, text, None if role == SEEKER else "Others", stars if role == SEEKER else None)
        for role, text, stars in said
    )
)
transcripts = st.builds(
    Transcript,
    id=st.just("made"),
    finished=st.just(True),
    utterances=utterances,
    initial_intensity=scores,
    final_intensity=scores,
    empathy=scores,
    relevance=scores,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    made=st.lists(transcripts, min_size=1, max_size=8),
    minimum=st.integers(1, 24),
    stars=st.integers(1, 5),
    k=st.integers(1, 4),
)
def test_simulation_says_conversation_by_conversation_what_activation_stores(
    study: Study, made: list[Transcript], minimum: int, stars: int, k: int
) -> None:
    add_transcripts(study, "made.json", made)
    actions.judge_missing(study, get_policy("esconv-2021"))
    definition = longer(minimum)
    definition["rules"]["last_two_feedback"]["minimum"] = stars
    definition["branches"][2]["if"]["all"][0]["at_least"]["k"] = k
    simulation = actions.start_simulation(definition, study, None)
    actions.run_simulation(simulation.pk)
    old = dict(_outcomes(get_policy("esconv-2021")))
    new = actions.add_policy(definition, None)
    actions.activate_policy(new, None)
    while actions.work_jobs():
        pass
    stored = dict(_outcomes(new))
    assert stored.keys() == old.keys()
    assert changes(simulation) == {key: (old[key], stored[key]) for key in old if old[key] != stored[key]}
    simulation.refresh_from_db()
    tally = actions.judge_study(study, new).as_json()
    assert simulation.result["by_rule"] == {rule: n for rule, n in tally["by_rule"].items() if n}


def _outcomes(policy: Policy) -> Iterator[tuple[UUID, str]]:
    yield from Verdict.objects.filter(policy=policy).values_list("conversation_id", "outcome")


def test_changes_come_in_pages_without_gap(study: Study) -> None:
    judged(study, [16] * 5)
    rules = read_policy(longer(18))
    whole = actions.simulate(rules, study).changes
    pages = [actions.simulate(rules, study, 2, offset=at).changes for at in range(0, 6, 2)]
    assert [change for page in pages for change in page] == whole
