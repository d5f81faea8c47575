"""A policy is changed, simulated, stored and activated by keyboard alone; axe finds nothing on the way."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.servers import Embedded

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.slow]


def check(page: Page) -> None:
    """Nothing that axe finds, and nothing wider than the window."""
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, page.url


def reach(page: Page, target: Locator) -> None:
    """Go to a control with the Tab key."""
    for _ in range(150):
        if target.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {target}")


@pytest.fixture(scope="module")
def password(embedded_server: Embedded) -> str:
    """The password of the demo's admin."""
    return str(embedded_server.manage("demo_setup")["logins"]["admin"])


def sign_in(browser: Browser, url: str, password: str, scheme: str, width: int) -> Page:
    context = browser.new_context(
        reduced_motion="reduce",
        base_url=url,
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    page.goto("/desk/login/")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/")
    return page


def test_a_policy_is_tuned_by_keyboard_alone(
    browser: Browser, embedded_server: Embedded, password: str
) -> None:
    page = sign_in(browser, embedded_server.url, password, "light", 1280)
    page.goto("/desk/policies/")
    check(page)
    reach(page, page.get_by_role("link", name="esconv-2021 version 2"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/esconv-2021/2/")
    check(page)
    reach(page, page.get_by_role("link", name="Make a new version"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/policies/new/**")
    check(page)
    number = page.get_by_role("group", name="enough utterances").get_by_label("Number")
    reach(page, number)
    page.keyboard.press("Control+a")
    page.keyboard.type("20")
    place = page.get_by_label("Over which conversations")
    reach(page, place)
    reach(page, page.get_by_role("button", name="Simulate"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/simulations/**")
    line = page.get_by_text("would be judged otherwise.")
    expect(line).to_be_visible(timeout=60_000)
    check(page)
    reach(page, page.get_by_role("link", name=re.compile("from accepted to rejected")))
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Show all")).to_be_visible()
    reach(page, page.get_by_role("link", name="Go on editing"))
    page.keyboard.press("Enter")
    expect(number).to_have_value("20")
    reach(page, page.get_by_role("button", name="Store as a new version"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/esconv-2021/3/")
    reach(page, page.get_by_label("Reason"))
    page.keyboard.type("Sixteen utterances are little.")
    reach(page, page.get_by_role("button", name="Activate this version"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("esconv-2021@3 judges from now on")).to_be_visible()
    page.context.close()


def test_the_pages_fit_a_phone_in_the_dark(
    browser: Browser, embedded_server: Embedded, password: str
) -> None:
    page = sign_in(browser, embedded_server.url, password, "dark", 320)
    for path in (
        "",
        "failed-esconv-2024/1/",
        "new/?from=failed-esconv-2024",
        "new/?from=esconv-2021&as=yaml",
    ):
        page.goto(f"/desk/policies/{path}")
        check(page)
    page.context.close()
