"""No quiz key and no explanation leaves the server before the answer, at whatever address."""

from __future__ import annotations

import html
from collections.abc import Collection, Iterable

import pytest
from django.test import Client

from escollect.domain.quiz import Item
from escollect.people.models import Participant
from escollect.training.actions import answer_question, start_attempt
from escollect.training.models import Answer
from escollect.training.papers import get_paper
from tests.flows.addresses import every_address
from tests.training.trainees import ENGLISH, MODULES, POOL, pass_modules

pytestmark = pytest.mark.django_db
VALUES = {
    "uuid": "6f8f7a52-0d3c-4f07-9a55-5b8a3c2f9f01",
    "str": "words",
    "path": "words",
    "int": "1",
}
TOLD = ("Right answer", "To be marked", "You chose this", "You marked this", "is-right", "is-wrong")
READING = " ".join(path.read_text("utf-8").split("\nquiz:")[0] for path in sorted(ENGLISH.glob("*/*")))


def addresses() -> list[str]:
    """Every address of the application, those of the training for every module."""
    slugs = [*MODULES, "exam", "practice", "demo"]
    return sorted({path for slug in slugs for path in every_address({**VALUES, "slug": slug})})


def secrets_of(items: Iterable[Item]) -> set[str]:
    """The explanations of items, as a page or a payload would hold them."""
    whys = [c.why for item in items for c in item.choices if c.why not in READING]
    return {form for why in whys for form in (why, html.escape(why))}


def crawl(browser: Client, told: Collection[str]) -> int:
    """Ask for every address; how many answered with a page. Only items in `told` may be explained in any."""
    known = {why for item in told for why in secrets_of([POOL[item]])}
    secrets = {why for why in secrets_of(POOL.values()) if not any(why in other for other in known)}
    pages = 0
    for path in addresses():
        response = browser.get(path)
        body = b"".join(response) if response.streaming else response.content
        text = f"{body.decode('utf-8', 'replace')} {response.headers} {response.cookies}"
        assert not [secret for secret in secrets if secret in text], path
        pages += response.status_code == 200
    return pages


@pytest.mark.parametrize("done", [0, 7, len(MODULES)])
def test_no_address_tells_an_answer_before_it_was_given(
    trainee: Participant, browser_of_trainee: Client, done: int
) -> None:
    pass_modules(trainee, done)
    # What was explained after an earlier paper stays explained on its answer page.
    told = {row.item for row in Answer.objects.all()}
    start_attempt(trainee, "exam" if done == len(MODULES) else MODULES[done])

    assert crawl(browser_of_trainee, told) > 10


def test_a_checked_answer_tells_of_its_own_question_only(
    trainee: Participant, browser_of_trainee: Client
) -> None:
    paper = get_paper(start_attempt(trainee, MODULES[0]))
    assert paper is not None
    answer_question(trainee, MODULES[0], paper[0].id, paper[0].key)

    crawl(browser_of_trainee, [paper[0].id])


def test_nothing_shows_that_the_examination_knows_what_is_right(
    trainee: Participant, browser_of_trainee: Client
) -> None:
    pass_modules(trainee)
    for response in (
        browser_of_trainee.get("/training/exam/"),
        browser_of_trainee.post("/training/exam/", {}),
    ):
        text = response.content.decode()
        assert not [word for word in TOLD if word in text]
        assert not [secret for secret in secrets_of(POOL.values()) if secret in text]
