"""The serving process is killed in the middle of a conversation; both windows go on, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import people
from tests.browser.people import Window
from tests.flows.staff import Staff
from tests.flows.story import SEEKER_AFTER, SITUATION, STORY, SUPPORTER_AFTER
from tests.support.servers import Embedded

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(240)]
BEFORE, DURING = 8, 10


@pytest.fixture
def staff(start_embedded: Callable[[], Embedded]) -> Staff:
    return Staff(start_embedded())


@pytest.fixture
def windows(browser: Browser, staff: Staff) -> Iterator[tuple[Window, Window]]:
    pair = Window(browser, staff.application.url), Window(browser, staff.application.url)
    yield pair
    for window in pair:
        window.close()


def line_says(page: Page, state: str) -> None:
    """Wait until the page tells this state of the connection."""
    expect(page.locator("[data-line]")).to_have_attribute("data-state", state, timeout=20_000)


def test_a_killed_server_loses_nothing_that_was_said(staff: Staff, windows: tuple[Window, Window]) -> None:
    server = staff.application
    assert isinstance(server, Embedded)
    pages = {"seeker": windows[0].page, "supporter": windows[1].page}
    people.agree(pages["seeker"], staff.invite("seeker"))
    people.tell_why(pages["seeker"], SITUATION)
    people.agree(pages["supporter"], staff.invite("supporter", qualified=True))
    people.meet(pages["seeker"], pages["supporter"])
    conversation = pages["seeker"].url.rstrip("/").rsplit("/", 1)[-1]
    for role, strategy, text in STORY[:BEFORE]:
        people.say(pages[role], text, strategy)
        for page in pages.values():
            people.hear(page, text)

    server.kill()
    for page in pages.values():
        line_says(page, "waiting")
    for role, strategy, text in STORY[BEFORE:DURING]:
        people.say(pages[role], text, strategy)
    server.start()
    for page in pages.values():
        line_says(page, "connected")
        for _, _, text in STORY[:DURING]:
            people.hear(page, text)

    for role, strategy, text in STORY[DURING:]:
        people.say(pages[role], text, strategy)
        for page in pages.values():
            people.hear(page, text)
    people.end(pages["seeker"])
    people.answer(pages["seeker"], SEEKER_AFTER)
    people.answer(pages["supporter"], SUPPORTER_AFTER)
    found = staff.verdict(conversation)
    assert found["verdict"] == "accepted"
    said = [(event["from"], event["text"]) for event in found["events"] if event["kind"] == "msg"]
    assert sorted(said) == sorted((role, text) for role, _, text in STORY)
    assert said[:BEFORE] == [(role, text) for role, _, text in STORY[:BEFORE]]
