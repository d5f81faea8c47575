from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from escollect.conversations import actions as rooms
from escollect.corpus.actions import create_release
from escollect.people.actions import invite
from escollect.quality.models import Flag
from escollect.studies.models import Study
from tests.web.desk.conftest import Login
from tests.web.desk.scenes import make_finished, make_participant, make_study, open_room

Make = Callable[[Study], object]


def _flagged(study: Study) -> None:
    room = make_finished(study, 4)
    Flag.objects.create(conversation=room, kind="help_abuse", severity="urgent")


def _open(study: Study) -> None:
    room = open_room(study)
    Flag.objects.create(conversation=room, kind="help_unsafe", severity="urgent")


def _wait(study: Study) -> None:
    rooms.hello(make_participant(study, "seeker"))
    rooms.sweep()


# Page, what makes one more row, and the queries it takes: session, login and roles are three of them.
LISTS: dict[str, tuple[str, Make, int]] = {
    "queue": ("/desk/review/", _flagged, 11),
    "participants": ("/desk/participants/", lambda study: make_participant(study, "supporter"), 8),
    "rooms": ("/desk/live/", _open, 7),
    "waiting": ("/desk/live/", _wait, 8),
    "invites": ("/desk/participants/invites/", lambda study: invite(study, "seeker"), 5),
    "releases": ("/desk/releases/", create_release, 6),
    "studies": (
        "/desk/studies/",
        lambda study: make_study(f"study-{study.versions.model.objects.count()}"),
        4,
    ),
    "overview": ("/desk/", _flagged, 13),
}


@pytest.mark.parametrize("name", LISTS)
def test_more_rows_take_no_more_queries(
    name: str, study: Study, login: Login, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    address, make, queries = LISTS[name]
    client: Client = login("admin")
    for more in (1, 2):
        for _row in range(more):
            make(study)
        with django_assert_num_queries(queries):
            answer = client.get(address)
        assert answer.status_code == 200


def test_a_longer_conversation_takes_no_more_queries(
    study: Study, login: Login, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = login("admin")
    for utterances in (4, 20):
        room = make_finished(study, utterances)
        with django_assert_num_queries(30):
            assert client.get(f"/desk/review/{room.pk}/").status_code == 200


@pytest.mark.parametrize("page", ["/desk/", "/desk/live/", "/desk/review/", "/desk/participants/"])
def test_an_empty_study_says_what_will_be_here(page: str, study: Study, login: Login) -> None:
    text = login("admin").get(page).content.decode()
    assert study.title in text
    assert page == "/desk/" or 'class="empty"' in text


@pytest.mark.parametrize(
    "page",
    [
        "",
        "live/",
        "review/",
        "participants/",
        "participants/invites/",
        "releases/",
        "releases/new/",
        "studies/",
    ],
)
def test_without_a_study_every_page_offers_to_open_one(page: str, login: Login) -> None:
    text = login("admin").get(f"/desk/{page}").content.decode()
    assert "There is no study yet" in text
    assert 'href="/desk/studies/open/"' in text


def test_the_chosen_study_stays_chosen(study: Study, login: Login) -> None:
    other = make_study("second-light")
    client = login("admin")
    assert client.get("/desk/").context["choice"].study == other
    assert client.get(f"/desk/?study={study.slug}").context["choice"].study == study
    assert client.get("/desk/live/").context["choice"].study == study
