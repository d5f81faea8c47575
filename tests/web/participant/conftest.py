from __future__ import annotations

import pytest

from escollect.domain.study import Hotline, Resources
from escollect.studies.models import Study
from tests.support.rooms import make_study


@pytest.fixture
def study() -> Study:
    return make_study(
        "calm",
        summary="Half an hour with somebody.",
        resources=Resources((Hotline("The Line", "call 123", "here"),), exit_url="https://example.org/blank"),
        seeker_conversations=2,
    )
