"""Campaigns of relabelling over REST."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from escollect.accounts.actions import create_token
from escollect.quality.actions import load_policies
from escollect.quality.models import Item
from escollect.studies.models import Study
from tests.api.conftest import Api
from tests.quality.relabels import label, make_pool, make_supporters

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(tmp_path: Path) -> Study:
    load_policies()
    return make_pool(tmp_path, 2)


@pytest.fixture
def api() -> Api:
    return Api(create_token("rosa", "reviewer"))


def test_a_campaign_is_drawn_labelled_and_adjudicated(study: Study, api: Api) -> None:
    made = api.post(
        "relabels/campaigns/", {"study": "esconv", "title": "First", "size": 2, "gold": 0, "seed": 4}
    )
    assert made.status_code == 201
    campaign = made.json()
    assert {key: campaign[key] for key in ("study", "draw", "seed", "items", "wanted", "given", "open")} == {
        "study": "esconv", "draw": "random", "seed": 4, "items": 2, "wanted": 6, "given": 0, "open": 2,
    }  # fmt: skip
    for who in make_supporters(study, 3):
        for _ in range(2):
            label(who, "Providing Suggestions")
    (row, other) = api.get("relabels/", campaign=campaign["id"]).json()["results"]
    assert (row["state"], row["final"], [one["strategy"] for one in row["opinions"]]) == (
        "adjudication",
        None,
        ["Providing Suggestions"] * 3,
    )
    refused = api.post(f"relabels/{row['id']}/decision/", {"strategy": "Information", "reason": "A fact."})
    assert (refused.status_code, set(refused.json()["fields"])) == (400, {"strategy"})
    decided = api.post(
        f"relabels/{row['id']}/decision/", {"strategy": "Providing Suggestions", "reason": "It offers a way."}
    ).json()
    assert (decided["state"], decided["final"], decided["original"], decided["adjudicated"]) == (
        "final",
        "Providing Suggestions",
        row["original"],
        True,
    )
    waiting = api.get("relabels/", study="esconv", state="adjudication").json()["results"]
    assert [one["id"] for one in waiting] == [other["id"]]
    found = api.get(f"relabels/campaigns/{campaign['id']}/").json()
    assert (found["final"], found["adjudication"], found["changed"]) == (1, 1, 1)
    assert found["agreement"]["confusion"] == {
        original: {name: 3 * count for name, count in row_of(original).items()}
        for original in originals(campaign["id"])
    }
    assert [(one["given"], one["majority"], one["majority_n"]) for one in found["reviewers"]] == [
        (2, 2, 2)
    ] * 3
    listed = api.get("relabels/campaigns/", study="esconv").json()["results"]
    assert [one["id"] for one in listed] == [campaign["id"]]


def originals(campaign: str) -> list[str]:
    return list(Item.objects.filter(campaign=UUID(campaign)).values_list("original", flat=True))


def row_of(original: str) -> dict[str, int]:
    counts = Item.objects.filter(original=original).count()
    names = (
        "Question", "Restatement or Paraphrasing", "Reflection of feelings", "Self-disclosure",
        "Affirmation and Reassurance", "Providing Suggestions", "Information", "Others",
    )  # fmt: skip
    return {name: counts if name == "Providing Suggestions" else 0 for name in names}


def test_a_plan_that_cannot_be_is_refused_by_field(study: Study, api: Api) -> None:
    body = {"study": study.slug, "title": "First", "size": 2, "opinions": 1, "gold": 0}
    refused = api.post("relabels/campaigns/", body)
    assert (refused.status_code, set(refused.json()["fields"])) == (400, {"opinions"})
