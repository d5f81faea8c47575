"""A module beside the chat: who gets it, and what is in it."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from escollect.domain.events import Role
from escollect.domain.strategies import STRATEGIES
from escollect.training.models import Attempt
from escollect.training.selectors import get_reminders, get_tutorial
from tests.support.practices import make_trainee
from tests.support.rooms import make_pair, make_participant, make_study
from tests.web.chat.test_pages import browser_of

pytestmark = pytest.mark.django_db
TUTORIAL = get_tutorial("en")


def address(slug: str) -> str:
    return f"/training/{slug}/reading/"


def test_a_qualified_supporter_reads_every_module_without_its_quiz() -> None:
    browser = browser_of(make_participant(make_study(), Role.SUPPORTER))
    for module in TUTORIAL.modules:
        response = browser.get(address(module.slug))
        html = response.content.decode()
        assert response.status_code == 200
        assert response["Cache-Control"] == "private, no-store"
        assert html.count("<article") == 1
        assert len(re.findall(r'class="bubble ', html)) == sum(len(one.lines) for one in module.examples)
        assert html.count("<dt>") == len(module.mistakes)
        for tag in ("<form", "<input", "<select", "<fieldset", "<html"):
            assert tag not in html


def test_a_trainee_reads_what_is_open_and_nothing_further() -> None:
    trainee = make_participant(make_study(), Role.SUPPORTER, qualified=False)
    browser = browser_of(trainee)
    first, second, third = (module.slug for module in TUTORIAL.modules[:3])
    assert [browser.get(address(slug)).status_code for slug in (first, second)] == [200, 404]
    Attempt.objects.create(
        participant=trainee,
        module=first,
        number=1,
        tutorial_version=TUTORIAL.version,
        seed=1,
        state=Attempt.State.PASSED,
        score=1,
    )
    assert [browser.get(address(slug)).status_code for slug in (first, second, third)] == [200, 200, 404]


def test_who_may_practise_reads_every_module() -> None:
    trainee = make_trainee(make_study())
    assert {browser_of(trainee).get(address(module.slug)).status_code for module in TUTORIAL.modules} == {200}


def test_seekers_strangers_and_unknown_modules_get_nothing() -> None:
    study = make_study()
    seeker, supporter = make_participant(study, Role.SEEKER), make_participant(study, Role.SUPPORTER)
    slug = TUTORIAL.modules[0].slug
    assert browser_of(seeker).get(address(slug)).status_code == 404
    assert Client().get(address(slug)).status_code == 403
    assert browser_of(supporter).get(address("nothing")).status_code == 404
    assert browser_of(supporter).post(address(slug)).status_code == 405


def test_the_room_of_a_supporter_has_the_content_s_reminders_and_a_way_to_every_module() -> None:
    pair = make_pair()
    pair.go_live()
    html = browser_of(pair.supporter).get(f"/chat/{pair.conversation}/").content.decode()
    found = re.findall(r'data-strategy="([^"]+)" data-reminder="([^"]*)" data-module="([^"]*)"', html)
    of_strategy = {module.strategy: module.slug for module in TUTORIAL.modules}
    reminders = get_reminders("en")
    assert found == [(name, reminders[name], of_strategy[name]) for name in STRATEGIES]
    assert re.findall(r'data-reading="([^"]+)"', html) == [module.slug for module in TUTORIAL.modules]


def test_the_room_of_a_seeker_has_nothing_to_read() -> None:
    pair = make_pair()
    pair.go_live()
    html = browser_of(pair.seeker).get(f"/chat/{pair.conversation}/").content.decode()
    assert "data-reading" not in html
    assert "reading.js" not in html
