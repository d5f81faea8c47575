"""What a study's gate asks: attempts, cool-down, time floor, expiry, refresher, language."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models import F
from pytest_django import Settings

from escollect.conversations.models import Outcome
from escollect.conversations.selectors import next_step
from escollect.domain.lifecycle import Step
from escollect.domain.tutorial import EXAM
from escollect.infra.clock import now
from escollect.people.models import Participant
from escollect.training.actions import (
    TrainingRefusedError,
    answer_question,
    grant_qualification,
    start_attempt,
    submit_quiz,
)
from escollect.training.limits import get_exam_opening, get_tries_left
from escollect.training.models import Attempt, Qualification
from escollect.training.papers import get_paper
from escollect.training.selectors import (
    get_progress,
    get_tutorial,
    get_tutorial_for,
    has_qualification,
    is_revoked,
)
from tests.training.trainees import (
    ENGLISH,
    MODULES,
    address,
    answer,
    make_client,
    make_study,
    make_trainee,
    pass_modules,
    read_page,
    take,
)

pytestmark = pytest.mark.django_db


def refusal(participant: Participant, slug: str) -> TrainingRefusedError:
    with pytest.raises(TrainingRefusedError) as caught:
        start_attempt(participant, slug)
    return caught.value


def make_examinee(**gate: object) -> Participant:
    """Somebody who has passed every module of a study with this gate."""
    trainee = make_trainee(make_study(**gate))
    pass_modules(trainee)
    return trainee


def test_the_last_failed_examination_ends_the_training_with_its_code_and_pay() -> None:
    trainee = make_examinee(attempts=2)
    assert get_tries_left(trainee, EXAM) == 2
    assert not take(trainee, EXAM, wrong=20)
    assert (get_tries_left(trainee, EXAM), next_step(trainee)) == (1, Step.TRAINING)
    assert not Outcome.objects.exists()

    assert not take(trainee, EXAM, wrong=20)

    outcome = Outcome.objects.get()
    assert (outcome.participant, outcome.code, outcome.pay_rule) == (trainee, "tutorial_failed", "part")
    assert (outcome.ticket, outcome.conversation) == (None, None)
    assert next_step(trainee) is Step.DONE
    assert [refusal(trainee, slug).code for slug in (EXAM, MODULES[0])] == ["over", "over"]


def test_who_has_failed_for_good_is_told_so_kindly_and_gets_the_code() -> None:
    trainee = make_examinee(attempts=1)
    browser = make_client(trainee)
    paper = get_paper(start_attempt(trainee, EXAM))
    assert paper is not None
    given = {f"q-{item}": choice for item, choice in answer(paper, wrong=20).items()}

    result = read_page(browser.post("/training/exam/", given, follow=True))

    assert "That was the last attempt of this training" in result.text
    assert "Try again" not in result.text
    assert browser.get("/next/").headers["Location"] == "/done/"
    done = read_page(browser.get("/done/"))
    assert "The training was not passed this time. Thank you for the time you took." in done.text
    assert Outcome.objects.get().completion_code in done.text
    assert "Try again" not in done.text
    for path in ("/training/exam/", address(MODULES[0])):
        assert browser.post(path, given).headers["Location"] == "/done/"
    assert "The attempts of this training are used up" in read_page(browser.get("/training/")).text


def test_failing_a_module_too_often_ends_the_training_and_passing_it_in_time_does_not() -> None:
    trainee = make_trainee(make_study(module_attempts=2))
    take(trainee, MODULES[0], wrong=5)
    assert take(trainee, MODULES[0])
    take(trainee, MODULES[1], wrong=5)
    assert next_step(trainee) is Step.TRAINING

    take(trainee, MODULES[1], wrong=5)

    assert next_step(trainee) is Step.DONE
    assert [*Outcome.objects.values_list("code", flat=True)] == ["tutorial_failed"]


def test_staff_can_qualify_somebody_who_failed_for_good() -> None:
    trainee = make_examinee(attempts=1)
    take(trainee, EXAM, wrong=20)

    grant_qualification(trainee, None, "passed an interview")

    assert next_step(trainee) is Step.LOBBY
    assert "Go on" in read_page(make_client(trainee).get("/done/")).text


def test_without_a_limit_nobody_fails_for_good() -> None:
    trainee = make_examinee()
    for _ in range(4):
        assert not take(trainee, EXAM, wrong=20)

    assert (get_tries_left(trainee, EXAM), next_step(trainee)) == (None, Step.TRAINING)
    assert take(trainee, EXAM)


def test_the_next_examination_opens_after_the_cool_down() -> None:
    trainee = make_examinee(cool_down=2)
    take(trainee, EXAM, wrong=20)
    failed = Attempt.objects.get(module=EXAM)
    assert failed.graded_at is not None

    assert get_exam_opening(trainee) == failed.graded_at + timedelta(hours=2)
    assert refusal(trainee, EXAM).code == "cooling"
    browser = make_client(trainee)
    assert browser.get("/training/exam/").headers["Location"] == "/training/exam/answers/"
    assert browser.post("/training/exam/", {}).headers["Location"] == "/training/exam/answers/"
    assert "The next examination opens on" in read_page(browser.get("/training/exam/answers/")).text
    assert "The next examination opens on" in read_page(browser.get("/training/")).text

    Attempt.objects.filter(pk=failed.pk).update(graded_at=F("graded_at") - timedelta(hours=2))
    assert take(trainee, EXAM)


def test_answers_count_only_after_the_time_floor_and_are_kept_until_then() -> None:
    trainee = make_trainee(make_study(time_floor_s=60))
    paper = get_paper(start_attempt(trainee, MODULES[0]))
    assert paper is not None
    given = answer(paper)
    with pytest.raises(TrainingRefusedError, match="early") as caught:
        submit_quiz(trainee, MODULES[0], given)
    assert 50 < caught.value.seconds <= 60
    with pytest.raises(TrainingRefusedError, match="early"):
        answer_question(trainee, MODULES[0], paper[0].id, given[paper[0].id])
    form = {f"q-{item}": choice for item, choice in given.items()}

    response = make_client(trainee).post(address(MODULES[0]), form)

    page = read_page(response)
    assert response.status_code == 409
    assert "answers count in" in page.text
    assert {name: sorted(page.ticked[name]) for name in form} == {n: sorted(v) for n, v in form.items()}
    assert Attempt.objects.get().state == Attempt.State.OPEN

    Attempt.objects.update(started_at=F("started_at") - timedelta(seconds=60))
    assert submit_quiz(trainee, MODULES[0], given).passed


def test_the_time_floor_is_for_reading_so_another_attempt_does_not_wait_again() -> None:
    trainee = make_trainee(make_study(time_floor_s=60))
    start_attempt(trainee, MODULES[0])
    Attempt.objects.update(started_at=F("started_at") - timedelta(seconds=60))

    assert not take(trainee, MODULES[0], wrong=5)
    assert take(trainee, MODULES[0])


def test_a_qualification_names_version_score_date_and_expiry() -> None:
    trainee = make_examinee(expires_days=30)
    take(trainee, EXAM, wrong=1)

    found = Qualification.objects.get()

    assert (found.tutorial_version, found.score) == (get_tutorial("en").version, 0.95)
    assert found.expires_at == found.granted_at + timedelta(days=30)
    assert abs(now() - found.granted_at) < timedelta(minutes=1)


def test_after_the_expiry_only_the_examination_is_taken_again() -> None:
    trainee = make_examinee(expires_days=1, attempts=1)
    take(trainee, EXAM)
    Qualification.objects.update(expires_at=now() - timedelta(seconds=1))

    progress = get_progress(trainee)
    assert (progress.done, progress.following, progress.exam.state) == (len(MODULES), EXAM, "open")
    assert next_step(trainee) is Step.TRAINING
    browser = make_client(trainee)
    assert "The examination is due again" in read_page(browser.get("/training/")).text
    assert browser.get("/training/exam/").status_code == 200
    assert take(trainee, EXAM)
    assert next_step(trainee) is Step.LOBBY
    assert [*Qualification.objects.order_by("granted_at").values_list("end", flat=True)] == ["expired", ""]


@pytest.mark.parametrize(("refresher", "stands"), [("none", True), ("changed", False)])
def test_a_changed_tutorial_asks_for_a_refresher_where_the_study_wants_one(
    refresher: str, stands: bool
) -> None:
    trainee = make_examinee(refresher=refresher)
    take(trainee, EXAM)
    Qualification.objects.update(tutorial_version="before")

    assert has_qualification(trainee) is stands
    assert not is_revoked(trainee)
    if not stands:
        assert get_progress(trainee).following == EXAM
        assert take(trainee, EXAM)
        assert has_qualification(trainee)
        assert sorted(Qualification.objects.values_list("end", flat=True)) == ["", "renewed"]


def test_a_qualification_by_hand_needs_no_refresher() -> None:
    trainee = make_trainee(make_study(refresher="changed"))
    grant_qualification(trainee, None, "trained elsewhere")
    Qualification.objects.update(tutorial_version="before")

    assert has_qualification(trainee)


def test_a_study_chooses_the_language_of_its_tutorial(tmp_path: Path, settings: Settings) -> None:
    for language in ("en", "de"):
        shutil.copytree(ENGLISH, tmp_path / language)
    head = tmp_path / "de" / "tutorial.yaml"
    head.write_text(head.read_text().replace("language: en", "language: de"))
    settings.TUTORIALS_DIR = tmp_path

    assert get_tutorial_for(make_trainee(make_study(language="de"))).language == "de"
    assert get_tutorial_for(make_trainee(make_study())).language == "en"
