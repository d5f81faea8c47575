from datetime import timedelta

import pytest

from escollect.accounts.actions import create_staff
from escollect.audit.models import AuditRow
from escollect.domain.quiz import BadAnswersError
from escollect.domain.tutorial import EXAM
from escollect.infra.clock import now
from escollect.people.actions import withdraw
from escollect.people.models import Participant
from escollect.studies.models import Study
from escollect.training.actions import (
    TrainingRefusedError,
    grant_qualification,
    revoke_qualification,
    start_attempt,
    submit_quiz,
)
from escollect.training.models import Attempt, Qualification
from escollect.training.papers import get_graded, get_last_graded, get_paper
from escollect.training.selectors import (
    get_progress,
    get_tutorial,
    has_qualification,
    is_revoked,
)
from tests.training.trainees import MODULES, answer, make_study, make_trainee, pass_modules, take

pytestmark = pytest.mark.django_db


def refusal(participant: Participant, slug: str) -> str:
    with pytest.raises(TrainingRefusedError) as caught:
        start_attempt(participant, slug)
    return caught.value.code


def test_all_modules_and_the_examination_make_a_supporter_qualified(trainee: Participant) -> None:
    pass_modules(trainee)
    assert not has_qualification(trainee)

    assert take(trainee, EXAM, wrong=4)

    qualification = Qualification.objects.get(participant=trainee)
    assert (qualification.tutorial_version, qualification.score) == (get_tutorial("en").version, 16 / 20)
    assert has_qualification(trainee)
    row = AuditRow.objects.get(action="qualification.earned")
    assert (row.actor, row.object_id) == (f"participant:{trainee.pk}", str(qualification.pk))


def test_a_failed_examination_qualifies_nobody_and_leaves_another_attempt(trainee: Participant) -> None:
    pass_modules(trainee)

    assert not take(trainee, EXAM, wrong=5)
    assert not has_qualification(trainee)
    assert take(trainee, EXAM)
    assert has_qualification(trainee)


@pytest.mark.parametrize("done", range(3))
def test_only_the_next_module_is_open(trainee: Participant, done: int) -> None:
    pass_modules(trainee, done)

    assert start_attempt(trainee, MODULES[done]).number == 1
    assert refusal(trainee, MODULES[done + 1]) == "locked"
    assert refusal(trainee, EXAM) == "locked"
    assert get_progress(trainee).following == MODULES[done]


def test_a_locked_part_takes_no_answers(trainee: Participant) -> None:
    for slug in [MODULES[1], EXAM]:
        with pytest.raises(TrainingRefusedError, match="locked"):
            submit_quiz(trainee, slug, {})
    assert not Attempt.objects.exists()


def test_a_seeker_has_no_training(study: Study) -> None:
    seeker = make_trainee(study, role="seeker")

    assert refusal(seeker, MODULES[0]) == "unknown"
    with pytest.raises(ValueError, match="seeker"):
        grant_qualification(seeker, None, "kindness")


def test_an_unknown_module_is_refused(trainee: Participant) -> None:
    assert refusal(trainee, "hypnosis") == "unknown"


def test_the_questions_stay_the_same_until_they_are_answered(trainee: Participant) -> None:
    first = start_attempt(trainee, MODULES[0])

    assert start_attempt(trainee, MODULES[0]) == first
    assert get_paper(first) == get_paper(Attempt.objects.get())


def test_an_attempt_is_graded_once(trainee: Participant) -> None:
    paper = get_paper(start_attempt(trainee, MODULES[0]))
    assert paper is not None
    assert not submit_quiz(trainee, MODULES[0], answer(paper, wrong=2)).passed

    with pytest.raises(TrainingRefusedError, match="closed"):
        submit_quiz(trainee, MODULES[0], answer(paper))

    attempt = Attempt.objects.get()
    assert (attempt.state, attempt.score) == (Attempt.State.FAILED, 0.6)


def test_the_answers_of_an_old_attempt_do_not_answer_a_new_one(trainee: Participant) -> None:
    old = get_paper(start_attempt(trainee, MODULES[0]))
    assert old is not None
    submit_quiz(trainee, MODULES[0], answer(old, wrong=2))
    papers = []
    for _ in range(20):
        new = get_paper(start_attempt(trainee, MODULES[0]))
        assert new is not None
        papers.append(tuple(item.id for item in new))
        submit_quiz(trainee, MODULES[0], answer(new, wrong=2))

    assert len(set(papers)) > 5
    assert [*Attempt.objects.order_by("number").values_list("number", flat=True)] == [*range(1, 22)]


def test_a_missing_answer_leaves_the_attempt_open(trainee: Participant) -> None:
    paper = get_paper(start_attempt(trainee, MODULES[0]))
    assert paper is not None
    answers = answer(paper)
    missed = answers.popitem()[0]

    with pytest.raises(BadAnswersError) as caught:
        submit_quiz(trainee, MODULES[0], answers)

    assert caught.value.problems == {missed: "missing"}
    assert Attempt.objects.get().state == Attempt.State.OPEN


def test_questions_of_a_tutorial_that_has_changed_are_drawn_anew(trainee: Participant) -> None:
    old = start_attempt(trainee, MODULES[0])
    Attempt.objects.update(tutorial_version="before")
    with pytest.raises(TrainingRefusedError, match="closed"):
        submit_quiz(trainee, MODULES[0], {})

    new = start_attempt(trainee, MODULES[0])

    assert new.pk != old.pk
    assert [*Attempt.objects.all()] == [new]


def test_what_was_passed_under_an_earlier_tutorial_stays_passed(trainee: Participant) -> None:
    pass_modules(trainee, 2)
    Attempt.objects.update(tutorial_version="before")

    assert get_progress(trainee).following == MODULES[2]
    graded = get_last_graded(trainee, MODULES[0])
    assert graded is not None
    assert get_graded(graded) is None


def test_progress_counts_attempts_and_keeps_the_best_score(trainee: Participant) -> None:
    take(trainee, MODULES[0], wrong=5)
    take(trainee, MODULES[0], wrong=1)
    take(trainee, MODULES[1], wrong=2)
    start_attempt(trainee, MODULES[1])

    progress = get_progress(trainee)

    assert [(part.slug, part.state, part.attempts, part.best) for part in progress.modules[:3]] == [
        (MODULES[0], "passed", 2, 0.8),
        (MODULES[1], "open", 1, 0.6),
        (MODULES[2], "locked", 0, None),
    ]
    assert (progress.done, progress.following, progress.exam.state) == (1, MODULES[1], "locked")


def test_a_study_sets_its_own_pass_marks() -> None:
    trainee = make_trainee(make_study(module_pass=1.0, exam_pass=0.5))

    assert not take(trainee, MODULES[0], wrong=1)
    pass_modules(trainee)
    assert take(trainee, EXAM, wrong=10)


def test_staff_grant_and_revoke_with_a_reason_that_is_kept(trainee: Participant) -> None:
    staff = create_staff("ada", "admin")

    granted = grant_qualification(trainee, staff, "trained elsewhere")
    assert grant_qualification(trainee, staff, "again") == granted
    assert has_qualification(trainee)
    assert revoke_qualification(trainee, staff, "unkind messages")
    assert not has_qualification(trainee)
    assert not revoke_qualification(trainee, staff, "twice")

    rows = AuditRow.objects.filter(action__startswith="qualification.").order_by("id")
    assert [(row.action, row.actor, row.why) for row in rows] == [
        ("qualification.granted", "staff:ada", "trained elsewhere"),
        ("qualification.revoked", "staff:ada", "unkind messages"),
    ]


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_qualification_is_not_given_or_taken_without_a_reason(trainee: Participant, reason: str) -> None:
    staff = create_staff("ada", "admin")
    with pytest.raises(ValueError, match="reason"):
        grant_qualification(trainee, staff, reason)
    with pytest.raises(ValueError, match="reason"):
        revoke_qualification(trainee, staff, reason)


def test_a_revoked_supporter_cannot_qualify_again_alone_but_staff_can_do_it(trainee: Participant) -> None:
    pass_modules(trainee)
    take(trainee, EXAM)
    revoke_qualification(trainee, create_staff("ada", "admin"), "unkind messages")

    assert is_revoked(trainee)
    assert refusal(trainee, EXAM) == "revoked"
    grant_qualification(trainee, None, "talked it over")
    assert has_qualification(trainee)
    assert not is_revoked(trainee)


def test_an_expired_qualification_does_not_count_and_can_be_earned_again(trainee: Participant) -> None:
    pass_modules(trainee)
    take(trainee, EXAM)
    Qualification.objects.update(expires_at=now() - timedelta(seconds=1))

    assert not has_qualification(trainee)
    assert not is_revoked(trainee)
    assert take(trainee, EXAM)
    assert has_qualification(trainee)
    assert not is_revoked(trainee)


def test_a_qualification_is_for_one_participation(study: Study, trainee: Participant) -> None:
    grant_qualification(trainee, None, "trained elsewhere")

    assert not has_qualification(make_trainee(study))


def test_a_withdrawal_deletes_the_answers(trainee: Participant) -> None:
    pass_modules(trainee, 2)
    withdraw(trainee)

    assert not Attempt.objects.exists()
