import html

import pytest
from django.test import Client

from escollect.conversations.selectors import next_step
from escollect.domain.lifecycle import Step
from escollect.domain.quiz import SINGLE, Choice
from escollect.people.models import Participant
from escollect.studies.models import Study
from escollect.training.actions import grant_qualification, revoke_qualification
from escollect.training.models import Attempt
from escollect.training.selectors import has_qualification
from tests.training.trainees import (
    ENGLISH,
    MODULES,
    POOL,
    address,
    fill_in,
    make_client,
    make_trainee,
    pass_modules,
    read_page,
    take,
)

pytestmark = pytest.mark.django_db
ANSWER_WORDS = ("Right answer", "To be marked", "You chose this", "You marked this", "is-right", "is-wrong")


READING = " ".join(path.read_text("utf-8").split("\nquiz:")[0] for path in sorted(ENGLISH.glob("*/*")))


def shown_whys(page: str) -> list[Choice]:
    """The explanations that a page holds; those whose very words are also for reading do not count."""
    choices = [choice for item in POOL.values() for choice in item.choices if choice.why not in READING]
    return [choice for choice in choices if html.escape(choice.why) in page]


def test_a_supporter_goes_from_consent_to_qualification_by_pages_alone(
    trainee: Participant, browser_of_trainee: Client
) -> None:
    assert next_step(trainee) is Step.TRAINING
    for slug in [*MODULES, "exam"]:
        page = browser_of_trainee.get(address(slug))
        assert page.status_code == 200
        posted = browser_of_trainee.post(address(slug), fill_in(read_page(page)), follow=True)
        assert posted.redirect_chain == [(f"/training/{slug}/answers/", 303)]
        assert "Passed – well done" in read_page(posted).text

    assert has_qualification(trainee)
    assert next_step(trainee) is Step.LOBBY


def test_no_page_before_grading_holds_the_key_or_an_explanation(
    trainee: Participant, browser_of_trainee: Client
) -> None:
    for done in [*MODULES, "exam"]:
        crawled = ["/training/", "/training/exam/", *[address(slug) for slug in MODULES]]
        for path in crawled:
            response = browser_of_trainee.get(path)
            texts = [response.content.decode(), str(response.headers), str(response.cookies)]
            for text in texts:
                assert shown_whys(text) == []
                assert not [word for word in ANSWER_WORDS if word in text], path
        assert take(trainee, done)


def test_a_page_with_a_missing_answer_holds_no_key_either(browser_of_trainee: Client) -> None:
    form = read_page(browser_of_trainee.get(address(MODULES[0])))
    given = fill_in(form)
    given.popitem()

    page = browser_of_trainee.post(address(MODULES[0]), given).content.decode()

    assert shown_whys(page) == []
    assert not [word for word in ANSWER_WORDS if word in page]


def test_a_choice_looks_the_same_whether_it_is_right_or_wrong(browser_of_trainee: Client) -> None:
    page = browser_of_trainee.get(address(MODULES[0])).content.decode()
    shapes = set()
    for name, values in read_page(browser_of_trainee.get(address(MODULES[0]))).asked.items():
        item = POOL[name.removeprefix("q-")]
        if item.kind not in SINGLE:
            continue
        for choice in item.choices:
            start = page.index(f'<label class="choice" for="{name}-{choice.id}">')
            label = page[start : page.index("</label>", start)]
            shapes.add(
                label.replace(html.escape(choice.text), "")
                .replace(f'"{choice.id}"', "")
                .replace(name, "")
                .replace(f"-{choice.id}", "")
            )
        assert len(values) >= 3

    assert len(shapes) == 1


def test_the_answer_page_explains_every_choice(browser_of_trainee: Client) -> None:
    form = read_page(browser_of_trainee.get(address(MODULES[0])))
    given = fill_in(form, wrong=2)

    page = browser_of_trainee.post(address(MODULES[0]), given, follow=True)

    items = [POOL[name.removeprefix("q-")] for name in form.asked]
    explained = {choice.why for item in items for choice in item.choices if choice.why not in READING}
    assert {choice.why for choice in shown_whys(page.content.decode())} == explained
    text = read_page(page).text
    assert "3 of 5 questions right (60 %). To pass you need 80 %." in text
    assert text.count("Look at this one again") == 2
    assert text.count("You answered this right") == 3
    assert "Try again" in text


@pytest.mark.parametrize("slug", [*MODULES[1:], "exam"])
def test_no_part_can_be_entered_early_by_its_address(browser_of_trainee: Client, slug: str) -> None:
    for response in (browser_of_trainee.get(address(slug)), browser_of_trainee.post(address(slug), {})):
        assert (response.status_code, response.headers["Location"]) == (303, "/training/")
    assert browser_of_trainee.get(f"/training/{slug}/answers/").status_code == 404
    assert not Attempt.objects.exists()


def test_a_missing_answer_is_named_and_the_others_are_kept(browser_of_trainee: Client) -> None:
    form = read_page(browser_of_trainee.get(address(MODULES[0])))
    given = fill_in(form)
    missed = next(iter(given))
    del given[missed]

    response = browser_of_trainee.post(address(MODULES[0]), given)

    again = read_page(response)
    assert response.status_code == 400
    assert "Nothing was graded yet. Your answers are still here" in again.text
    assert again.text.count("This question is not answered yet.") == 2
    assert f'href="#field-{missed}"' in response.content.decode()
    assert again.ticked == given
    assert again.asked == form.asked
    assert Attempt.objects.get().state == Attempt.State.OPEN


@pytest.mark.parametrize("value", ["z", "<script>", "a" * 5000])
def test_a_strange_answer_is_refused(browser_of_trainee: Client, value: str) -> None:
    given = fill_in(read_page(browser_of_trainee.get(address(MODULES[0]))))
    single = next(name for name in given if POOL[name.removeprefix("q-")].kind in SINGLE)
    given[single] = [value]

    response = browser_of_trainee.post(address(MODULES[0]), given)

    assert response.status_code == 400
    assert "This answer is not one of the choices." in read_page(response).text
    assert "<script>" not in response.content.decode().split("<main")[1]


def test_answers_sent_twice_lead_to_the_first_result(browser_of_trainee: Client) -> None:
    given = fill_in(read_page(browser_of_trainee.get(address(MODULES[0]))), wrong=3)
    right = {name: POOL[name.removeprefix("q-")].key for name in given}
    browser_of_trainee.post(address(MODULES[0]), given)

    again = browser_of_trainee.post(address(MODULES[0]), right, follow=True)

    assert again.redirect_chain == [(f"/training/{MODULES[0]}/answers/", 303)]
    assert "2 of 5 questions right" in read_page(again).text
    assert Attempt.objects.get().state == Attempt.State.FAILED


def test_answers_without_a_paper_lead_to_the_paper(browser_of_trainee: Client) -> None:
    given = {f"q-{item_id}": item.key for item_id, item in POOL.items()}

    response = browser_of_trainee.post(address(MODULES[0]), given)

    assert (response.status_code, response.headers["Location"]) == (303, address(MODULES[0]))
    assert not Attempt.objects.exists()


def test_a_passed_module_is_for_reading_only(trainee: Participant, browser_of_trainee: Client) -> None:
    pass_modules(trainee, 1)

    page = read_page(browser_of_trainee.get(address(MODULES[0])))

    assert page.asked == {}
    assert "You have passed this module." in page.text
    assert Attempt.objects.count() == 1


def test_a_seeker_a_stranger_and_somebody_without_consent_see_no_training(study: Study) -> None:
    seeker, newcomer = make_trainee(study, role="seeker"), make_trainee(study, consented=False)
    for path in ["/training/", address(MODULES[0]), "/training/exam/", f"/training/{MODULES[0]}/answers/"]:
        assert make_client(seeker).get(path).headers["Location"] == "/survey/before/"
        assert make_client(newcomer).get(path).headers["Location"] == "/consent/"
        assert make_client(None).get(path).status_code == 403
        assert make_client(newcomer).post(path, {}).status_code in {303, 405}
    assert not Attempt.objects.exists()


def test_nobody_sees_the_answers_of_somebody_else(study: Study, trainee: Participant) -> None:
    pass_modules(trainee, 1)

    other = make_client(make_trainee(study))

    assert other.get(f"/training/{MODULES[0]}/answers/").status_code == 404


def test_an_unknown_module_is_not_found(browser_of_trainee: Client) -> None:
    assert browser_of_trainee.get("/training/hypnosis/").status_code == 404
    assert browser_of_trainee.post("/training/hypnosis/", {}).status_code == 404


def test_the_overview_shows_what_is_done_and_what_comes_next(
    trainee: Participant, browser_of_trainee: Client
) -> None:
    pass_modules(trainee, 2)
    take(trainee, MODULES[2], wrong=3)
    take(trainee, MODULES[2], wrong=2)

    response = browser_of_trainee.get("/training/")

    text = read_page(response).text
    assert "2 of 14 modules passed" in text
    assert text.count("Your best result so far: 60 %") == text.count("Your best result so far") == 1
    assert (text.count(" Passed"), text.count(" Next"), text.count("Opens later")) == (2, 1, 12)
    assert f'href="{address(MODULES[2])}"' in response.content.decode()
    assert f'href="{address(MODULES[3])}"' not in response.content.decode()


def test_a_supporter_whose_qualification_was_withdrawn_is_told_so(
    trainee: Participant, browser_of_trainee: Client, admin_user: object
) -> None:
    grant_qualification(trainee, None, "trained elsewhere")
    assert "You are qualified" in read_page(browser_of_trainee.get("/training/")).text

    revoke_qualification(trainee, admin_user, "unkind messages")  # type: ignore[arg-type]

    text = read_page(browser_of_trainee.get("/training/")).text
    assert "Your qualification was withdrawn" in text
    assert "unkind messages" not in text


def test_the_pages_have_no_inline_script_or_style(browser_of_trainee: Client) -> None:
    for path in ["/training/", address(MODULES[0])]:
        page = browser_of_trainee.get(path).content.decode()
        assert "<style" not in page
        assert " style=" not in page
        assert "<script>" not in page


def test_the_texts_of_a_module_are_shown_as_html(browser_of_trainee: Client) -> None:
    page = browser_of_trainee.get(address(MODULES[0])).content.decode()

    assert "<h2>What it is</h2>" in page
    assert "<strong>" in page
    assert html.escape("Restatement or Paraphrasing") in page


def test_who_has_passed_may_practise_once_before_and_need_not(
    trainee: Participant, browser_of_trainee: Client
) -> None:
    pass_modules(trainee)
    assert (
        "/training/practice/"
        not in browser_of_trainee.get(f"/training/{MODULES[0]}/answers/").content.decode()
    )
    assert take(trainee, "exam")
    page = browser_of_trainee.get("/training/exam/answers/").content.decode()
    assert '<a class="button" href="/training/practice/">Practise once before</a>' in page
    assert browser_of_trainee.get("/training/practice/").status_code == 200
    assert browser_of_trainee.get("/next/").headers["Location"] == "/lobby/"
