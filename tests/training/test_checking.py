"""Answers checked one by one: the explanation at once, another question of the skill that was missed."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.test import Client

from escollect.domain.quiz import BadAnswersError
from escollect.domain.tutorial import EXAM
from escollect.people.models import Participant
from escollect.training.actions import TrainingRefusedError, answer_question, start_attempt, submit_quiz
from escollect.training.models import Answer, Attempt
from escollect.training.papers import get_asked, get_graded, get_paper
from tests.training.trainees import (
    MODULES,
    POOL,
    address,
    answer,
    make_client,
    make_study,
    make_trainee,
    pass_modules,
    read_page,
    wrong_answer,
)

pytestmark = pytest.mark.django_db
FIRST = MODULES[0]
CHECK = f"{address(FIRST)}check/"


def open_paper(trainee: Participant) -> list[str]:
    """The ids of the questions of a new attempt at the first module."""
    paper = get_paper(start_attempt(trainee, FIRST))
    assert paper is not None
    return [item.id for item in paper]


def check(client: Client, item: str, right: bool = True) -> Any:
    """Send one answer as the script of the page does."""
    given = list(POOL[item].key) if right else wrong_answer(POOL[item])
    return client.post(CHECK, {"question": item, f"q-{item}": given})


def whys(item: str) -> list[str]:
    return [html.escape(choice.why) for choice in POOL[item].choices]


def test_a_right_answer_is_explained_at_once_and_stored(
    trainee: Participant, browser_of_trainee: Client
) -> None:
    item, *others = open_paper(trainee)

    response = check(browser_of_trainee, item)

    page = response.content.decode()
    assert (response.status_code, response.headers["Cache-Control"]) == (200, "private, no-store")
    assert all(why in page for why in whys(item))
    assert "You answered this right" in page
    assert "1 of 5 questions answered." in page
    assert not [other for other in others if f"q-{other}" in page]
    row = Answer.objects.get(item=item)
    assert (row.right, row.given, row.position, row.replaces) == (True, list(POOL[item].key), 1, "")
    assert (row.skill, row.kind) == (POOL[item].skill, POOL[item].kind)
    assert row.answered_at is not None
    assert row.shown_at <= row.answered_at


def test_a_wrong_answer_leads_to_another_question_of_the_same_skill(
    trainee: Participant, browser_of_trainee: Client
) -> None:
    item = open_paper(trainee)[0]

    response = check(browser_of_trainee, item, right=False)

    page = response.content.decode()
    added = Answer.objects.get(replaces=item)
    assert (added.skill, added.position, added.answered_at) == (POOL[item].skill, 6, None)
    assert read_page(response).asked == {
        f"q-{added.item}": read_page(browser_of_trainee.get(address(FIRST))).asked[f"q-{added.item}"]
    }
    assert "Look at this one again" in page
    assert "Once more:" in page
    assert "1 of 6 questions answered." in page
    assert all(why in page for why in whys(item))
    assert not [why for why in whys(added.item) if why in page]


def test_a_question_is_replaced_once_only(trainee: Participant, browser_of_trainee: Client) -> None:
    item = open_paper(trainee)[0]
    check(browser_of_trainee, item, right=False)
    added = Answer.objects.get(replaces=item)

    check(browser_of_trainee, added.item, right=False)

    assert Answer.objects.count() == 6
    assert Answer.objects.get(pk=added.pk).right is False


def test_a_module_is_passed_when_what_was_missed_is_made_good(
    trainee: Participant, browser_of_trainee: Client
) -> None:
    # Of two skills: a skill that is missed twice may have only one item left.
    first, *rest = open_paper(trainee)
    second = next(item for item in rest if POOL[item].skill != POOL[first].skill)
    others = [item for item in rest if item != second]
    for item in others:
        assert check(browser_of_trainee, item).status_code == 200
    for item in (first, second):
        check(browser_of_trainee, item, right=False)
    assert Attempt.objects.get().state == Attempt.State.OPEN
    added = [row.item for row in Answer.objects.exclude(replaces="").order_by("position")]

    pages = [check(browser_of_trainee, item).content.decode() for item in added]

    attempt = Attempt.objects.get()
    assert (attempt.state, attempt.score) == (Attempt.State.PASSED, 1.0)
    assert attempt.graded_at is not None
    assert "Passed – well done" in pages[-1]
    assert f'href="{address(FIRST)}answers/"' in pages[-1]
    assert "Passed – well done" not in "".join(pages[:-1])
    text = read_page(browser_of_trainee.get(f"{address(FIRST)}answers/")).text
    assert "5 of 5 questions right (100 %)" in text
    assert text.count("Once more:") == len(added)


def test_a_module_is_failed_when_too_much_stays_wrong(
    trainee: Participant, browser_of_trainee: Client
) -> None:
    open_paper(trainee)
    while left := Answer.objects.filter(answered_at=None).first():
        page = check(browser_of_trainee, left.item, right=False).content.decode()

    attempt = Attempt.objects.get()
    assert (attempt.state, attempt.score) == (Attempt.State.FAILED, 0.0)
    assert 6 <= Answer.objects.count() <= 10
    assert "0 of 5 questions were right in the end; to pass you need 80 %." in page
    assert start_attempt(trainee, FIRST).number == 2


def test_a_first_answer_stands_whatever_a_second_tab_sends(
    trainee: Participant, browser_of_trainee: Client
) -> None:
    item = open_paper(trainee)[0]
    first = check(browser_of_trainee, item, right=False)

    second = check(make_client(trainee), item, right=True)

    assert second.content == first.content
    assert Answer.objects.get(item=item).right is False
    assert Answer.objects.count() == 6
    whole = {f"q-{name}": POOL[name].key for name in POOL}
    make_client(trainee).post(address(FIRST), whole)
    assert Answer.objects.get(item=item).right is False


def test_the_rest_can_be_handed_in_as_a_whole(trainee: Participant, browser_of_trainee: Client) -> None:
    item = open_paper(trainee)[0]
    check(browser_of_trainee, item, right=False)
    form = read_page(browser_of_trainee.get(address(FIRST)))
    assert f"q-{item}" not in form.asked
    given = {name: POOL[name.removeprefix("q-")].key for name in form.asked}

    response = browser_of_trainee.post(address(FIRST), given)

    assert (response.status_code, response.headers["Location"]) == (303, f"{address(FIRST)}answers/")
    assert (Attempt.objects.get().state, Attempt.objects.get().score) == (Attempt.State.PASSED, 1.0)


def test_a_paper_handed_in_at_once_is_graded_as_a_whole(
    trainee: Participant, browser_of_trainee: Client
) -> None:
    paper = open_paper(trainee)
    given = {f"q-{item}": wrong_answer(POOL[item]) for item in paper}

    browser_of_trainee.post(address(FIRST), given)

    attempt = Attempt.objects.get()
    assert (attempt.state, attempt.score, attempt.answers.count()) == (Attempt.State.FAILED, 0.0, 5)


def test_an_open_page_shows_what_was_answered_and_asks_the_rest(
    trainee: Participant, browser_of_trainee: Client
) -> None:
    item, *others = open_paper(trainee)
    check(browser_of_trainee, item)

    response = browser_of_trainee.get(address(FIRST))

    assert set(read_page(response).asked) == {f"q-{other}" for other in others}
    page = response.content.decode()
    assert all(why in page for why in whys(item))
    assert not [why for other in others for why in whys(other) if why in page]
    assert "1 of 5 questions answered." in read_page(response).text


@pytest.mark.parametrize("given", [[], ["z"], ["<script>"], ["a", "b", "c", "d", "e", "f", "g"]])
def test_a_missing_or_strange_answer_is_asked_again(
    trainee: Participant, browser_of_trainee: Client, given: list[str]
) -> None:
    item = open_paper(trainee)[0]

    response = browser_of_trainee.post(CHECK, {"question": item, f"q-{item}": given})

    assert response.status_code == 400
    assert set(read_page(response).asked) == {f"q-{item}"}
    assert not [why for why in whys(item) if why in response.content.decode()]
    assert "<script>" not in response.content.decode()
    assert Answer.objects.get(item=item).answered_at is None
    with pytest.raises(BadAnswersError):
        answer_question(trainee, FIRST, item, given)


def test_only_questions_of_the_open_attempt_can_be_checked(
    trainee: Participant, browser_of_trainee: Client
) -> None:
    drawn = open_paper(trainee)
    others = [item.id for item in POOL.values() if item.id not in drawn]

    for item in [others[0], others[-1], "nothing"]:
        response = browser_of_trainee.post(CHECK, {"question": item, f"q-{item}": "a"})
        assert (response.status_code, response.headers["Location"]) == (303, address(FIRST))
    assert not Answer.objects.filter(answered_at__isnull=False).exists()


def test_nothing_can_be_checked_without_an_attempt_or_early_or_after_the_end(
    trainee: Participant, browser_of_trainee: Client
) -> None:
    item = next(iter(POOL))
    assert check(browser_of_trainee, item).headers["Location"] == address(FIRST)
    early = browser_of_trainee.post(f"{address(MODULES[1])}check/", {"question": item, f"q-{item}": "a"})
    assert early.headers["Location"] == "/training/"
    paper = get_paper(start_attempt(trainee, FIRST))
    assert paper is not None
    submit_quiz(trainee, FIRST, answer(paper))

    assert check(browser_of_trainee, paper[0].id).headers["Location"] == f"{address(FIRST)}answers/"
    assert browser_of_trainee.get(CHECK).status_code == 405


def test_the_examination_has_no_single_checks(trainee: Participant, browser_of_trainee: Client) -> None:
    pass_modules(trainee)
    paper = get_paper(start_attempt(trainee, EXAM))
    assert paper is not None

    response = browser_of_trainee.post(
        "/training/exam/check/", {"question": paper[0].id, f"q-{paper[0].id}": paper[0].key}
    )

    assert response.status_code == 404
    with pytest.raises(TrainingRefusedError, match="unknown"):
        answer_question(trainee, EXAM, paper[0].id, paper[0].key)
    assert "data-check" not in browser_of_trainee.get("/training/exam/").content.decode()


def test_too_early_an_answer_is_kept_and_not_explained() -> None:
    trainee = make_trainee(make_study(time_floor_s=60))
    item = open_paper(trainee)[0]

    response = check(make_client(trainee), item)

    assert response.status_code == 409
    assert "answers count in" in read_page(response).text
    assert sorted(read_page(response).ticked[f"q-{item}"]) == sorted(POOL[item].key)
    assert not [why for why in whys(item) if why in response.content.decode()]


def test_nobody_checks_for_somebody_else(trainee: Participant) -> None:
    item = open_paper(trainee)[0]
    stranger = make_client(None)
    assert stranger.post(CHECK, {"question": item, f"q-{item}": "a"}).status_code == 403
    other = make_client(make_trainee(trainee.study))
    assert other.post(CHECK, {"question": item, f"q-{item}": "a"}).headers["Location"] == address(FIRST)
    assert not Answer.objects.filter(answered_at__isnull=False).exists()


def test_a_graded_attempt_is_told_as_it_was_answered(trainee: Participant) -> None:
    first, *others = open_paper(trainee)
    answer_question(trainee, FIRST, first, wrong_answer(POOL[first]))
    attempt = Attempt.objects.get()
    asked = get_asked(attempt)
    assert asked is not None
    added = asked[-1].item
    for item in [*others, added.id]:
        answered = answer_question(trainee, FIRST, item, POOL[item].key)
    assert answered.graded is not None
    graded = get_graded(Attempt.objects.get())

    assert graded == answered.graded
    assert [(result.item.id, result.right, result.replaces) for result in graded.results] == [
        (first, False, ""),
        *[(item, True, "") for item in others],
        (added.id, True, first),
    ]
