from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from escollect.audit.models import AuditRow
from escollect.conversations.models import Conversation
from escollect.domain.quality.editing import read_policy_text, write_policy
from escollect.quality import tasks
from escollect.quality.models import Policy, SimulatedChange, Simulation
from escollect.quality.selectors import get_policy
from escollect.studies.models import Study
from tests.web.desk.conftest import Login
from tests.web.desk.scenes import make_finished

PAGE = "/desk/policies/esconv-2021/1/"
NEW = "/desk/policies/new/"


@pytest.fixture
def researcher(login: Login) -> Client:
    return login("researcher")


def words(answer: Any) -> str:
    """The text of a page without tags and needless blanks."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def fields(client: Client, **changed: str) -> dict[str, str]:
    """What the page with the fields sends, with some of it changed."""
    shown = client.get(f"{NEW}?from=esconv-2021").context
    form = shown["form"]
    sent = {name: str(form[name].value()) for name in form.fields}
    return {**sent, "mode": "fields", "base": shown["draft"].base, "action": "save", **changed}


def longer() -> str:
    """The paper's policy as text, asking for eighteen utterances."""
    return write_policy(get_policy("esconv-2021").definition).replace("minimum: 16", "minimum: 18")


@pytest.mark.usefixtures("study")
def test_the_list_says_which_study_every_version_judges(researcher: Client) -> None:
    rows = {str(row.policy): row for row in researcher.get("/desk/policies/").context["rows"]}
    assert {key: [use.study.slug for use in row.uses] for key, row in rows.items()} == {
        "esconv-2021@1": ["first-light"],
        "esconv-2021-literal@1": [],
        "failed-esconv-2024@1": ["first-light"],
    }


@pytest.mark.usefixtures("study")
def test_a_version_is_said_so_that_a_lay_person_can_follow(researcher: Client) -> None:
    text = words(researcher.get(PAGE))
    assert (
        "accepted where the seeker answered the survey after the chat – if all of these hold: "
        "at least 3 of these 4 hold: the seeker gives the supporter at least 3 of 5 for empathy" in text
    )
    assert "The supporter&#x27;s utterances are at least 8 words long on average." in text
    assert "Can be wrong: Somebody who sends each sentence as a message of its own looks brief" in text


@pytest.mark.usefixtures("study")
def test_a_version_that_cannot_be_read_says_so_and_breaks_no_page(researcher: Client) -> None:
    definition = {**get_policy("esconv-2021").definition, "name": "old"}
    definition["rules"] = {**definition["rules"], "charm": {"measure": "charm", "minimum": 3}}
    Policy.objects.create(name="old", version=1, kind="deciding", definition=definition)
    assert "cannot be read" in words(researcher.get("/desk/policies/"))
    shown = words(researcher.get("/desk/policies/old/1/"))
    assert "rules.charm.measure: must be one of finished, utterances" in shown
    edit = researcher.get(f"{NEW}?from=old@1")
    assert [mistake.key for mistake in edit.context["draft"].mistakes] == ["rules.charm.measure"]
    answer = researcher.post("/desk/policies/old/1/activate/", {"reason": "Try.", "instead_of": ""})
    assert answer.status_code == 409
    assert "old@1 cannot judge; nothing was changed." in words(answer)


@pytest.mark.usefixtures("study")
def test_thresholds_are_changed_by_fields_and_stored_as_the_next_version(researcher: Client) -> None:
    changed = {
        "rule-enough_utterances-number": "20",
        "rule-empathy-comparison": "above",
        "rule-empathy-missing": "holds",
        "count-0": "2",
        "finding-abuse-severity": "off",
        "title": "Longer ones",
    }
    answer = researcher.post(NEW, fields(researcher, **changed))
    assert answer["Location"] == "/desk/policies/esconv-2021/2/"
    made, before = get_policy("esconv-2021@2"), get_policy("esconv-2021@1").definition
    utterances = {"measure": "utterances", "minimum": 20, "missing": "fails"}
    empathy = {"measure": "empathy", "above": 3, "missing": "holds"}
    rules = {**before["rules"], "enough_utterances": utterances, "empathy": empathy}
    assert (made.active, made.definition["rules"]) == (False, rules)
    assert made.definition["branches"][2]["if"]["all"][0]["at_least"]["k"] == 2
    assert (made.definition["title"], made.definition["findings"]) == ("Longer ones", {"abuse": "off"})
    assert made.created_by is not None
    assert AuditRow.objects.get(action="policy.added").actor == "staff:researcher"


@pytest.mark.usefixtures("study")
def test_a_wrong_number_is_named_at_its_field_and_nothing_typed_is_lost(researcher: Client) -> None:
    wrong = {"rule-empathy-number": "three", "title": "My own words"}
    answer = researcher.post(NEW, fields(researcher, **wrong))
    form = answer.context["form"]
    assert (answer.status_code, list(form.errors)) == (422, ["rule-empathy-number"])
    assert form["title"].value() == "My own words"
    assert form["rule-empathy-number"].value() == "three"
    assert "Give a number, such as 3 or 2.5." in words(answer)
    assert Policy.objects.count() == 3


@pytest.mark.usefixtures("study")
def test_one_goes_to_the_text_and_back_with_what_was_changed(researcher: Client) -> None:
    sent = fields(researcher, **{"rule-enough_utterances-number": "22", "action": "yaml"})
    shown = researcher.post(NEW, sent).context["text"]["text"].value()
    assert "enough_utterances: {measure: utterances, minimum: 22, missing: fails}" in shown
    back = researcher.post(NEW, {"mode": "yaml", "action": "fields", "text": shown})
    assert back.context["form"]["rule-enough_utterances-number"].value() == "22"


@pytest.mark.usefixtures("study")
def test_mistakes_in_the_text_are_named_by_line_with_the_text_kept(researcher: Client) -> None:
    wrong = longer().replace("minimum: 18", "minimum: many").replace("k: 3", "k: 9")
    answer = researcher.post(NEW, {"mode": "yaml", "action": "save", "text": wrong})
    lines = wrong.splitlines()
    expected = [
        (1 + next(at for at, line in enumerate(lines) if "many" in line), "rules.enough_utterances.minimum"),
        (1 + next(at for at, line in enumerate(lines) if "k: 9" in line), "branches[2].if.all[0].at_least.k"),
    ]
    assert answer.status_code == 422
    assert [(one.line, one.key) for one in answer.context["draft"].mistakes] == expected
    assert answer.context["text"]["text"].value() == wrong
    assert Policy.objects.count() == 3


@pytest.mark.usefixtures("study")
@pytest.mark.parametrize("text", ["", "a: [", "- a list", "name: x\nname: y", "x" * 200_001, "&a [*a]"])
def test_what_is_no_policy_is_refused_with_words(text: str, researcher: Client) -> None:
    answer = researcher.post(NEW, {"mode": "yaml", "action": "save", "text": text})
    draft = answer.context["draft"]
    assert answer.status_code == 422
    assert draft.mistakes or draft.text.errors
    assert Policy.objects.count() == 3


@pytest.mark.usefixtures("study")
@pytest.mark.parametrize("base", ["", "[]", "{", '{"rules": 3}'])
def test_a_page_that_was_tampered_with_stores_nothing(base: str, researcher: Client) -> None:
    answer = researcher.post(NEW, {**fields(researcher), "base": base})
    assert answer.status_code == 422
    assert Policy.objects.count() == 3


def test_a_draft_is_simulated_read_and_activated(study: Study, researcher: Client) -> None:
    room = make_finished(study)
    make_finished(study, utterances=18)
    sent = {"mode": "yaml", "action": "simulate", "text": longer(), "place": study.slug}
    address = researcher.post(NEW, sent)["Location"]
    simulation = Simulation.objects.get()
    assert address == f"/desk/policies/simulations/{simulation.pk}/"
    tasks.run_simulation(str(simulation.pk))
    shown = researcher.get(address)
    assert "1 of 2 conversations would be judged otherwise." in words(shown)
    assert f"/desk/review/{room.pk}/" in shown.content.decode()
    (change,) = SimulatedChange.objects.all()
    assert (change.old, change.new, change.failed) == ("accepted", "rejected", ["enough_utterances"])
    assert shown.context["rules"][0] == ("enough_utterances", 0, 1, 1)
    text = researcher.get(f"{NEW}?simulation={simulation.pk}&as=yaml").context["text"]["text"].value()
    assert read_policy_text(text)[0] == simulation.definition
    researcher.post(NEW, {"mode": "yaml", "action": "save", "text": text})
    given = {"reason": "Longer ones only.", "instead_of": "esconv-2021@1"}
    done = researcher.post("/desk/policies/esconv-2021/2/activate/", given, follow=True)
    assert "esconv-2021@2 judges from now on; 2 conversations are judged again." in words(done)
    tasks.judge_backlog()
    rooms = Conversation.objects.filter(study=study).order_by("utterances")
    assert list(rooms.values_list("verdict", flat=True)) == ["rejected", "accepted"]
    row = AuditRow.objects.get(action="policy.activated")
    assert (row.actor, row.old, row.new, row.why) == (
        "staff:researcher",
        "esconv-2021@1",
        "esconv-2021@2",
        "Longer ones only.",
    )


def test_a_simulation_shows_its_progress_and_one_kind_of_change_alone(
    study: Study, researcher: Client
) -> None:
    make_finished(study)
    data = {"mode": "yaml", "action": "simulate", "text": longer(), "place": study.slug}
    address = researcher.post(NEW, data)["Location"]
    Simulation.objects.update(state="queued", done=0, lease_until=None)
    assert researcher.get(address + "progress/").json() == {"working": True, "done": 0, "total": 1}
    assert "0 of 1" in words(researcher.get(address))
    tasks.run_simulation(Simulation.objects.get().pk.hex)
    assert researcher.get(address + "progress/").json() == {"working": False, "done": 1, "total": 1}
    counts = {
        query: researcher.get(address + query).context["changes"].paginator.count
        for query in ("", "?old=accepted&new=rejected", "?old=rejected&new=accepted", "?old=%00&new=rejected")
    }
    assert counts == {
        "": 1,
        "?old=accepted&new=rejected": 1,
        "?old=rejected&new=accepted": 0,
        "?old=%00&new=rejected": 1,
    }


@pytest.mark.usefixtures("study")
def test_activating_needs_a_reason(researcher: Client) -> None:
    researcher.post(NEW, {"mode": "yaml", "action": "save", "text": longer()})
    answer = researcher.post("/desk/policies/esconv-2021/2/activate/", {"reason": " "})
    assert answer.status_code == 422
    assert "Give a reason." in words(answer)


@pytest.mark.usefixtures("study")
def test_who_activates_second_is_told_and_changes_nothing(researcher: Client, login: Login) -> None:
    for text in (longer(), longer().replace("minimum: 18", "minimum: 19")):
        researcher.post(NEW, {"mode": "yaml", "action": "save", "text": text})
    given = {"reason": "Mine.", "instead_of": "esconv-2021@1"}
    login("admin").post("/desk/policies/esconv-2021/3/activate/", given)
    answer = researcher.post("/desk/policies/esconv-2021/2/activate/", given)
    assert answer.status_code == 409
    assert "esconv-2021@3 is active now; it was esconv-2021@1 when you looked." in words(answer)
    assert get_policy("esconv-2021").version == 3
    assert AuditRow.objects.filter(action="policy.activated").count() == 1


def test_a_study_that_pins_a_version_is_shown_with_it(study: Study, researcher: Client) -> None:
    source = study.versions.get().source.replace("deciding: esconv-2021", "deciding: esconv-2021@1")
    researcher.post("/desk/studies/open/", {"text": source})
    researcher.post(NEW, {"mode": "yaml", "action": "save", "text": longer()})
    new = researcher.get("/desk/policies/esconv-2021/2/")
    assert [(use.study.slug, use.pinned) for use in new.context["shown"].elsewhere] == [("first-light", True)]
    assert "These name a version and stay with it:" in words(new)
    assert "pinned" in words(researcher.get(PAGE))


@pytest.mark.parametrize("role", ["reviewer", "researcher", "admin"])
def test_reviewers_read_and_simulate_and_change_nothing(study: Study, role: str, login: Login) -> None:
    client, allowed = login(role), role != "reviewer"
    assert client.get(PAGE).status_code == 200
    assert client.post(PAGE + "simulate/", {"place": study.slug}).status_code == 302
    assert client.get(NEW).status_code == (200 if allowed else 403)
    given = {"reason": "Again.", "instead_of": "esconv-2021@1"}
    assert client.post(PAGE + "activate/", given).status_code == (302 if allowed else 403)
    assert ("Said to be right" in words(client.get(PAGE))) is (role != "researcher")


@pytest.mark.usefixtures("study")
@pytest.mark.parametrize(
    "path",
    [
        "esconv-2021/9/",
        "nobody/1/",
        "new/?from=nobody",
        "new/?simulation=x",
        f"esconv-2021/{9**30}/",
        "simulations/00000000-0000-4000-8000-000000000000/",
    ],
)
def test_what_is_not_there_is_not_found(path: str, researcher: Client) -> None:
    assert researcher.get(f"/desk/policies/{path}").status_code == 404
