import pytest
from django.test import Client

from escollect.people.models import Participant
from escollect.studies.models import Study
from tests.training.trainees import make_client, make_study, make_trainee


@pytest.fixture
def study(db: None) -> Study:  # noqa: ARG001  the database has to be there
    """The demo study."""
    return make_study()


@pytest.fixture
def trainee(study: Study) -> Participant:
    """A supporter who consented and has learned nothing yet."""
    return make_trainee(study)


@pytest.fixture
def browser_of_trainee(trainee: Participant) -> Client:
    """The trainee's browser."""
    return make_client(trainee)
