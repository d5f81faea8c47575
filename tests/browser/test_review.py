"""The review desk in real browsers: a conversation by keyboard alone, and two reviewers at once."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from tests.support.chromium import open_chromium
from tests.support.servers import Embedded

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(300)]

ROOM = re.compile(r"/desk/review/[0-9a-f-]{36}/")
SECONDS = float(os.environ.get("ESCOLLECT_CLAIM_SECONDS", "6"))
"""How long two browsers claim at once; a minute where somebody asks for it."""


@pytest.fixture(scope="module")
def demo(embedded_server: Embedded) -> dict[str, Any]:
    """The demo with a second reviewer and a conversation that has times."""
    done = embedded_server.manage("demo_setup")
    timed = embedded_server.run_module("tests.browser.timed_room")
    return {"url": embedded_server.url, **done["logins"], **timed}


def open_window(browser: Browser, demo: dict[str, Any], wrong: list[str]) -> BrowserContext:
    def note(said: ConsoleMessage) -> None:
        if said.type == "error" and not re.search(r"\b(409|422)\b", said.text):
            wrong.append(said.text)

    context = browser.new_context(
        reduced_motion="reduce", base_url=demo["url"], viewport={"width": 1280, "height": 900}
    )
    context.set_default_timeout(60_000)
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    context.on("console", note)
    return context


def sign_in(page: Page, demo: dict[str, Any], role: str) -> None:
    page.goto("/desk/login/")
    expect(page.get_by_label("Username")).to_be_focused()
    page.keyboard.type(role)
    page.keyboard.press("Tab")
    page.keyboard.type(demo[role])
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/")


@pytest.fixture
def ada(browser: Browser, demo: dict[str, Any]) -> Iterator[Page]:
    """A reviewer at the queue; nothing may go wrong in the console."""
    wrong: list[str] = []
    context = open_window(browser, demo, wrong)
    page = context.new_page()
    sign_in(page, demo, "reviewer")
    page.goto("/desk/review/?study=demo")
    yield page
    context.close()
    assert wrong == []


def check(page: Page) -> None:
    """The accessibility rules find nothing, and nothing sticks out."""
    violations = Axe().run(page).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in violations] == [], page.url
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), f"{page.url} is too wide"


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def arrive(page: Page, before: str = "") -> str:
    """Wait for another conversation that is claimed; its address without the filters."""
    page.wait_for_function(
        "before => location.pathname !== before && location.pathname.length > 40", arg=before
    )
    expect(page.locator("[data-claim-note]")).to_have_text("With you while this page is open")
    return str(page.evaluate("location.pathname"))


def test_a_conversation_is_read_marked_and_decided_by_keyboard_alone(ada: Page) -> None:
    check(ada)
    press(ada, "t")
    first = arrive(ada)
    check(ada)
    press(ada, "?")
    expect(ada.get_by_role("dialog", name="Keys")).to_be_visible()
    check(ada)
    press(ada, "Escape", "j", "j")
    expect(ada.locator("[data-utterance]").nth(1)).to_be_focused()
    press(ada, "h")
    expect(ada.get_by_role("dialog", name="Hide words")).to_be_visible()
    expect(ada.locator("[data-words] input").first).to_be_focused()
    check(ada)
    press(ada, "Space", "Shift+ArrowRight", "Enter")
    expect(ada.locator("[data-utterance]").nth(1).locator(".masked").first).to_be_visible()
    expect(ada.locator("[data-utterance]").nth(1)).to_be_focused()
    expect(ada.locator("[data-claim-note]")).to_have_text("With you while this page is open")
    press(ada, "r", "2")
    expect(ada.get_by_label("Small talk, or talk about the task")).to_be_checked()
    check(ada)
    press(ada, "w")
    ada.keyboard.type("They only spoke about the weather.")
    press(ada, "Control+Enter")
    second = arrive(ada, first)
    expect(ada.get_by_text("is rejected now.")).to_be_visible()
    check(ada)
    press(ada, "u")
    assert arrive(ada, second) == first
    expect(ada.get_by_role("status").filter(has_text="Undone")).to_be_visible()


def test_a_reviewer_who_is_not_sure_hands_over_and_gets_the_next(ada: Page) -> None:
    press(ada, "t")
    first = arrive(ada)
    press(ada, "s")
    ada.keyboard.type("Is this still support?")
    press(ada, "Control+Enter")
    second = arrive(ada, first)
    press(ada, "a", "1", "Enter")
    third = arrive(ada, second)
    press(ada, "n")
    assert arrive(ada, third) not in {first, second, third}
    ada.goto(first)
    expect(ada.get_by_text("another reviewer decides")).to_be_visible()
    expect(ada.locator(".decision-form")).to_have_count(0)
    check(ada)
    ada.get_by_role("button", name="Take the question back").press("Enter")
    expect(ada.locator(".decision-form")).to_have_count(1)


def test_five_conversations_take_a_handful_of_keys_each(ada: Page) -> None:
    press(ada, "t")
    at = arrive(ada)
    for _number in range(5):
        began = time.monotonic()
        press(ada, "a", "1", "Enter")
        at = arrive(ada, at)
        assert time.monotonic() - began < 30


def test_a_conversation_is_replayed_with_its_pauses(ada: Page, demo: dict[str, Any]) -> None:
    ada.goto(f"/desk/review/{demo['room']}/")
    lines = ada.locator(".transcript > li")
    total = lines.count()
    expect(ada.get_by_role("group", name="Replay")).to_be_visible()
    check(ada)
    press(ada, "-", "-", "p")
    expect(ada.locator("[data-play]")).to_have_attribute("aria-pressed", "true")
    expect(ada.locator("[data-replay-note]")).to_contain_text("Pause of 2.0 s")
    assert ada.locator(".transcript > li:not([hidden])").count() < total
    press(ada, "+", "+", "+", "+", "+")
    expect(ada.locator(".transcript > li:not([hidden])")).to_have_count(total - 1)
    expect(ada.locator("[data-replay-note]")).to_contain_text("Pause of 602 s")
    check(ada)
    press(ada, "p")
    expect(ada.locator("[data-play]")).to_have_attribute("aria-pressed", "false")
    press(ada, "o")
    expect(ada.locator(".transcript > li:not([hidden])")).to_have_count(total)


def test_an_appeal_goes_to_the_desk_and_its_answer_back(
    browser: Browser, ada: Page, demo: dict[str, Any]
) -> None:
    wrong: list[str] = []
    context = open_window(browser, demo, wrong)
    seeker = context.new_page()
    seeker.goto(f"/join/{demo['token']}/")
    seeker.goto("/me/")
    seeker.locator("summary", has_text="Ask to have it looked at again").press("Enter")
    check(seeker)
    seeker.get_by_label("Why should it be taken in?").fill("It was short, and it helped me.")
    seeker.get_by_role("button", name="Send", exact=True).press("Enter")
    expect(seeker.get_by_text("A person of the study reads the conversation again.")).to_be_visible()
    check(seeker)
    press(ada, "t")
    assert arrive(ada) == f"/desk/review/{demo['room']}/"
    expect(ada.get_by_text("It was short, and it helped me.")).to_be_visible()
    press(ada, "a", "3", "Enter")
    expect(ada.locator("[data-error-summary]")).to_be_focused()
    ada.get_by_label("Your answer to the appeal").fill("You are right, it is complete.")
    press(ada, "Control+Enter")
    arrive(ada, f"/desk/review/{demo['room']}/")
    seeker.reload()
    expect(seeker.get_by_text("accepted", exact=True)).to_be_visible()
    context.close()
    assert wrong == []


class Reviewer(threading.Thread):
    """A browser of its own that takes one conversation after the other, and notes when it had which."""

    def __init__(self, demo: dict[str, Any], role: str, until: float) -> None:
        super().__init__()
        self.demo, self.role, self.until = demo, role, until
        self.held: list[tuple[str, float, float]] = []
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            with open_chromium() as browser:
                page = open_window(browser, self.demo, []).new_page()
                sign_in(page, self.demo, self.role)
                page.goto("/desk/review/?study=demo")
                self.work(page)
        except Exception as error:  # noqa: BLE001  the test shows it
            self.error = error

    def work(self, page: Page) -> None:
        """Claim and skip until the time is up; a claim is held from when its page shows to the next key."""
        press(page, "t")
        at = ""
        while time.monotonic() < self.until:
            at = arrive(page, at)
            since = time.monotonic()
            page.wait_for_timeout(300)
            self.held.append((at, since, time.monotonic()))
            press(page, "n")


def test_two_browsers_at_once_never_have_the_same_conversation(demo: dict[str, Any]) -> None:
    until = time.monotonic() + SECONDS + 15
    reviewers = [Reviewer(demo, role, until) for role in ("reviewer", "admin")]
    for reviewer in reviewers:
        reviewer.start()
    for reviewer in reviewers:
        reviewer.join(SECONDS + 120)
    assert [reviewer.error for reviewer in reviewers] == [None, None]
    ada, bob = (reviewer.held for reviewer in reviewers)
    assert min(len(ada), len(bob)) >= 3
    both = [
        (one[0], one[1:], other[1:])
        for one in ada
        for other in bob
        if one[0] == other[0] and one[1] <= other[2] and other[1] <= one[2]
    ]
    assert both == []
