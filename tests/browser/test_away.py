"""The partner is gone: the choice between waiting and finishing, and what it counts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import people
from tests.browser.people import Window
from tests.flows.staff import Staff
from tests.flows.story import SEEKER_AFTER, SITUATION
from tests.support.processes import ROOT
from tests.support.servers import Embedded

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(240)]

QUICK = "timers: {partner_away: 2, partner_left: 200}\n"


def test_whoever_is_left_may_wait_or_finish_and_it_counts_in_full(
    browser: Browser, start_embedded: Callable[[], Embedded], tmp_path: Path
) -> None:
    study = tmp_path / "quick.yaml"
    study.write_text((ROOT / "fixtures/studies/esconv.yaml").read_text("utf-8") + QUICK, "utf-8")
    server = start_embedded()
    staff = Staff(server, str(study))
    seeker, supporter = Window(browser, server.url), Window(browser, server.url)
    people.agree(seeker.page, staff.invite("seeker"))
    people.tell_why(seeker.page, SITUATION)
    people.agree(supporter.page, staff.invite("supporter", qualified=True))
    people.meet(seeker.page, supporter.page)
    page, room = seeker.page, supporter.page.url
    bar = page.locator("[data-away]")
    expect(bar).to_be_hidden()

    supporter.page.goto("/resources/")
    expect(bar).to_be_visible(timeout=40_000)
    expect(bar).to_contain_text("It counts in full for you either way.")
    page.set_viewport_size({"width": 360, "height": 640})
    box = page.get_by_label("Your message").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 640
    bar.get_by_role("button", name="I will wait").press("Enter")
    expect(bar).to_be_hidden()
    expect(page.get_by_role("log")).to_be_focused()
    page.reload()
    expect(bar).to_be_visible()
    supporter.page.goto(room)
    expect(bar).to_be_hidden()
    expect(page.get_by_role("log")).to_contain_text("Your partner is back.")

    supporter.page.goto("/resources/")
    expect(bar).to_be_visible(timeout=40_000)
    bar.get_by_role("button", name="Finish now").click()
    assert people.answer(page, SEEKER_AFTER)
    expect(page.locator("main")).to_contain_text("the conversation counts in full for you")
    assert [seeker.wrong, supporter.wrong] == [[], []]
    for window in (seeker, supporter):
        window.close()
