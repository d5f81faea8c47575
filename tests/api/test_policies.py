"""Policies over REST: simulating an import in pages, and making a version the one that judges."""

from __future__ import annotations

from typing import Any

import pytest

from escollect.audit.models import AuditRow
from escollect.quality.models import Policy
from escollect.quality.selectors import get_policy
from tests.api.conftest import World
from tests.quality.imported import add_import

pytestmark = pytest.mark.django_db


def stricter(minimum: int) -> dict[str, Any]:
    """The paper's policy with another minimum of utterances."""
    definition: dict[str, Any] = get_policy("esconv-2021").definition
    rules = {**definition["rules"], "enough_utterances": {"measure": "utterances", "minimum": minimum}}
    return {**definition, "rules": rules}


def test_an_import_is_simulated_alone_and_its_changes_come_in_pages(world: World) -> None:
    add_import(world.study, "corpus.json", [16] * 5)
    asked = {"study": "calm", "source": "corpus.json", "definition": stricter(40)}
    whole = world.api("reviewer").post("policies/simulate/", asked).json()
    assert (whole["conversations"], whole["changed"], whole["table"]) == (5, 5, {"": {"rejected": 5}})
    pages = [
        world.api("reviewer").post("policies/simulate/", {**asked, "limit": 2, "offset": offset}).json()
        for offset in (0, 2, 4, 6)
    ]
    assert [len(page["changes"]) for page in pages] == [2, 2, 1, 0]
    assert [change for page in pages for change in page["changes"]] == whole["changes"]
    none = world.api("reviewer").post("policies/simulate/", {**asked, "source": "other.json"}).json()
    assert (none["conversations"], none["changes"]) == (0, [])


def test_a_version_is_activated_with_a_reason_against_what_was_seen(world: World) -> None:
    api = world.api("researcher")
    api.post("policies/", {"definition": stricter(40)})
    body = {"policy": "esconv-2021@2", "reason": "Longer ones only.", "instead_of": "esconv-2021@1"}
    done = api.post("policies/activate/", body)
    assert (done.status_code, done.json()["version"], done.json()["active"], done.json()["owed"]) == (
        200,
        2,
        True,
        1,
    )
    row = AuditRow.objects.get(action="policy.activated")
    assert (row.actor, row.old, row.new, row.why) == (
        "staff:the-researcher",
        "esconv-2021@1",
        "esconv-2021@2",
        "Longer ones only.",
    )
    late = api.post("policies/activate/", {**body, "policy": "esconv-2021@1"})
    assert late.status_code == 400
    assert "esconv-2021@2 is active now; it was esconv-2021@1" in late.json()["fields"]["policy"][0]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"reason": "Why."}, "policy"),
        ({"policy": "esconv-2021@1"}, "reason"),
        ({"policy": "esconv-2021", "reason": "Why."}, "policy"),
        ({"policy": "esconv-2021@9", "reason": "Why."}, "policy"),
        ({"policy": "esconv-2021@1", "reason": "Why.", "reasons": "?"}, "reasons"),
    ],
)
def test_what_cannot_be_activated_is_said(body: dict[str, str], field: str, world: World) -> None:
    answer = world.api("admin").post("policies/activate/", body)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    assert Policy.objects.filter(active=True).count() == 3
