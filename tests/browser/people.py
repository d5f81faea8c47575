"""Two people in two windows, who do everything by clicking and typing what they see."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Locator, Page, WebSocket, expect

from tests.support.frames import CLIENT_OF, is_valid, union_of

CHOICES = {
    "experience_type": "Current Experience",
    "emotion_type": "anxiety",
    "problem_type": "job crisis",
    "initial_emotion_intensity": "5",
}


class Window:
    """A browser window of its own, with what went wrong in it."""

    def __init__(self, browser: Browser, base: str) -> None:
        self.context = browser.new_context(
            base_url=base, viewport={"width": 1280, "height": 900}, reduced_motion="reduce"
        )
        self.page = self.context.new_page()
        self.wrong: list[str] = []
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("console", lambda said: self.wrong.append(said.text) if said.type == "error" else None)
        self.page.on("websocket", self.watch)

    def watch(self, socket: WebSocket) -> None:
        """Hold every frame that the scripts send and get against the published schema."""
        server = union_of(urlsplit(socket.url).path)

        def judge(union: str, text: str | bytes) -> None:
            if not is_valid(union, json.loads(text)):
                self.wrong.append(f"no {union} frame: {text!r}")

        socket.on("framesent", lambda text: judge(CLIENT_OF[server], text))
        socket.on("framereceived", lambda text: judge(server, text))

    def close(self) -> None:
        self.context.close()


def at(page: Page, path: str) -> None:
    """Wait until the window shows `path`; a room that is over leaves time for the last words."""
    expect(page).to_have_url(re.compile(rf"//[^/]+{path}$"), timeout=20_000)


def agree(page: Page, invite: str) -> None:
    """Open the invite and tick everything but contact."""
    page.goto(invite)
    at(page, "/consent/")
    for item in ("adult", "take_part", "recorded", "release_public"):
        page.locator(f"label:has([name={item}])").click()
    page.get_by_role("button", name="Take part", exact=True).click()


def tell_why(page: Page, situation: str) -> None:
    """The seeker's survey before the conversation."""
    at(page, "/survey/before/")
    for name, value in CHOICES.items():
        page.locator(f'label:has([name={name}][value="{value}"])').click()
    page.locator("[name=situation]").fill(situation)
    page.get_by_role("button", name="Go to the waiting room").click()


Key = Mapping[str, Sequence[str]]


def fill_question(question: Locator, key: Key) -> None:
    """Click the right answer of one question of a paper: a choice, the lines to mark, or the places."""
    answer = key[question.get_attribute("data-question") or ""]
    lists = question.locator("select").all()
    for place, choice in zip(lists, answer, strict=False):
        place.select_option(choice)
    if not lists:
        for choice in answer:
            question.locator(f'label:has([value="{choice}"])').click()


def learn(page: Page, key: Key, on_exam: Callable[[], None] = lambda: None) -> int:
    """All quizzes and the examination by clicking; returns how many were passed.

    `on_exam` is called when the examination is shown.
    """
    at(page, "/training/")
    page.locator("a.button-main").click()
    for passed in range(1, 16):
        if page.url.endswith("/exam/"):
            on_exam()
        for question in page.locator("fieldset.question").all():
            fill_question(question, key)
        page.get_by_role("button", name=re.compile("my answers$")).click()
        expect(page.locator("h1")).to_contain_text("Passed")
        page.locator("a.button-main").first.click()
        if page.url.endswith("/lobby/"):
            return passed
    raise AssertionError(f"the training does not end: {page.url}")


def meet(seeker: Page, supporter: Page) -> None:
    """From the waiting room into the room."""
    for page in (seeker, supporter):
        at(page, "/lobby/")
        page.get_by_role("button", name="Begin waiting").click()
    for page in (seeker, supporter):
        page.get_by_role("button", name="I am ready").click()
    for page in (seeker, supporter):
        in_room(page)


def in_room(page: Page) -> None:
    """Wait until the room is there and connected."""
    at(page, "/chat/[0-9a-f-]+/")
    expect(page.locator("[data-line]")).to_have_attribute("data-state", "connected")


def say(page: Page, text: str, strategy: str | None) -> None:
    """Choose the strategy if there is one, type, and send with Enter."""
    if strategy:
        page.locator(f'[data-strategy="{strategy}"]').click()
    field = page.get_by_label("Your message")
    expect(field).to_be_editable()
    field.fill(text)
    field.press("Enter")


def hear(page: Page, text: str) -> None:
    """Wait until the text stands in the log, once."""
    expect(page.get_by_role("log").get_by_text(text, exact=True)).to_have_count(1)


def rate_if_asked(page: Page, value: int) -> bool:
    """Answer the open request for feedback, if there is one."""
    bar = page.locator("[data-stars]")
    if bar.get_attribute("data-open") != "yes":
        return False
    bar.locator(f'[data-value="{value}"]').click()
    expect(bar).to_have_attribute("data-open", "no")
    return True


def end(page: Page) -> None:
    page.get_by_role("button", name="End").first.click()
    page.get_by_role("dialog").get_by_role("button", name="End the conversation").click()


def answer(page: Page, answers: Mapping[str, str]) -> str:
    """The survey after the conversation; returns the completion code."""
    if not page.url.endswith("/survey/after/"):
        page.get_by_role("link", name="Go on").click()
    at(page, "/survey/after/")
    for name, value in answers.items():
        field = page.locator(f"[name={name}]")
        if field.count() > 1:
            page.locator(f'label:has([name={name}][value="{value}"])').click()
        else:
            field.fill(value)
    page.get_by_role("button", name="Send and finish").click()
    at(page, "/done/")
    return page.locator("#completion-code").inner_text()
