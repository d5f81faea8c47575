"""The training in a real browser: by keyboard alone, on a phone, with axe finding nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.people import Key, agree, fill_question
from tests.flows.lives import answer_key
from tests.support.servers import Embedded

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.slow]

STUDY = "fixtures/studies/demo.yaml"
KEY: Key = answer_key()
PAPERS = 15
WAIT = 30_000


@pytest.fixture(scope="module")
def site(embedded_server: Embedded) -> str:
    embedded_server.manage("open_study", STUDY)
    return embedded_server.url


@pytest.fixture
def page(browser: Browser, site: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A supporter's window on the overview of the training; `param` is its width and look."""
    width, dark = getattr(request, "param", (1280, False))
    context = browser.new_context(
        reduced_motion="reduce",
        base_url=site,
        viewport={"width": width, "height": 800},
        color_scheme="dark" if dark else "light",
    )
    wrong: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto("/s/demo/")
    page.get_by_role("button", name="Support somebody").click()
    agree(page, page.url)
    expect(page).to_have_url(re.compile("/training/$"))
    yield page
    context.close()
    assert wrong == []


def look_at(page: Page) -> None:
    """Nothing sticks out, and the accessibility rules find nothing."""
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), f"{page.url} is too wide"
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found] == [], page.url


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus, and see that the focus shows."""
    for _press in range(80):
        if target.evaluate("element => element === document.activeElement"):
            shown = "e => getComputedStyle(e.closest('.choice') || e).outlineStyle"
            assert target.evaluate(shown) == "solid", "the focus cannot be seen"
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{target} cannot be reached with the keyboard")


def key_in(page: Page, question: Locator, answer: Sequence[str]) -> None:
    """Answer a question with Tab, arrows, Space and letters."""
    lists = question.locator("select").all()
    for place, choice in zip(lists, answer, strict=False):
        tab_to(page, place)
        values = place.locator("option").evaluate_all("options => options.map(o => o.value)")
        for _press in range(values.index(choice)):
            page.keyboard.press("ArrowDown")
        expect(place).to_have_value(choice)
    if lists:
        return
    boxes = question.locator("input[type=checkbox]")
    for box in boxes.all():
        if box.get_attribute("value") in answer:
            tab_to(page, box)
            page.keyboard.press("Space")
    if boxes.count() == 0:
        first = question.locator("input[type=radio]").first
        tab_to(page, first)
        page.keyboard.press("Space")
        while not question.locator(f'[value="{answer[0]}"]').is_checked():
            page.keyboard.press("ArrowDown")


def item_of(question: Locator) -> str:
    return question.get_attribute("data-question") or ""


def wrong_answer(question: Locator) -> None:
    """Choose something that is not the key."""
    key = KEY[item_of(question)]
    for number, place in enumerate(question.locator("select").all(), 1):
        place.select_option(index=number)
    for box in question.locator("input").all():
        if box.get_attribute("value") not in key:
            question.locator(f'label:has([value="{box.get_attribute("value")}"])').click()
            return


@pytest.mark.timeout(900)
def test_the_whole_training_is_passed_with_the_keyboard_alone(page: Page) -> None:
    look_at(page)
    tab_to(page, page.locator("a.button-main"))
    page.keyboard.press("Enter")
    for number in range(1, PAPERS + 1):
        exam = number == PAPERS
        expect(page.locator("fieldset.question").first).to_be_visible(timeout=WAIT)
        look_at(page)
        while page.locator("fieldset.question").count():
            question = page.locator("fieldset.question").first
            item = item_of(question)
            key_in(page, question, KEY[item])
            if exam:
                break
            tab_to(page, question.locator("[data-check]"))
            page.keyboard.press("Enter")
            told = page.locator(f"#told-q-{item}")
            expect(told).to_be_focused(timeout=WAIT)
        if exam:
            for question in page.locator("fieldset.question").all()[1:]:
                key_in(page, question, KEY[item_of(question)])
            look_at(page)
            tab_to(page, page.locator("button[type=submit].button-main"))
        else:
            expect(page.locator("#quiz-end")).to_contain_text("Passed", timeout=WAIT)
            if number == 1:
                look_at(page)
            tab_to(page, page.locator("#quiz-end a"))
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_contain_text("Passed", timeout=WAIT)
        if number in {1, PAPERS}:
            look_at(page)
        tab_to(page, page.locator("a.button-main").first)
        page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/lobby/$"), timeout=WAIT)


@pytest.mark.parametrize("page", [(390, False), (390, True)], indirect=True)
def test_a_wrong_answer_on_a_phone_is_explained_and_asked_once_more(page: Page) -> None:
    look_at(page)
    page.locator("a.button-main").click()
    examples = [box for example in page.locator(".example").all() if (box := example.bounding_box())]
    assert examples[1]["y"] > examples[0]["y"] + examples[0]["height"], "the examples are not stacked"
    question = page.locator("fieldset.question").first
    item = item_of(question)
    wrong_answer(question)
    question.locator("[data-check]").click()
    expect(page.locator(f"#field-q-{item}")).to_contain_text("Look at this one again")
    again = page.locator(f"#field-q-{item} + fieldset")
    expect(again).to_contain_text("Once more:")
    expect(page.locator("#quiz-progress")).to_contain_text("1 of 6 questions answered.")
    look_at(page)
    page.reload()
    expect(page.locator(f"#field-q-{item}")).to_contain_text("Look at this one again")
    fill_question(again, KEY)
    again.locator("[data-check]").click()
    expect(again).to_have_count(0)
    for question in page.locator("fieldset.question").all():
        fill_question(question, KEY)
    page.get_by_role("button", name="Check my answers").click()
    expect(page.locator("h1")).to_contain_text("Passed")
    look_at(page)


def test_the_examples_stand_side_by_side_where_there_is_room(page: Page) -> None:
    page.locator("a.button-main").click()
    good, clumsy = [example.bounding_box() for example in page.locator(".example").all()]
    assert good
    assert clumsy
    assert (good["y"], good["x"] + good["width"] < clumsy["x"]) == (clumsy["y"], True)


def test_an_unanswered_question_is_named_and_a_lost_line_keeps_the_answer(page: Page) -> None:
    page.locator("a.button-main").click()
    question = page.locator("fieldset.question").first
    item = item_of(question)
    question.locator("[data-check]").click()
    expect(question.locator(f"#error-q-{item}")).to_contain_text("not answered yet")
    fill_question(question, KEY)
    page.context.set_offline(True)
    question.locator("[data-check]").click()
    expect(question.get_by_role("alert")).to_contain_text("Your answer is still here")
    page.context.set_offline(False)
    question.locator("[data-check]").click()
    expect(page.locator(f"#field-q-{item}")).to_contain_text("You answered this right")


def test_a_quiz_works_without_scripts(browser: Browser, site: str) -> None:
    context = browser.new_context(reduced_motion="reduce", base_url=site, java_script_enabled=False)
    page = context.new_page()
    page.goto("/s/demo/")
    page.get_by_role("button", name="Support somebody").click()
    agree(page, page.url)
    page.locator("a.button-main").click()
    expect(page.locator("[data-check]").first).to_be_hidden()
    for question in page.locator("fieldset.question").all():
        fill_question(question, KEY)
    page.get_by_role("button", name="Check my answers").click()
    expect(page.locator("h1")).to_contain_text("Passed")
    context.close()
