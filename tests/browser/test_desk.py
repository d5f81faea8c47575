"""The desk in a real browser: by keyboard alone, narrow, dark, and while things change."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect

from tests.support.servers import Embedded

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.slow]

ROOM = re.compile(r"/desk/review/[0-9a-f-]{36}/")
MOST_TABS = 80
PAGES = (
    "/desk/",
    "/desk/live/",
    "/desk/review/",
    "/desk/review/?problem=Sleep+Problems&verdict=pending",
    "/desk/participants/",
    "/desk/participants/invites/",
    "/desk/policies/",
    "/desk/training/",
    "/desk/training/?module=question",
    "/desk/releases/",
    "/desk/releases/new/",
    "/desk/studies/",
    "/desk/studies/demo/",
    "/desk/studies/demo/versions/1/",
    "/desk/studies/open/?from=demo",
)


@pytest.fixture(scope="module")
def demo(embedded_server: Embedded) -> dict[str, str]:
    """The demo's address and the passwords of its staff logins."""
    done = embedded_server.manage("demo_setup")
    passwords: dict[str, str] = done["logins"]
    return {"url": embedded_server.url, **passwords}


@pytest.fixture
def page(browser: Browser, demo: dict[str, str]) -> Iterator[Page]:
    context = browser.new_context(
        reduced_motion="reduce", base_url=demo["url"], viewport={"width": 1280, "height": 900}
    )
    wrong: list[str] = []
    opened = context.new_page()
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda said: wrong.append(said.text) if is_wrong(said) else None)
    yield opened
    context.close()
    assert wrong == []


def is_wrong(said: ConsoleMessage) -> bool:
    """Whether a console message is a fault; that a form was answered with 422 is none."""
    return said.type == "error" and "422" not in said.text


def sign_in(page: Page, demo: dict[str, str], role: str) -> None:
    page.goto("/desk/login/")
    expect(page.get_by_label("Username")).to_be_focused()
    page.keyboard.type(role)
    page.keyboard.press("Tab")
    page.keyboard.type(demo[role])
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/")


def test_a_reviewer_decides_by_keyboard_alone(page: Page, demo: dict[str, str]) -> None:
    sign_in(page, demo, "reviewer")
    page.goto("/desk/review/?verdict=needs_review")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page).to_have_url(ROOM)
    first = page.url
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("[data-utterance]").nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(page.locator("[data-utterance]").nth(0)).to_be_focused()
    page.keyboard.press("a")
    page.keyboard.press("w")
    page.keyboard.type("The open answers say that it helped a lot.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status").first).to_contain_text("is accepted now.")
    expect(page).to_have_url(ROOM)
    assert page.url != first
    page.keyboard.press("r")
    expect(page.get_by_label("Reject")).to_be_checked()
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-error-summary]")).to_be_focused()
    expect(page.get_by_label("Reject")).to_be_checked()


def test_single_keys_can_be_switched_off(page: Page, demo: dict[str, str]) -> None:
    sign_in(page, demo, "reviewer")
    page.goto("/desk/review/")
    page.keyboard.press("?")
    page.get_by_label("Single keys").uncheck()
    page.reload()
    page.keyboard.press("j")
    expect(page.locator("tbody a.mono").first).not_to_be_focused()


def test_a_filter_sends_itself_for_the_mouse_and_waits_for_the_keyboard(
    page: Page, demo: dict[str, str]
) -> None:
    sign_in(page, demo, "reviewer")
    page.goto("/desk/review/")
    before, verdict = page.url, page.get_by_label("Verdict")
    verdict.press("ArrowDown")
    verdict.press("ArrowDown")
    expect(verdict).not_to_have_value("")
    assert page.url == before
    page.get_by_role("button", name="Filter").press("Enter")
    page.wait_for_url("**verdict=*")
    page.goto("/desk/review/")
    page.get_by_label("Verdict").click()
    page.get_by_label("Verdict").select_option("accepted")
    page.wait_for_url("**verdict=accepted*")


def test_the_open_area_is_in_sight_on_a_phone(page: Page, demo: dict[str, str]) -> None:
    sign_in(page, demo, "reviewer")
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/desk/studies/")
    expect(page.get_by_role("navigation").get_by_role("link", name="Studies")).to_be_in_viewport(ratio=1)


def test_the_live_page_renews_itself(page: Page, demo: dict[str, str]) -> None:
    sign_in(page, demo, "admin")
    page.goto("/desk/live/")
    expect(page.locator("#live-note")).to_contain_text("asks again")
    before = page.locator("#as-of").inner_text()
    expect(page.locator("#as-of")).not_to_have_text(before, timeout=15_000)
    expect(page.get_by_role("heading", name="The waiting room is empty")).to_be_visible()


@pytest.mark.timeout(240)
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 320)])
def test_every_page_fits_and_is_accessible(
    browser: Browser, demo: dict[str, str], scheme: str, width: int
) -> None:
    context = browser.new_context(
        reduced_motion="reduce",
        base_url=demo["url"],
        viewport={"width": width, "height": 844},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    page.goto("/desk/login/")
    check(page)
    sign_in(page, demo, "admin")
    found = [room_of(page), *PAGES]
    for path in found:
        page.goto(path)
        check(page)
    context.close()


def room_of(page: Page) -> str:
    """The address of the first conversation in the queue."""
    page.goto("/desk/review/")
    return str(page.locator("tbody a.mono").first.get_attribute("href"))


def check(page: Page) -> None:
    """Nothing sticks out, and the accessibility rules find nothing."""
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), f"{page.url} is too wide"
    violations = Axe().run(page).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in violations] == [], page.url


def test_the_training_is_analysed_by_keyboard_alone(page: Page, demo: dict[str, str]) -> None:
    sign_in(page, demo, "researcher")
    page.goto("/desk/training/")
    module = page.get_by_label("Module", exact=True)
    tab_to(page, module)
    page.keyboard.type("Quest")
    expect(module).to_have_value("question")
    tab_to(page, page.get_by_role("button", name="Filter"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Training: Question")
    numbers = page.get_by_text("The numbers as a table")
    tab_to(page, numbers)
    page.keyboard.press("Enter")
    item = page.get_by_role("link", name=re.compile("^question-")).first
    tab_to(page, item)
    name = item.inner_text()
    page.keyboard.press("Enter")
    expect(page.locator(f"#item-{name}")).to_be_in_viewport()
    check(page)
    back = page.get_by_role("link", name="The whole training")
    back.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Training")


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until something has the focus, as somebody without a mouse would."""
    for _press in range(MOST_TABS):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    expect(wanted).to_be_focused()


def test_an_invite_is_shown_once_and_can_be_copied(page: Page, demo: dict[str, str]) -> None:
    sign_in(page, demo, "researcher")
    page.goto("/desk/participants/invites/")
    page.get_by_label("Open link").check()
    page.get_by_label("seeker").check()
    page.get_by_role("button", name="Make the invite").click()
    expect(page.locator("#invite-url")).to_contain_text(f"{demo['url']}/join/")
    expect(page.get_by_role("button", name="Copy")).to_be_visible()
    page.goto("/desk/participants/invites/")
    expect(page.locator("#invite-url")).to_have_count(0)
