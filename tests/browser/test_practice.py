"""The practice chat and reading beside the room in real windows: by keyboard alone, with axe, on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from escollect.domain.strategies import STRATEGIES
from tests.browser import people
from tests.browser.people import Window
from tests.flows.staff import STUDY, Staff
from tests.support.processes import ROOT
from tests.support.servers import Embedded

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(240)]

PASSED = """
from django.utils import timezone
from escollect.training.models import Attempt, Qualification
standing = Qualification.objects.get(participant__pk="{pk}")
trainee = standing.participant
standing.delete()
Attempt.objects.create(participant=trainee, module="exam", number=1, tutorial_version="t", seed=1,
                       state="passed", score=0.9, graded_at=timezone.now())
"""
SCRIPTS = {
    script["opening"]: script
    for script in yaml.safe_load((ROOT / "tutorials/en/practice.yaml").read_text("utf-8"))["practices"]
}


@pytest.fixture(scope="module")
def staff(embedded_server: Embedded, tmp_path_factory: pytest.TempPathFactory) -> Staff:
    """An application whose study asks for a practice chat."""
    study = yaml.safe_load((ROOT / STUDY).read_text("utf-8"))
    study["training"]["practice"] = True
    path = tmp_path_factory.mktemp("study") / "esconv.yaml"
    path.write_text(yaml.safe_dump(study), "utf-8")
    return Staff(embedded_server, str(path))


@pytest.fixture
def window(browser: Browser, staff: Staff) -> Iterator[Window]:
    """A window in which nothing may go wrong unseen."""
    window = Window(browser, staff.application.url)
    yield window
    window.close()
    assert window.wrong == []


@pytest.fixture
def trainee(window: Window, staff: Staff) -> Page:
    """Somebody who has just passed the paper."""
    made = staff.call("participants/", {"study": "esconv", "role": "supporter", "qualified": True})
    people.agree(window.page, made["invite_url"])
    people.at(window.page, "/lobby/")
    staff.application.manage("shell", "-c", PASSED.format(pk=made["participant"]))
    window.page.goto("/next/")
    people.at(window.page, "/training/practice/")
    return window.page


def script_of(page: Page) -> Any:
    """The script whose opening stands in the room."""
    opening = page.locator(".bubble-start .bubble-text").first
    expect(opening).to_be_visible()
    return SCRIPTS[opening.inner_text()]


def violations(page: Page) -> list[str]:
    """What axe has to say about a page."""
    found = Axe().run(page)
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found.response["violations"]]


def begin(page: Page) -> None:
    """Into the room by the keyboard."""
    page.get_by_role("button", name="Begin the practice chat").focus()
    page.keyboard.press("Enter")
    people.in_room(page)


def reply(page: Page, strategy: str, text: str) -> None:
    """Choose by its number, type, send: without a pointer."""
    page.keyboard.press(str(STRATEGIES.index(strategy) + 1))
    expect(page.get_by_label("Your message")).to_be_focused()
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def test_a_whole_practice_by_keyboard_alone_and_axe_finds_nothing(trainee: Page) -> None:
    page = trainee
    assert violations(page) == []
    begin(page)
    script = script_of(page)
    steps = script["steps"]
    page.locator("[data-strategies] [tabindex='0']").focus()
    assert violations(page) == []
    for number, step in enumerate(steps, 1):
        reply(page, step["strategy"] if number > 1 else "Information", f"My reply number {number}.")
        people.hear(page, step["then"])
    expect(page.locator("[data-ended]")).to_contain_text("how your choices compare")
    expect(page.locator("[data-progress]")).to_contain_text(f"All {1 + 2 * len(steps)} messages")
    go_on = page.locator("[data-ended] a")
    expect(go_on).to_be_focused()
    page.keyboard.press("Enter")
    people.at(page, "/training/practice/result/")
    fitting = len(steps) - ("Information" not in steps[0]["fits"])
    expect(page.locator(".lead")).to_contain_text(f"{fitting} of your {len(steps)} choices")
    for step in steps:
        expect(page.get_by_text(f"“{step['model']}”", exact=True)).to_have_count(1)
    assert violations(page) == []
    page.get_by_role("link", name="Go on").first.press("Enter")
    people.at(page, "/lobby/")


def test_a_practice_ended_early_can_be_looked_back_at_and_begun_again(trainee: Page) -> None:
    page = trainee
    begin(page)
    first = script_of(page)
    reply(page, "Others", "Hello.")
    people.hear(page, first["steps"][0]["then"])
    page.reload()
    people.in_room(page)
    people.hear(page, first["steps"][0]["then"])
    page.locator("[data-open=end]").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Nothing is lost and nothing is failed")
    assert violations(page) == []
    dialog.get_by_role("button", name="End the practice").press("Enter")
    page.locator("[data-ended] a").press("Enter")
    people.at(page, "/training/practice/result/")
    expect(page.locator("main")).to_contain_text(f"You had 1 of {len(first['steps'])} exchanges")
    assert violations(page) == []
    page.get_by_role("button", name="Begin another practice chat").first.press("Enter")
    people.in_room(page)
    assert script_of(page)["id"] != first["id"]


def test_help_in_a_practice_shows_the_lines_and_promises_nobody(trainee: Page) -> None:
    page = trainee
    begin(page)
    page.locator(".room-actions [data-open=help]").press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Nobody watches a practice chat")
    expect(dialog.get_by_role("button", name="Tell the team")).to_have_count(0)
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_a_module_opens_beside_the_room_which_goes_on_and_escape_gives_the_focus_back(trainee: Page) -> None:
    page = trainee
    begin(page)
    script = script_of(page)
    page.locator("[data-strategies] [tabindex='0']").focus()
    page.keyboard.press("3")
    field = page.get_by_label("Your message")
    page.keyboard.type("That must be hard")
    page.keyboard.press("Shift+Tab")
    more = page.get_by_role("link", name="Read more about Reflection of feelings")
    expect(more).to_be_focused()
    page.keyboard.press("Enter")
    panel = page.get_by_role("complementary", name="Reflection of feelings")
    expect(panel.get_by_role("heading", name="What it is", exact=True)).to_be_visible()
    expect(page.locator("#reading-title")).to_be_focused()
    assert panel.locator("form, input, select").count() == 0
    assert violations(page) == []
    # The room stays: it can be written in, and its log is still announced.
    expect(field).to_have_value("That must be hard")
    assert page.locator("[role=log]").evaluate("e => !e.closest('[inert], [aria-hidden=true]')")
    field.focus()
    page.keyboard.press("Enter")
    people.hear(page, script["steps"][0]["then"])
    expect(panel).to_be_visible()
    panel.get_by_role("button", name="Close").press("Enter")
    expect(panel).to_be_hidden()
    link = page.locator("#side").get_by_role("link", name="Question", exact=True)
    link.press("Enter")
    expect(page.locator("#reading-title")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#reading")).to_be_hidden()
    expect(link).to_be_focused()


def test_on_a_phone_a_module_fills_the_window_and_nothing_is_too_wide(trainee: Page) -> None:
    page = trainee
    begin(page)
    page.set_viewport_size({"width": 360, "height": 740})
    page.get_by_role("button", name="Notes").click()
    link = page.locator("#side").locator("[data-reading=exploration]")
    link.click()
    panel = page.locator("#reading")
    expect(panel.locator("h3").first).to_be_visible()
    assert panel.bounding_box() == {"x": 0, "y": 0, "width": 360, "height": 740}
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert page.locator(".room-reading-text").evaluate("e => e.scrollWidth <= e.clientWidth")
    assert violations(page) == []
    panel.get_by_role("button", name="Close").click()
    expect(panel).to_be_hidden()
    expect(link).to_be_focused()


def test_a_module_that_cannot_be_fetched_says_so_and_the_room_goes_on(window: Window, trainee: Page) -> None:
    page = trainee
    begin(page)
    page.route("**/reading/", lambda route: route.abort())
    page.locator("#side").get_by_role("link", name="Question", exact=True).click()
    expect(page.locator("#reading")).to_contain_text("could not be fetched")
    page.unroute("**/reading/")
    page.keyboard.press("Escape")
    page.locator("#side").get_by_role("link", name="Question", exact=True).click()
    expect(page.locator("#reading h3").first).to_be_visible()
    # The browser itself tells its console of the request that was cut.
    window.wrong[:] = [text for text in window.wrong if "ERR_FAILED" not in text]
