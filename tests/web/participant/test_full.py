"""A study that has all it wants says so at the door, before anybody does anything for nothing."""

from __future__ import annotations

import pytest
from django.test import Client

from escollect.conversations.models import Conversation
from escollect.domain.events import Role
from escollect.domain.study import Targets
from escollect.people.models import Participant
from escollect.studies.models import Study
from tests.support.rooms import end, make_pair, make_participant, make_study
from tests.web.participant.visitors import join, make_visitor, text_of

pytestmark = pytest.mark.django_db

FULL = "The study has all the conversations it needs. Thank you."


@pytest.fixture
def full() -> Study:
    study = make_study(targets=Targets(conversations=1))
    pair = make_pair(study).go_live()
    pair.ack(Role.SEEKER, end())
    Conversation.objects.filter(pk=pair.conversation).update(state="finished", verdict="accepted")
    return study


def test_the_entry_page_says_so_and_takes_nobody(full: Study) -> None:
    before = Participant.objects.count()
    for answer in (Client().get(f"/s/{full.slug}/"), Client().post(f"/s/{full.slug}/", {"role": "seeker"})):
        assert answer.status_code == 409
        assert FULL in text_of(answer)
    assert Participant.objects.count() == before


def test_an_invite_leads_to_the_same_words_instead_of_the_consent(full: Study) -> None:
    client, answer = join(full, "seeker")
    assert answer["Location"] == "/consent/"
    page = client.get("/consent/")
    assert page.status_code == 409
    assert FULL in text_of(page)


@pytest.mark.parametrize("role", Role)
def test_who_is_on_the_way_is_sent_to_the_waiting_room_that_says_so(full: Study, role: Role) -> None:
    client = make_visitor(make_participant(full, role, qualified=False))
    assert client.get("/next/")["Location"] == "/lobby/"
    page = client.get("/lobby/")
    assert page.status_code == 200
    assert FULL in page.content.decode()
