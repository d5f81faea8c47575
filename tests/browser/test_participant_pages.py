"""The participant's forms in a real browser: by keyboard, without scripts, narrow and dark."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.servers import Embedded

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.slow]

STUDY = "fixtures/studies/demo.yaml"


@pytest.fixture(scope="module")
def site(embedded_server: Embedded) -> str:
    embedded_server.manage("open_study", STUDY)
    return embedded_server.url


@pytest.fixture(params=["light", "dark"])
def narrow(browser: Browser, site: str, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    context = browser.new_context(
        reduced_motion="reduce",
        base_url=site,
        viewport={"width": 360, "height": 740},
        color_scheme=request.param,
    )
    yield context
    context.close()


def check(page: Page) -> None:
    """Nothing sticks out, and the accessibility rules find nothing."""
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), f"{page.url} is too wide"
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found] == [], page.url


def tick_consent(page: Page) -> None:
    for name in ("adult", "take_part", "recorded"):
        page.locator(f"[name={name}]").check()


def test_every_form_fits_a_small_phone_and_is_accessible_in_both_looks(narrow: BrowserContext) -> None:
    page = narrow.new_page()
    for path in ("/", "/resources/", "/me/", "/nothing/", "/s/demo/"):
        page.goto(path)
        check(page)
    page.get_by_role("button", name="Talk to somebody").click()
    page.wait_for_url("**/consent/")
    check(page)
    page.get_by_role("button", name="Take part", exact=True).click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    check(page)
    tick_consent(page)
    page.get_by_role("button", name="Take part", exact=True).click()
    page.wait_for_url("**/survey/before/")
    check(page)
    page.get_by_role("button", name="Go to the waiting room").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    check(page)
    for path in ("/me/", "/me/withdraw/"):
        page.goto(path)
        check(page)


def press_until(page: Page, selector: str, key: str = "Tab") -> None:
    """Press a key until the element has the focus, and see that the focus shows."""
    target = page.locator(selector).first
    for _press in range(60):
        page.keyboard.press(key)
        if target.evaluate("element => element === document.activeElement"):
            shown = "e => getComputedStyle(e.closest('.choice, .chip') || e).outlineStyle"
            assert target.evaluate(shown) == "solid", f"the focus on {selector} cannot be seen"
            return
    raise AssertionError(f"{selector} cannot be reached with the keyboard")


def test_a_seeker_comes_to_the_waiting_room_with_the_keyboard_alone(browser: Browser, site: str) -> None:
    context = browser.new_context(reduced_motion="reduce", base_url=site)
    page = context.new_page()
    page.goto("/s/demo/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    press_until(page, "button[value=seeker]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/consent/")
    for name in ("adult", "take_part", "recorded"):
        press_until(page, f"[name={name}]")
        page.keyboard.press("Space")
    press_until(page, "button.button-main")
    page.keyboard.press("Enter")
    page.wait_for_url("**/survey/before/")
    for name in ("experience_type", "emotion_type", "problem_type", "initial_emotion_intensity"):
        press_until(page, f"[name={name}]")
        page.keyboard.press("Space")
    press_until(page, "[name=situation]")
    page.keyboard.type("I failed an examination.")
    press_until(page, "button.button-main")
    page.keyboard.press("Enter")
    page.wait_for_url("**/lobby/")
    context.close()


def test_the_forms_work_without_scripts(browser: Browser, site: str) -> None:
    context = browser.new_context(reduced_motion="reduce", base_url=site, java_script_enabled=False)
    page = context.new_page()
    page.goto("/s/demo/")
    page.get_by_role("button", name="Support somebody").click()
    tick_consent(page)
    page.get_by_role("button", name="Take part", exact=True).click()
    expect(page).to_have_url(re.compile("/training/$"))
    page.goto("/me/withdraw/")
    page.locator("[name=confirm]").check()
    page.get_by_role("button", name="Withdraw and erase").click()
    expect(page.get_by_role("heading", name="You took everything back")).to_be_visible()
    context.close()


def test_a_chosen_look_stays_in_this_browser(browser: Browser, site: str) -> None:
    context = browser.new_context(reduced_motion="reduce", base_url=site, color_scheme="light")
    page = context.new_page()
    page.goto("/")
    toggle = page.get_by_role("button", name="Dark colours")
    expect(toggle).to_have_attribute("aria-pressed", "false")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    toggle.click()
    page.goto("/resources/")
    expect(page.get_by_role("button", name="Dark colours")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    context.close()
