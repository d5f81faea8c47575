"""The server dies, the network goes, websockets are refused: nothing is lost, and windows tell the truth."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import diary, people
from tests.browser.people import Window
from tests.flows.staff import Staff
from tests.flows.story import SITUATION
from tests.support.processes import wait_until
from tests.support.proxy import FaultProxy
from tests.support.servers import Embedded

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(240)]

OUTAGE_SECONDS = 5.0
KNOWS_AFTER = 2.0
"""A killed process's connections are cut by the kernel; this is what a busy machine may need to show it."""
BACK_AFTER = 40_000
LONG_PAUSE_AFTER = 4
"""Tries in vain after which the next one is at least four seconds away."""
SEEKER_HOST, SUPPORTER_HOST = "127.0.0.1", "localhost"


def at_host(url: str, host: str) -> str:
    return url.replace(SEEKER_HOST, host)


@contextmanager
def two_in_a_room(browser: Browser, staff: Staff, url: str) -> Iterator[tuple[Page, Page]]:
    """Seeker and supporter in a room, each under a host name of their own, with diaries."""
    windows = [Window(browser, at_host(url, host)) for host in (SEEKER_HOST, SUPPORTER_HOST)]
    seeker, supporter = (window.page for window in windows)
    people.agree(seeker, at_host(staff.invite("seeker"), SEEKER_HOST))
    people.tell_why(seeker, SITUATION)
    people.agree(supporter, at_host(staff.invite("supporter", qualified=True), SUPPORTER_HOST))
    people.meet(seeker, supporter)
    for page in (seeker, supporter):
        people.hear(page, "You are both here. Take your time.")
    seeker.get_by_label("Your message").focus()
    for page in (seeker, supporter):
        diary.keep(page)
    yield seeker, supporter
    for window in windows:
        window.close()
    # Lines that were cut are told on the console; nothing else may be.
    wrong = [text for window in windows for text in window.wrong]
    assert [text for text in wrong if "WebSocket connection" not in text and "net::ERR_" not in text] == []


@pytest.fixture
def proxy() -> Iterator[FaultProxy]:
    made = FaultProxy([])
    yield made
    made.stop()


@pytest.fixture
def staff_behind(proxy: FaultProxy, start_embedded: Callable[..., Embedded]) -> Staff:
    """An application that everybody reaches through the proxy."""
    server = start_embedded(PUBLIC_URL=proxy.url)
    proxy.backends = [server.port]
    return Staff(server)


def line_says(page: Page, state: str) -> None:
    expect(page.locator("[data-line]")).to_have_attribute("data-state", state, timeout=BACK_AFTER)


def fate_is(page: Page, text: str, state: str) -> None:
    """Wait until an own utterance is in this state."""
    bubble = page.locator(".bubble-end", has=page.get_by_text(text, exact=True))
    expect(bubble).to_have_attribute("data-state", state, timeout=BACK_AFTER)


def write(page: Page, text: str, *, send: bool = True) -> None:
    """Go on typing wherever the focus is."""
    page.keyboard.type(text)
    if send:
        page.keyboard.press("Enter")


def shown(page: Page) -> list[str]:
    return page.locator(".bubble-text").all_inner_texts()


def warns_before_leaving(page: Page) -> None:
    """Try to close the window and be asked; stay."""
    with page.expect_event("dialog") as asked:
        page.close(run_before_unload=True)
    assert asked.value.type == "beforeunload"
    asked.value.dismiss()


def closes_without_a_word(page: Page) -> None:
    page.on("dialog", lambda dialog: pytest.fail(dialog.type))
    with page.expect_event("close"):
        page.close(run_before_unload=True)


def check_everything_arrived(staff: Staff, pages: Sequence[Page], texts: Sequence[str]) -> None:
    """Each utterance is shown once, in order, in both windows, and was stored before it was called sent."""
    for page in pages:
        people.hear(page, texts[-1])
        assert shown(page) == list(texts)
    found = diary.stored(staff.call(f"conversations/{pages[0].url.rstrip('/').rsplit('/', 1)[-1]}/"))
    assert list(found) == list(texts)
    for page in pages:
        kept = diary.read(page)
        assert diary.doubles(kept) == []
        for text, _ in kept[-1].said:
            assert diary.sent_at(kept, text) >= found[text]
            assert diary.fate(kept, text).count("sent") == 1


def test_a_server_killed_in_the_middle_of_typing(
    browser: Browser, start_embedded: Callable[..., Embedded]
) -> None:
    server = start_embedded()
    staff = Staff(server)
    with two_in_a_room(browser, staff, server.url) as pages:
        seeker, supporter = pages
        write(seeker, "Stored before.")
        fate_is(seeker, "Stored before.", "sent")
        people.hear(supporter, "Stored before.")
        server.child.send(signal.SIGSTOP)
        write(seeker, "On its way.")
        fate_is(seeker, "On its way.", "sending")
        write(seeker, "In the mid", send=False)
        server.kill()
        killed = time.time()
        write(seeker, "dle of typing.")
        for page in pages:
            line_says(page, "waiting")
            expect(page.locator("[data-line]")).to_contain_text("Reconnecting")
            expect(page.locator("[data-partner]")).to_have_text("No news of your partner")
        write(seeker, "While it is dead.")
        for text in ("On its way.", "In the middle of typing.", "While it is dead."):
            fate_is(seeker, text, "waiting")
        warns_before_leaving(seeker)
        write(seeker, "A thought that is not fin", send=False)
        wait_until(lambda: time.time() - killed >= OUTAGE_SECONDS, "five seconds")
        started = time.time()
        server.start()
        write(seeker, "ished", send=False)
        for page in pages:
            line_says(page, "connected")
        texts = ["Stored before.", "On its way.", "In the middle of typing.", "While it is dead."]
        fate_is(seeker, texts[-1], "sent")
        check_everything_arrived(staff, pages, texts)
        for page in pages:
            kept = diary.read(page)
            assert diary.lines(kept) == ["connected", "waiting", "connected"]
            assert diary.claims(kept, "connected", killed + KNOWS_AFTER, started) == []
            assert {entry.partner for entry in kept if entry.line == "waiting"} == {"unknown"}
        kept = diary.read(seeker)
        assert diary.fate(kept, "On its way.") == ["sending", "waiting", "sending", "sent"]
        assert diary.fate(kept, "While it is dead.") == ["waiting", "sending", "sent"]
        assert {entry.focus for entry in kept} == {"composer-text"}
        expect(seeker.get_by_label("Your message")).to_have_value("A thought that is not finished")
        closes_without_a_word(seeker)


def test_airplane_mode(browser: Browser, proxy: FaultProxy, staff_behind: Staff) -> None:
    with two_in_a_room(browser, staff_behind, proxy.url) as pages:
        seeker, supporter = pages
        write(seeker, "Before the flight.")
        fate_is(seeker, "Before the flight.", "sent")
        proxy.mute(1.0, SEEKER_HOST)
        write(seeker, "Stored, but nobody told me.")
        people.hear(supporter, "Stored, but nobody told me.")
        fate_is(seeker, "Stored, but nobody told me.", "sending")
        seeker.context.set_offline(True)
        left = time.time()
        line_says(seeker, "offline")
        fate_is(seeker, "Stored, but nobody told me.", "waiting")
        write(seeker, "Above the clouds.")
        write(seeker, "Still there.")
        write(seeker, "A draft in the air", send=False)
        fate_is(seeker, "Still there.", "waiting")
        warns_before_leaving(seeker)
        expect(supporter.locator("[data-partner]")).to_have_attribute(
            "data-status", "offline", timeout=30_000
        )
        people.say(supporter, "Take your time.", "Others")
        fate_is(supporter, "Take your time.", "sent")
        for _try in range(LONG_PAUSE_AFTER):
            seeker.wait_for_event("websocket")
        proxy.heal()
        assert shown(seeker) == [
            "Before the flight.", "Stored, but nobody told me.", "Above the clouds.", "Still there."
        ]  # fmt: skip
        landed = time.time()
        seeker.context.set_offline(False)
        line_says(seeker, "connected")
        fate_is(seeker, "Still there.", "sent")
        texts = ["Before the flight.", "Stored, but nobody told me.", "Take your time.", "Above the clouds."]
        check_everything_arrived(staff_behind, pages, [*texts, "Still there."])
        kept = diary.read(seeker)
        assert diary.claims(kept, "connected", left + KNOWS_AFTER, landed) == []
        assert set(diary.lines(kept)) <= {"connected", "offline", "waiting"}
        assert diary.claims(kept, "waiting", left + KNOWS_AFTER, landed) == []
        assert diary.first(kept, "connected", landed).at - landed < KNOWS_AFTER
        assert {entry.focus for entry in kept} == {"composer-text"}
        assert diary.lines(diary.read(supporter)) == ["connected"]
        expect(seeker.get_by_label("Your message")).to_have_value("A draft in the air")


def test_without_websockets_it_goes_on_by_requests(
    browser: Browser, proxy: FaultProxy, staff_behind: Staff
) -> None:
    with two_in_a_room(browser, staff_behind, proxy.url) as pages:
        seeker, supporter = pages
        write(seeker, "By the socket.")
        fate_is(seeker, "By the socket.", "sent")
        proxy.block_sockets(SEEKER_HOST)
        blocked = time.time()
        line_says(seeker, "waiting")
        write(seeker, "While it looks for a way.")
        line_says(seeker, "polling")
        expect(seeker.locator("[data-line]")).to_contain_text("a few seconds behind")
        write(seeker, "By a request.")
        fate_is(seeker, "By a request.", "sent")
        expect(seeker.locator("[data-partner]")).to_have_attribute("data-status", "online")
        people.say(supporter, "I hear you.", "Others")
        people.say(supporter, "Go on.", "Others")
        expect(seeker.locator("[data-stars]")).to_have_attribute("data-open", "yes")
        seeker.locator("[data-value='4']").press("Enter")
        expect(seeker.locator("[data-question]")).to_have_text("Thank you – noted.")
        expect(supporter.locator("[data-partner]")).to_have_attribute("data-status", "online")
        seeker.get_by_label("Your message").focus()
        healed = time.time()
        proxy.heal()
        line_says(seeker, "connected")
        write(seeker, "By the socket again.")
        fate_is(seeker, "By the socket again.", "sent")
        texts = ["By the socket.", "While it looks for a way.", "By a request.", "I hear you.", "Go on."]
        check_everything_arrived(staff_behind, pages, [*texts, "By the socket again."])
        kept = diary.read(seeker)
        assert diary.lines(kept)[:3] == ["connected", "waiting", "polling"]
        assert set(diary.lines(kept)[3:]) <= {"polling", "waiting", "connected"}
        assert diary.claims(kept, "connected", blocked + KNOWS_AFTER, healed) == []
        assert diary.lines(diary.read(supporter)) == ["connected"]
        proxy.block_sockets(SEEKER_HOST)
        line_says(seeker, "polling")
        people.end(supporter)
        for page in pages:
            expect(page.locator("[data-ended]")).to_be_visible()
        line_says(seeker, "ended")
