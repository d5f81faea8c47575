"""Whether scores of the training go with second opinions on the labels that supporters chose."""

from __future__ import annotations

import statistics

import pytest

from escollect.conversations.models import Conversation
from escollect.domain.correlation import Reading, Share
from escollect.domain.tutorial import EXAM
from escollect.people.models import Participant
from escollect.quality.models import Campaign, Item, Relabel
from escollect.quality.training_prediction import Later, get_prediction
from escollect.quality.training_scope import Scope
from escollect.studies.models import Study
from escollect.training.actions.history import add_history
from tests.quality.test_training_analysis import START, TUTORIAL, attempt, converse, make_trainees
from tests.support.rooms import make_study

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    return make_study()


def give_opinions(study: Study, supporter: Participant, opinions: str) -> None:
    """Second opinions on utterances of a supporter: "=" agrees with the label, "x" does not, "v" is set
    aside; each by somebody of their own.
    """
    campaign, _new = Campaign.objects.get_or_create(study=study, title="Second look")
    room = Conversation.objects.filter(supporter=supporter, state="finished").exclude(kind="practice")[0]
    for seq, mark in enumerate(opinions, 1):
        place = {"conversation": room, "seq": seq, "order": seq, "original": "Question"}
        item = Item.objects.create(campaign=campaign, is_gold=mark == "g", **place)
        Relabel.objects.create(
            item=item,
            assigned_at=START,
            lease_until=START,
            given_at=START,
            strategy="Question" if mark == "=" else "Others",
            void_at=START if mark == "v" else None,
        )


def test_scores_are_set_against_second_opinions_on_the_labels(study: Study) -> None:
    people = make_trainees(study, 12)
    add_history(
        TUTORIAL, [attempt(who, EXAM, "111111" if at % 2 else "111110") for at, who in enumerate(people)]
    )
    marks = ["=x", "==", "==x", "===", "=xx", "==v", "x=", "===g", "=x", "==", "=x", "="]
    for who, opinions in zip(people, marks, strict=True):
        converse(study, who, "accepted")
        give_opinions(study, who, opinions)
    found = get_prediction(Scope(study), TUTORIAL)
    (exam,) = [one.outcomes for one in found.predictors if one.module == EXAM]
    agreeing = [one.count("=") / (one.count("=") + one.count("x")) for one in marks]
    scores = [1.0 if at % 2 else 5 / 6 for at in range(12)]
    assert exam[Later.RELABELS].n == 12
    assert exam[Later.RELABELS].correlation == pytest.approx(statistics.correlation(scores, agreeing))
    assert exam[Later.RELABELS].reading == Reading.TOGETHER
    assert found.opinions == 27
    assert [(band.low, band.relabels) for band in found.bands] == [(80, Share(7, 14)), (100, Share(13, 13))]
