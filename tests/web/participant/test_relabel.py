"""The participant's side of relabelling: blind, in context, one at a time."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client

from escollect.conversations.models import Event
from escollect.domain.strategies import STRATEGIES
from escollect.people.models import Participant
from escollect.quality.models import Item, Relabel
from escollect.studies.models import Study
from tests.quality.relabels import draw, make_pool, make_supporters
from tests.support.rooms import make_participant
from tests.web.participant.visitors import make_visitor, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def pool(tmp_path: Path) -> Study:
    return make_pool(tmp_path, 2)


@pytest.fixture
def supporter(pool: Study) -> Participant:
    return make_supporters(pool, 1)[0]


def page_of(client: Client) -> str:
    """The page as it came, without what is new in every answer."""
    answer = client.get("/relabel/")
    assert answer.status_code == 200
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())


def task_of(client: Client) -> str:
    found = re.search(r'name="task" value="([^"]+)"', page_of(client))
    assert found
    return found[1]


def test_a_supporter_finds_labels_and_finishes_what_is_asked(pool: Study, supporter: Participant) -> None:
    draw(pool, 2)
    client = make_visitor(supporter)
    for address in ("/me/", "/lobby/"):
        assert "Second opinions are wanted" in text_of(client.get(address))
    assert "You do not see what its author chose" in text_of(client.get("/relabel/"))
    assert client.post("/relabel/begin/").headers["Location"] == "/relabel/"
    for given in range(2):
        assert f"You have given {given} opinion" in text_of(client.get("/relabel/"))
        answer = client.post("/relabel/give/", {"task": task_of(client), "strategy": "Others"})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/relabel/")
    words = text_of(client.get("/relabel/"))
    assert "There is nothing left for you at the moment" in words
    assert "Nothing to do at the moment" in words
    assert "Second opinions are wanted" not in text_of(client.get("/me/"))
    assert list(Relabel.objects.values_list("participant", "strategy")) == [(supporter.pk, "Others")] * 2


def test_nothing_that_reaches_the_reviewer_depends_on_a_label(pool: Study, supporter: Participant) -> None:
    draw(pool, 16)
    client = make_visitor(supporter)
    client.post("/relabel/begin/")
    before = page_of(client)
    Item.objects.update(original="Self-disclosure")
    Event.objects.filter(author="supporter").update(strategy="Self-disclosure")
    assert page_of(client) == before
    shown = re.findall(r'name="strategy" value="([^"]+)"', before)
    assert tuple(shown) == STRATEGIES
    assert "checked" not in before
    row = Relabel.objects.get()
    for secret in (str(row.item_id), str(row.item.campaign_id), str(row.item.conversation_id)):
        assert secret not in before


def test_the_context_ends_with_the_message_in_question(pool: Study, supporter: Participant) -> None:
    draw(pool, 16)
    client = make_visitor(supporter)
    client.post("/relabel/begin/")
    item = Relabel.objects.get().item
    lines = client.get("/relabel/").context["task"].before
    said = Event.objects.filter(conversation=item.conversation_id, kind="msg", seq__lt=item.seq).order_by(
        "seq"
    )
    assert [line.text for line in lines] == list(said.values_list("text", flat=True))[-12:]


def test_every_strategy_has_the_reminder_of_the_tutorial(pool: Study, supporter: Participant) -> None:
    draw(pool, 1)
    client = make_visitor(supporter)
    client.post("/relabel/begin/")
    strategies = client.get("/relabel/").context["strategies"]
    assert [(one["key"], one["value"]) for one in strategies] == list(enumerate(STRATEGIES, 1))
    assert all(one["module"].reminder in text_of(client.get("/relabel/")) for one in strategies)


def test_what_is_left_to_others_and_what_is_wrong_is_said(pool: Study, supporter: Participant) -> None:
    draw(pool, 2)
    client = make_visitor(supporter)
    client.post("/relabel/begin/")
    first = task_of(client)
    client.post("/relabel/give/", {"task": first})
    assert "choose one of the eight" in text_of(client.get("/relabel/"))
    assert task_of(client) == first
    client.post("/relabel/skip/", {"task": first})
    assert task_of(client) != first
    client.post("/relabel/give/", {"task": "nonsense", "strategy": "Others"})
    assert "no longer yours" in text_of(client.get("/relabel/"))
    assert not Relabel.objects.exclude(given_at=None).exists()


def test_nobody_can_answer_for_somebody_else(pool: Study, supporter: Participant) -> None:
    draw(pool, 2)
    mine = make_visitor(supporter)
    mine.post("/relabel/begin/")
    other = make_visitor(make_supporters(pool, 1)[0])
    other.post("/relabel/give/", {"task": task_of(mine), "strategy": "Others"})
    other.post("/relabel/skip/", {"task": task_of(mine)})
    row = Relabel.objects.get(participant=supporter)
    assert (row.given_at, row.skipped_at) == (None, None)


@pytest.mark.parametrize(("role", "qualified"), [("seeker", True), ("supporter", False)])
def test_others_are_sent_to_where_they_stand(pool: Study, role: str, qualified: bool) -> None:
    draw(pool, 2)
    client = make_visitor(make_participant(pool, role, qualified=qualified))
    for method, address in ((client.get, "/relabel/"), (client.post, "/relabel/begin/")):
        answer = method(address)
        assert (answer.status_code, answer.headers["Location"] != "/relabel/") == (303, True)
    assert "Second opinions" not in text_of(client.get("/me/"))
    assert not Relabel.objects.exists()


def test_the_copy_of_ones_own_data_has_the_opinions_given(pool: Study, supporter: Participant) -> None:
    draw(pool, 1)
    client = make_visitor(supporter)
    client.post("/relabel/begin/")
    client.post("/relabel/give/", {"task": task_of(client), "strategy": "Others"})
    row = Relabel.objects.get()
    assert row.given_at is not None
    kept = client.get("/me/data/").json()["second_opinions"]
    assert kept == [{"at": row.given_at.isoformat(), "strategy": "Others"}]
