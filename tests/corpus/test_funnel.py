"""Who counts as qualified: in the funnel and in the list of participants as at the door of the lobby."""

from __future__ import annotations

from datetime import timedelta

import pytest

from escollect.corpus.funnel import get_funnel
from escollect.infra.clock import now
from escollect.people.models import Participant
from escollect.studies.models import Study
from escollect.training.actions import grant_qualification
from escollect.training.directory import QUALIFIED, Wanted, get_directory
from escollect.training.models import Qualification
from escollect.training.selectors import get_tutorial, has_qualification
from tests.training.trainees import make_study, make_trainee

pytestmark = pytest.mark.django_db

STALE = {"score": 0.9, "tutorial_version": "before"}


def make_qualified(study: Study, **changes: object) -> Participant:
    """A supporter whose qualification has these columns."""
    trainee = make_trainee(study)
    qualification = grant_qualification(trainee, None, "for the test")
    Qualification.objects.filter(pk=qualification.pk).update(**changes)
    return trainee


def make_everybody(study: Study) -> dict[str, Participant]:
    """One supporter for each way in which a qualification may stand or not."""
    moment, day = now(), timedelta(days=1)
    return {
        "fresh": make_qualified(study, score=0.9, tutorial_version=get_tutorial("en").version),
        "not over yet": make_qualified(study, expires_at=moment + day),
        "by hand, before the change": make_qualified(study, tutorial_version="before"),
        "expired": make_qualified(study, expires_at=moment - day),
        "revoked": make_qualified(study, revoked_at=moment, end="revoked"),
        "of an earlier tutorial": make_qualified(study, **STALE),
        "never qualified": make_trainee(study),
    }


@pytest.mark.parametrize(("refresher", "stale"), [("none", ["of an earlier tutorial"]), ("changed", [])])
def test_funnel_list_and_lobby_agree_on_who_is_qualified(refresher: str, stale: list[str]) -> None:
    study = make_study(refresher=refresher)
    people = make_everybody(study)
    standing = ["fresh", "not over yet", "by hand, before the change", *stale]

    listed = {person.pk for person in get_directory(study, Wanted(qualification=QUALIFIED), size=50).rows}

    assert [name for name, one in people.items() if has_qualification(one)] == standing
    assert [name for name, one in people.items() if one.pk in listed] == standing
    assert {step.step: step.count for step in get_funnel(study)}["qualified"] == len(standing)


def test_a_qualification_counts_by_the_version_of_the_study_that_its_owner_agreed_to() -> None:
    before = make_qualified(make_study(refresher="none"), **STALE)
    after = make_qualified(make_study(refresher="changed"), **STALE)

    assert (has_qualification(before), has_qualification(after)) == (True, False)
    assert {step.step: step.count for step in get_funnel(before.study)}["qualified"] == 1
