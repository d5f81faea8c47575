"""Relabelling in a real browser: supporters and an adjudicator, by keyboard, with axe finding nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.request import Request, urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from escollect.domain.strategies import STRATEGIES
from tests.browser.people import agree, at
from tests.support.servers import Embedded

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(240)]

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def demo(embedded_server: Embedded) -> dict[str, Any]:
    """The demo, which has conversations to draw from, with a REST token."""
    done: dict[str, Any] = embedded_server.manage("demo_setup")
    return {**done, "url": embedded_server.url, "token": embedded_server.make_token()}


@pytest.fixture
def open_page(browser: Browser, demo: dict[str, Any]) -> Iterator[Open]:
    """Opens windows of a width and a look; nothing may go wrong in them unseen."""
    opened, wrong = [], []

    def make(width: int, look: str = "light") -> Page:
        context = browser.new_context(
            reduced_motion="reduce",
            base_url=demo["url"],
            viewport={"width": width, "height": 850},
            color_scheme="dark" if look == "dark" else "light",
        )
        opened.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        return page

    yield make
    for context in opened:
        context.close()
    assert wrong == []


def call(demo: dict[str, Any], path: str, body: Any = None) -> Any:
    request = Request(
        f"{demo['url']}/api/v1/{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Token {demo['token']}", "Content-Type": "application/json"},
    )
    with urlopen(request, timeout=20) as answer:
        return json.loads(answer.read())


def look_at(page: Page) -> None:
    """Nothing sticks out, and the accessibility rules find nothing."""
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), f"{page.url} is too wide"
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found] == [], page.url


def look_everywhere(page: Page) -> None:
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 850})
        for look in ("light", "dark"):
            page.emulate_media(color_scheme="dark" if look == "dark" else "light")
            look_at(page)


def label_all(page: Page, invite: str, key: int, looks: bool) -> None:
    """A supporter who finds the campaign and labels all of it with one key."""
    agree(page, invite)
    at(page, "/lobby/")
    page.goto("/me/")
    page.get_by_role("link", name="Have a look").click()
    page.get_by_role("heading", name="Second opinions").wait_for()
    if looks:
        look_at(page)
    page.get_by_role("button", name="Begin").press("Enter")
    for given in range(2):
        expect(page.get_by_text(f"You have given {given} opinion")).to_be_visible()
        if looks:
            look_at(page)
        page.keyboard.press(str(key))
        expect(page.locator(f"#strategy-{key}")).to_be_focused()
        page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing to do at the moment")).to_be_visible()
    if looks:
        look_at(page)


def test_a_batch_is_drawn_labelled_and_adjudicated(open_page: Open, demo: dict[str, Any]) -> None:
    desk = open_page(1280)
    desk.goto("/desk/login/")
    desk.locator("[name=username]").fill("reviewer")
    desk.locator("[name=password]").fill(demo["logins"]["reviewer"])
    desk.locator("main [type=submit]").click()
    desk.goto("/desk/relabel/?study=demo")
    look_at(desk)
    desk.get_by_role("link", name="New campaign").click()
    look_everywhere(desk)
    for label, value in (("Title", "First look"), ("Utterances", "2"), ("Known answers to mix in", "0")):
        desk.get_by_label(label, exact=True).fill(value)
    desk.get_by_role("button", name="Draw and open").press("Enter")
    expect(desk.get_by_role("heading", name="First look")).to_be_visible()
    look_at(desk)

    drawn = call(demo, "relabels/")["results"]
    key = next(at for at, name in enumerate(STRATEGIES, 1) if name not in {one["original"] for one in drawn})
    body = {"study": "demo", "role": "supporter", "qualified": True}
    for width, look in ((390, "dark"), (1280, "light"), (360, "light")):
        invite = call(demo, "participants/", body)["invite_url"]
        label_all(open_page(width, look), invite, key, looks=width != 360)

    desk.reload()
    look_everywhere(desk)
    desk.set_viewport_size({"width": 1280, "height": 850})
    desk.get_by_text("The numbers as a table").click()
    look_at(desk)
    desk.get_by_role("link", name="Adjudicate").press("Enter")
    for step in range(2):
        expect(desk.get_by_role("heading", name="Adjudication")).to_be_visible()
        if step == 0:
            look_everywhere(desk)
            desk.set_viewport_size({"width": 1280, "height": 850})
        desk.keyboard.press(str(key))
        expect(desk.get_by_label("Reason")).to_be_focused()
        desk.keyboard.type("It is what everybody saw.")
        with desk.expect_navigation():
            desk.keyboard.press("Control+Enter")
    expect(desk.get_by_role("heading", name="First look")).to_be_visible()
    assert [one["final"] for one in call(demo, "relabels/")["results"]] == [STRATEGIES[key - 1]] * 2
