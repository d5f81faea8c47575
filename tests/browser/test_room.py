"""The room and the lobby in real windows: keyboard, bad lines, narrow screens, a second tab, a quick exit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser import people
from tests.browser.people import Window
from tests.flows.staff import Staff
from tests.flows.story import SITUATION, STORY
from tests.support.servers import Embedded

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(240)]

STRATEGIES = [
    "Question",
    "Restatement or Paraphrasing",
    "Reflection of feelings",
    "Self-disclosure",
    "Affirmation and Reassurance",
    "Providing Suggestions",
    "Information",
    "Others",
]


@dataclass
class Pair:
    """Two windows with a seeker and a supporter in the lobby."""

    windows: tuple[Window, Window]

    @property
    def seeker(self) -> Page:
        return self.windows[0].page

    @property
    def supporter(self) -> Page:
        return self.windows[1].page

    def meet(self) -> None:
        people.meet(self.seeker, self.supporter)


@pytest.fixture(scope="module")
def staff(embedded_server: Embedded) -> Staff:
    return Staff(embedded_server)


def open_pair(browser: Browser, staff: Staff) -> Pair:
    pair = Pair((Window(browser, staff.application.url), Window(browser, staff.application.url)))
    people.agree(pair.seeker, staff.invite("seeker"))
    people.tell_why(pair.seeker, SITUATION)
    people.agree(pair.supporter, staff.invite("supporter", qualified=True))
    return pair


@pytest.fixture
def pair(browser: Browser, staff: Staff) -> Iterator[Pair]:
    """Two people in the lobby; nothing may go wrong in their windows unseen."""
    made = open_pair(browser, staff)
    yield made
    for window in made.windows:
        window.close()
    assert [window.wrong for window in made.windows] == [[], []]


def fits_without_jump(page: Page, change: Callable[[], None]) -> None:
    """The composer stays where it is while `change` happens."""
    field = page.get_by_label("Your message")
    before = field.bounding_box()
    change()
    assert field.bounding_box() == before


def violations(page: Page) -> list[str]:
    """What axe has to say about a page."""
    found = Axe().run(page)
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found.response["violations"]]


def test_a_whole_conversation_with_the_keyboard_alone(pair: Pair) -> None:
    pair.meet()
    seeker, supporter = pair.seeker, pair.supporter
    supporter.locator("[data-strategies] [tabindex='0']").focus()
    seeker.get_by_label("Your message").focus()
    for role, strategy, text in STORY:
        page = seeker if role == "seeker" else supporter
        if strategy:
            page.keyboard.press(str(STRATEGIES.index(strategy) + 1))
            expect(page.get_by_label("Your message")).to_be_focused()
        page.keyboard.type(text[:9])
        page.keyboard.insert_text(text[9:])  # key by key it would take its time
        page.keyboard.press("Enter")
        for window in (seeker, supporter):
            people.hear(window, text)
    shown = supporter.locator(".bubble-end .bubble-strategy").all_inner_texts()
    assert shown == [strategy for _, strategy, _ in STORY if strategy]
    assert seeker.locator(".bubble-strategy").count() == 0
    seeker.locator("[data-stars][data-open=yes] [data-value='4']").focus()
    seeker.keyboard.press("Enter")
    expect(seeker.locator("[data-question]")).to_have_text("Thank you – noted.")
    expect(seeker.locator("[data-progress]")).to_contain_text("Goal reached: 20")
    mix = supporter.locator('[data-mix="Question"] [data-count]')
    expect(mix).to_have_text("2")
    seeker.get_by_role("button", name="End the conversation").first.focus()
    seeker.keyboard.press("Enter")
    seeker.keyboard.press("Tab")
    seeker.get_by_role("dialog").get_by_role("button", name="End the conversation").press("Enter")
    for page in (seeker, supporter):
        people.at(page, "/survey/after/")


def test_the_composer_of_a_supporter_opens_with_a_strategy_and_closes_after_sending(pair: Pair) -> None:
    pair.meet()
    page = pair.supporter
    field, send = page.get_by_label("Your message"), page.get_by_role("button", name="Send")
    expect(field).not_to_be_editable()
    chip = page.get_by_role("radio", name="Information")
    chip.hover()
    reminder = page.locator("#strategy-reminder")
    assert reminder.inner_text() == chip.get_attribute("data-reminder")
    chip.click()
    expect(field).to_be_editable()
    field.fill("Hello.")
    page.keyboard.press("Alt+8")
    expect(page.get_by_role("radio", name="Others")).to_be_checked()
    assert field.input_value() == "Hello."
    send.click()
    people.hear(pair.seeker, "Hello.")
    expect(field).not_to_be_editable()
    expect(page.locator("[aria-checked=true]")).to_have_count(0)
    expect(page.get_by_role("radio", name="Others")).to_be_focused()


def test_the_star_bar_neither_jumps_nor_takes_the_focus(pair: Pair) -> None:
    pair.meet()
    seeker, supporter = pair.seeker, pair.supporter
    seeker.get_by_label("Your message").press_sequentially("I am writ")

    def ask() -> None:
        for text in ("Hello.", "How are you?"):
            people.say(supporter, text, "Question")
        expect(seeker.locator("[data-stars]")).to_have_attribute("data-open", "yes")

    fits_without_jump(seeker, ask)
    seeker.keyboard.type("ing")
    expect(seeker.get_by_label("Your message")).to_have_value("I am writing")
    fits_without_jump(seeker, lambda: seeker.locator("[data-value='2']").click())
    expect(supporter.locator("[data-typing]")).to_have_text("Your partner is writing …")


def test_a_reload_keeps_the_conversation_and_the_draft(pair: Pair) -> None:
    pair.meet()
    people.say(pair.seeker, "First line.", None)
    people.hear(pair.supporter, "First line.")
    pair.seeker.get_by_label("Your message").fill("Not finished yet")
    pair.seeker.reload()
    people.hear(pair.seeker, "First line.")
    expect(pair.seeker.get_by_label("Your message")).to_have_value("Not finished yet")


def test_the_newest_tab_wins_and_the_older_one_says_so(pair: Pair) -> None:
    pair.meet()
    second = pair.windows[0].context.new_page()
    second.goto(pair.seeker.url)
    expect(pair.seeker.locator("[data-line]")).to_have_attribute("data-state", "other_tab")
    expect(second.locator("[data-line]")).to_have_attribute("data-state", "connected")
    people.say(second, "From the new tab.", None)
    people.hear(pair.supporter, "From the new tab.")


def test_help_is_recorded_and_the_partner_sees_nothing(pair: Pair, staff: Staff) -> None:
    pair.meet()
    pair.seeker.get_by_role("button", name="Help", exact=True).click()
    dialog = pair.seeker.get_by_role("dialog")
    expect(dialog).to_contain_text("988")
    dialog.get_by_text("I worry about my partner").click()
    dialog.get_by_label("What should they know?").fill("They sound hopeless.")
    dialog.get_by_role("button", name="Tell the team").click()
    expect(dialog.locator("[data-outcome]")).to_contain_text("Recorded.")
    dialog.get_by_role("button", name="Back to the conversation").click()
    people.say(pair.seeker, "Still here.", None)
    people.hear(pair.supporter, "Still here.")
    expect(pair.supporter.get_by_role("log")).not_to_contain_text("hopeless")
    assert staff.application.log().count("Traceback") == 0


def test_escape_twice_leaves_to_a_harmless_page(pair: Pair) -> None:
    pair.meet()
    page = pair.seeker
    page.route("https://www.wikipedia.org/**", lambda route: route.fulfill(body="<h1>Elsewhere</h1>"))
    page.get_by_label("Your message").fill("Somebody comes")
    entries = page.evaluate("history.length")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.wait_for_url("https://www.wikipedia.org/")
    assert page.evaluate("history.length") == entries


def test_everything_fits_on_a_narrow_phone_and_axe_finds_nothing(pair: Pair) -> None:
    lobby = pair.seeker
    assert violations(lobby) == []
    pair.meet()
    people.say(pair.seeker, "A line that is long enough to need a second row on a phone, I think.", None)
    people.say(pair.supporter, "And the answer.", "Affirmation and Reassurance")
    people.hear(pair.seeker, "And the answer.")
    for page in (pair.seeker, pair.supporter):
        assert violations(page) == []
        page.set_viewport_size({"width": 360, "height": 640})
        box = page.get_by_label("Your message").bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
        assert box["y"] + box["height"] <= 640
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        expect(page.get_by_role("log").get_by_text("And the answer.")).to_be_in_viewport()
    for page in (pair.seeker, pair.supporter):
        page.set_viewport_size({"width": 360, "height": 400})
        expect(page.get_by_label("Your message")).to_be_in_viewport(ratio=1)
        expect(page.get_by_role("button", name="Help", exact=True)).to_be_in_viewport(ratio=1)
        page.set_viewport_size({"width": 360, "height": 640})
    notes = pair.supporter.get_by_role("button", name="Notes")
    notes.click()
    expect(pair.supporter.get_by_text(SITUATION)).to_be_in_viewport()
    pair.supporter.keyboard.press("Escape")
    expect(notes).to_be_focused()


def test_a_word_without_an_end_stays_inside_its_bubble(pair: Pair) -> None:
    pair.meet()
    word = "Ah" * 200
    people.say(pair.seeker, word, None)
    people.hear(pair.supporter, word)
    for page in (pair.seeker, pair.supporter):
        page.set_viewport_size({"width": 320, "height": 640})
        for node in (page.get_by_role("log"), page.locator("html")):
            assert node.evaluate("node => node.scrollWidth <= node.clientWidth")


def test_the_whole_help_dialog_fits_a_phone_and_begins_at_its_heading(pair: Pair) -> None:
    pair.meet()
    page = pair.seeker
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="Help", exact=True).click()
    dialog = page.get_by_role("dialog", name="Help")
    expect(dialog.get_by_role("heading", name="Help")).to_be_focused()
    for part in (
        dialog.get_by_label("What should they know?"),
        dialog.get_by_role("button", name="Tell the team"),
    ):
        expect(part).to_be_in_viewport(ratio=1)


def test_the_focus_goes_where_the_person_goes_in_the_waiting_room_and_at_the_end(pair: Pair) -> None:
    page = pair.seeker
    page.get_by_role("button", name="Begin waiting").press("Enter")
    expect(page.get_by_role("heading", name="You are waiting")).to_be_focused()
    pair.supporter.get_by_role("button", name="Begin waiting").click()
    for window in (page, pair.supporter):
        window.get_by_role("button", name="I am ready").click()
    people.in_room(page)
    people.hear(page, "You are both here. Take your time.")
    page.get_by_role("button", name="End the conversation").press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="End the conversation").press("Enter")
    expect(page.get_by_role("link", name="Go on")).to_be_focused()


def test_what_is_sent_while_the_server_is_dead_arrives_once(
    browser: Browser, start_embedded: Callable[[], Embedded]
) -> None:
    server = start_embedded()
    pair = open_pair(browser, Staff(server))
    pair.meet()
    people.say(pair.seeker, "Before the crash.", None)
    people.hear(pair.supporter, "Before the crash.")
    server.kill()
    for page in (pair.seeker, pair.supporter):
        expect(page.locator("[data-line]")).to_have_attribute("data-state", "waiting")
    people.say(pair.seeker, "During the crash.", None)
    people.say(pair.seeker, "And once more.", None)
    expect(pair.seeker.get_by_role("log")).to_contain_text("Not sent yet")
    pair.seeker.get_by_label("Your message").fill("A draft")
    server.start()
    for page in (pair.seeker, pair.supporter):
        expect(page.locator("[data-line]")).to_have_attribute("data-state", "connected", timeout=30_000)
        for text in ("Before the crash.", "During the crash.", "And once more."):
            people.hear(page, text)
    texts = pair.supporter.locator(".bubble-text").all_inner_texts()
    assert texts == ["Before the crash.", "During the crash.", "And once more."]
    expect(pair.seeker.get_by_role("log")).not_to_contain_text("Not sent yet")
    expect(pair.seeker.get_by_label("Your message")).to_have_value("A draft")
    for window in pair.windows:
        window.close()


def test_a_session_that_ended_leads_to_a_page_that_says_so(pair: Pair) -> None:
    pair.meet()
    pair.windows[0].context.clear_cookies()
    pair.seeker.get_by_role("log").focus()
    pair.seeker.evaluate("window.dispatchEvent(new Event('offline'))")
    pair.seeker.wait_for_url("**/next/")
    expect(pair.seeker.locator("h1")).to_contain_text("session")
    pair.windows[0].wrong.clear()
