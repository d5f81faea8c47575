"""A moderator in a third window looks into a conversation, holds it, and stops it for safety."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser import people
from tests.browser.people import Window
from tests.flows.staff import Staff
from tests.flows.story import SEEKER_AFTER, SITUATION
from tests.support.servers import Embedded

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def staff(embedded_server: Embedded) -> Staff:
    return Staff(embedded_server)


@pytest.fixture
def windows(browser: Browser, staff: Staff) -> Iterator[list[Window]]:
    three = [Window(browser, staff.application.url) for _ in range(3)]
    yield three
    for window in three:
        window.close()


def act(page: Page, label: str, reason: str) -> None:
    """Open an act, give a reason, and do it."""
    page.locator("summary", has_text=label).click()
    form = page.locator("details[open] form")
    form.locator("textarea").fill(reason)
    form.get_by_role("button", name=label).click()


def check_accessible(page: Page) -> None:
    assert [one["id"] for one in Axe().run(page).response["violations"]] == []


def test_a_moderator_holds_a_conversation_speaks_and_stops_it(staff: Staff, windows: list[Window]) -> None:
    seeker, supporter, moderator = (window.page for window in windows)
    people.agree(seeker, staff.invite("seeker"))
    people.tell_why(seeker, SITUATION)
    people.agree(supporter, staff.invite("supporter", qualified=True))
    people.meet(seeker, supporter)
    people.say(seeker, "I do not want to wake up tomorrow.", None)
    staff.sign_in(moderator)
    moderator.goto("/desk/live/")
    moderator.get_by_role("link", name="Look in").click()
    expect(moderator.get_by_text("I do not want to wake up tomorrow.")).to_be_visible()
    check_accessible(moderator)

    act(moderator, "Put on hold", "The seeker may be in danger.")
    expect(moderator.get_by_text("The conversation is on hold")).to_be_visible()
    for page in (seeker, supporter):
        expect(page.get_by_role("log").get_by_text("A moderator is looking in")).to_be_visible()
    people.say(supporter, "I am here with you.", "Affirmation and Reassurance")
    people.hear(seeker, "I am here with you.")
    expect(moderator.locator("#live").get_by_text("I am here with you.")).to_be_visible(timeout=15_000)
    act(moderator, "Say something to both", "Somebody calls you now, dear seeker.")
    for page in (seeker, supporter):
        expect(page.get_by_role("log").get_by_text("Somebody calls you now, dear seeker.")).to_be_visible()
        check_accessible(page)

    act(moderator, "Stop for safety", "A friend is with the seeker.")
    for page in (seeker, supporter):
        expect(page.get_by_role("log").get_by_text("was stopped for safety")).to_be_visible()
    people.answer(seeker, SEEKER_AFTER)
    assert [window.wrong for window in windows] == [[], [], []]


def test_who_waits_learns_that_the_study_rests(staff: Staff, windows: list[Window]) -> None:
    waiting, desk = windows[0].page, windows[2].page
    people.agree(waiting, staff.invite("supporter", qualified=True))
    waiting.get_by_role("button", name="Begin waiting").click()
    expect(waiting.get_by_text("You are waiting")).to_be_visible()
    staff.sign_in(desk)
    desk.goto("/desk/studies/esconv/")
    act(desk, "Pause", "The team has lunch.")
    expect(waiting.get_by_text("The study takes a rest")).to_be_visible(timeout=25_000)
    check_accessible(waiting)
    waiting.reload()
    expect(waiting.get_by_text("You are waiting")).to_be_visible()
    expect(waiting.get_by_text("The study takes a rest")).to_be_visible()
    desk.goto("/desk/live/")
    desk.get_by_text("Since the beginning").click()
    expect(desk.locator(".wait-log li")).to_have_count(2)
    desk.goto("/desk/studies/esconv/")
    act(desk, "Open", "Lunch is over.")
    expect(waiting.get_by_text("The study takes a rest")).to_be_hidden(timeout=25_000)
    assert windows[0].wrong == []
