"""Two people in two real windows, from their invites to the corpus, in both shapes of the application."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import people
from tests.browser.people import Window
from tests.flows.lives import answer_key
from tests.flows.staff import Staff, staff_of
from tests.flows.story import SEEKER_AFTER, SITUATION, STORY, SUPPORTER_AFTER
from tests.support.processes import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture(scope="module", params=["embedded", "production"])
def staff(request: pytest.FixtureRequest) -> Staff:
    return staff_of(request)


@pytest.fixture
def windows(browser: Browser, staff: Staff) -> Iterator[tuple[Window, Window]]:
    """The seeker's and the supporter's window; nothing may go wrong in them unseen."""
    pair = Window(browser, staff.application.url), Window(browser, staff.application.url)
    yield pair
    for window in pair:
        window.close()
    assert [window.wrong for window in pair] == [[], []]


def test_two_people_go_from_invite_to_completion_code(
    staff: Staff, windows: tuple[Window, Window], tmp_path: Path
) -> None:
    seeker, supporter = (window.page for window in windows)
    people.agree(seeker, staff.invite("seeker"))
    people.tell_why(seeker, SITUATION)
    people.agree(supporter, staff.invite("supporter"))
    assert people.learn(supporter, answer_key()) == 15
    people.meet(seeker, supporter)
    conversation = seeker.url.rstrip("/").rsplit("/", 1)[-1]
    rated = 0
    for role, strategy, text in STORY:
        people.say(seeker if role == "seeker" else supporter, text, strategy)
        for page in (seeker, supporter):
            people.hear(page, text)
        rated += role == "seeker" and people.rate_if_asked(seeker, 5)
    assert rated == 5
    people.end(seeker)
    codes = people.answer(seeker, SEEKER_AFTER), people.answer(supporter, SUPPORTER_AFTER)
    assert codes[0] != codes[1]
    assert staff.verdict(conversation)["verdict"] == "accepted"

    out = tmp_path / "release"
    staff.application.manage("create_release", "--study", "esconv", "--out", str(out))
    released = {r["conversation_id"]: r for r in json.loads((out / "ESConv.json").read_text("utf-8"))}
    dialog = released[conversation]["dialog"]
    assert [(u["speaker"], u["annotation"].get("strategy"), u["content"]) for u in dialog] == [*STORY]


def test_a_pair_that_stops_early_is_rejected_and_the_desk_says_why(
    staff: Staff, windows: tuple[Window, Window], browser: Browser
) -> None:
    seeker, supporter = (window.page for window in windows)
    people.agree(seeker, staff.invite("seeker"))
    people.tell_why(seeker, SITUATION)
    people.agree(supporter, staff.invite("supporter", qualified=True))
    people.meet(seeker, supporter)
    conversation = seeker.url.rstrip("/").rsplit("/", 1)[-1]
    for role, strategy, text in STORY[:4]:
        people.say(seeker if role == "seeker" else supporter, text, strategy)
        people.hear(seeker, text)
    people.end(supporter)
    people.answer(seeker, SEEKER_AFTER)
    people.answer(supporter, SUPPORTER_AFTER)
    wait_until(lambda: staff.verdict(conversation)["verdict"] == "rejected", "the verdict is not 'rejected'")
    desk = Window(browser, staff.application.url)
    staff.sign_in(desk.page)
    desk.page.goto(f"/desk/review/{conversation}/")
    for _, _, text in STORY[:4]:
        expect(desk.page.get_by_text(text, exact=True)).to_be_visible()
    expect(desk.page.locator("main")).to_contain_text("16")
    expect(desk.page.locator("main")).to_contain_text("rejected")
    assert desk.wrong == []
    desk.close()
