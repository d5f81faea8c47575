"""Campaigns of relabelling on the desk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from escollect.quality.models import Campaign, Item
from escollect.quality.relabelling import get_finals
from escollect.studies.models import Study
from tests.quality.relabels import draw, label, make_pool, make_supporters
from tests.web.desk.conftest import Login

FORM = {
    "study": "esconv",
    "title": "First look",
    "draw": "strategy",
    "size": "4",
    "opinions": "3",
    "gold": "1",
}


@pytest.fixture(autouse=True)
def _no_numbers_of_other_tests() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def pool(db: None, tmp_path: Path) -> Study:  # noqa: ARG001
    return make_pool(tmp_path, 2)


@pytest.fixture
def reviewer(login: Login) -> Client:
    return login("reviewer")


@pytest.fixture
def waiting(pool: Study) -> Campaign:
    """Two utterances that everybody calls a suggestion, and nobody else did."""
    campaign = draw(pool, 2)
    for who in make_supporters(pool, 3):
        for _ in range(2):
            label(who, "Providing Suggestions")
    return campaign


def words(answer: object) -> str:
    content = answer.content.decode()  # type: ignore[attr-defined]
    return " ".join(re.sub(r"<[^>]+>", " ", content).split())


def address(campaign: Campaign, *rest: object) -> str:
    return "/".join(["/desk/relabel", str(campaign.pk), *map(str, rest), ""])


def test_an_empty_list_says_what_will_be_there(pool: Study, reviewer: Client) -> None:
    assert "No campaign yet" in words(reviewer.get(f"/desk/relabel/?study={pool.slug}"))


def test_a_campaign_is_drawn_from_its_form(pool: Study, reviewer: Client) -> None:
    assert "About 16 supporter utterances" in words(reviewer.get(f"/desk/relabel/new/?study={pool.slug}"))
    refused = reviewer.post("/desk/relabel/new/", {**FORM, "opinions": "2", "title": ""})
    assert (refused.status_code, set(refused.context["form"].errors)) == (422, {"opinions", "title"})
    made = reviewer.post("/desk/relabel/new/", FORM)
    campaign = Campaign.objects.get()
    assert made.headers["Location"] == address(campaign)
    assert (campaign.draw, campaign.items.count(), campaign.created_by is not None) == ("strategy", 5, True)
    assert "No opinion yet" in words(reviewer.get(address(campaign)))
    assert "First look" in words(reviewer.get("/desk/relabel/"))


def test_a_campaign_shows_progress_agreement_confusion_and_people(
    waiting: Campaign, reviewer: Client
) -> None:
    answer = reviewer.get(address(waiting))
    shown = answer.context
    assert (shown["row"].progress.adjudication, shown["row"].percent) == (2, 100)
    assert [(row.label, row.opinions, row.agreement) for row in shown["strategies"]] == [
        ("Providing Suggestions", 6, "100 %")
    ]
    cells = [(cell.count, cell.heat) for row in shown["confusion"].rows for cell in row.cells if cell.count]
    assert sum(count for count, _heat in cells) == 6
    assert {heat for _count, heat in cells} == {5}
    assert [(one.row.given, one.majority) for one in shown["reviewers"]] == [(2, "100 %")] * 3
    assert "Only one strategy was given" in words(answer)


def test_an_adjudicator_decides_one_after_the_other(waiting: Campaign, reviewer: Client) -> None:
    first, second = waiting.items.order_by("order")
    assert reviewer.get(address(waiting, "next")).headers["Location"] == address(waiting, first.pk)
    page = reviewer.get(address(waiting, first.pk))
    assert [(one["value"], one["count"], one["first"]) for one in page.context["labels"]] == sorted(
        [("Providing Suggestions", 3, False), (first.original, 0, True)],
        key=lambda one: [choice["value"] for choice in page.context["labels"]].index(one[0]),
    )
    refused = reviewer.post(address(waiting, first.pk), {"strategy": "Information", "reason": ""})
    assert (refused.status_code, set(refused.context["form"].errors)) == (422, {"reason"})
    refused = reviewer.post(address(waiting, first.pk), {"strategy": "Information", "reason": "A fact."})
    assert (refused.status_code, set(refused.context["form"].errors)) == (422, {"strategy"})
    decision = {"strategy": "Providing Suggestions", "reason": "It offers a way."}
    assert reviewer.post(address(waiting, first.pk), decision).headers["Location"] == address(
        waiting, second.pk
    )
    assert reviewer.post(address(waiting, second.pk), decision).headers["Location"] == address(waiting)
    assert get_finals([first.conversation_id])[first.conversation_id][first.seq] == "Providing Suggestions"
    again = reviewer.get(address(waiting, first.pk))
    assert "It offers a way." in words(again)
    assert reviewer.get(address(waiting, "next")).headers["Location"] == address(waiting)


def test_a_known_answer_is_given_without_seeing_the_first_label(pool: Study, reviewer: Client) -> None:
    campaign = draw(pool, 2, gold=1)
    gold = campaign.items.get(is_gold=True)
    assert reviewer.get(f"{address(campaign, 'next')}?known=1").headers["Location"] == address(
        campaign, gold.pk
    )
    before = reviewer.get(address(campaign, gold.pk))
    Item.objects.filter(pk=gold.pk).update(original="Self-disclosure")
    after = reviewer.get(address(campaign, gold.pk))
    assert words(after) == words(before)
    assert len(after.context["labels"]) == 8
    reviewer.post(address(campaign, gold.pk), {"strategy": "Others"})
    gold.refresh_from_db()
    assert gold.gold == "Others"


def test_a_guesser_is_set_aside_and_a_campaign_closed_with_a_reason(
    waiting: Campaign, reviewer: Client
) -> None:
    who = waiting.items.first().relabels.first().participant_id  # type: ignore[union-attr]
    aside = address(waiting, "reviewers", who, "set-aside")
    assert reviewer.post(aside, {"reason": ""}).status_code == 422
    reviewer.post(aside, {"reason": "Faster than anybody reads."})
    assert "2 opinions" in words(reviewer.get(address(waiting)))
    assert reviewer.post(address(waiting, "close"), {"reason": ""}).status_code == 422
    reviewer.post(address(waiting, "close"), {"reason": "Enough."})
    assert "2 utterances have too few opinions" in words(reviewer.get(address(waiting)))
    waiting.refresh_from_db()
    assert waiting.state == "closed"


def test_a_researcher_may_look_and_not_decide(waiting: Campaign, login: Login) -> None:
    client = login("researcher")
    item = waiting.items.order_by("order")[0]
    assert client.get(address(waiting)).status_code == 200
    assert client.get("/desk/relabel/").status_code == 200
    assert not client.get(address(waiting, item.pk)).context["decidable"]
    decision = {"strategy": "Providing Suggestions", "reason": "So."}
    assert client.post(address(waiting, item.pk), decision).status_code == 403
    for forbidden in ("/desk/relabel/new/", address(waiting, "next")):
        assert client.get(forbidden).status_code == 403
    assert client.post(address(waiting, "close"), {"reason": "So."}).status_code == 403


@pytest.mark.parametrize("campaigns", [1, 3])
def test_the_list_asks_as_often_for_one_campaign_as_for_three(
    pool: Study, reviewer: Client, campaigns: int
) -> None:
    for _ in range(campaigns):
        draw(pool, 2)
    reviewer.get("/desk/relabel/")
    with CaptureQueriesContext(connection) as asked:
        reviewer.get("/desk/relabel/")
    assert len(asked) == 7
