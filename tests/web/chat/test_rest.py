"""A study that takes a rest says so to those who wait already, and to those who come."""

from __future__ import annotations

import pytest

from escollect.conversations import actions
from escollect.conversations.models import Lobby
from escollect.domain.events import Role
from escollect.people.models import Participant
from escollect.studies.models import Study
from tests.support.rooms import make_participant, make_study
from tests.web.chat.test_pages import browser_of

pytestmark = pytest.mark.django_db

HERE = "Your place is kept as long as you stay, and your waiting counts."
COMING = "Nobody can begin to wait at the moment."
ENDED = "Stay until your waiting ends by itself: it counts."
OVER = "Nobody is put together any more. Thank you for coming"


def said(participant: Participant) -> tuple[list[str], bool]:
    """The sentences that fragment and page have, and whether the script lets one begin to wait."""
    browser = browser_of(participant)
    fragment = browser.get("/lobby/rest/").content.decode()
    page = browser.get("/lobby/").content.decode()
    found = [text for text in (HERE, COMING, ENDED, OVER) if text in fragment]
    assert found == [text for text in (HERE, COMING, ENDED, OVER) if text in page]
    assert bool(found) == bool(fragment.strip())
    assert "data-start disabled>" in page  # until the script listens
    return found, "data-shut" not in page


@pytest.mark.parametrize(
    ("state", "paused", "waits", "comes"),
    [
        ("open", False, ([], True), ([], True)),
        ("open", True, ([HERE], True), ([HERE], True)),
        ("paused", False, ([HERE], True), ([COMING], False)),
        ("closed", False, ([ENDED], True), ([OVER], False)),
    ],
)
def test_who_waits_and_who_comes_are_told_that_a_study_rests(
    state: str, paused: bool, waits: tuple[list[str], bool], comes: tuple[list[str], bool]
) -> None:
    study = make_study()
    here, late = (make_participant(study, Role.SUPPORTER) for _ in range(2))
    actions.hello(here)
    Lobby.objects.filter(study=study).update(paused=paused)
    Study.objects.filter(pk=study.pk).update(state=state)
    assert (said(here), said(late)) == (waits, comes)


def test_strangers_learn_nothing_of_it() -> None:
    study = make_study()
    assert browser_of(make_participant(study, Role.SUPPORTER)).get("/lobby/rest/").status_code == 200
    stranger = Participant(pk="00000000-0000-4000-8000-000000000000", epoch=1)
    assert b"lobby-card" not in browser_of(stranger).get("/lobby/rest/").content
